"""Which path and method is which command: the whole HTTP API of the chat but its files, in one table."""

import re
from typing import NamedTuple

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


class Route(NamedTuple):
    """
    `path` is Django's, below `/api/`; its parameters are fields of the command. `status` is what a done command is
    answered with: 201 where something was made that has an id of its own.
    """

    method: str
    path: str
    command: str
    status: int = 200

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(_PARAMETER.findall(self.path))

    @property
    def template(self) -> str:
        """The path with names in braces, as OpenAPI has it."""
        return _PARAMETER.sub(r"{\1}", self.path)

    @property
    def is_read(self) -> bool:
        return self.method == "GET"


ROUTES = (
    # Rooms.
    Route("POST", "rooms", "room.create", 201),
    Route("POST", "rooms/direct", "room.open"),
    Route("GET", "rooms/public", "room.list_public"),
    Route("GET", "rooms/<int:room>", "room.get"),
    Route("PATCH", "rooms/<int:room>", "room.change"),
    Route("PUT", "rooms/<int:room>/archive", "room.archive"),
    Route("DELETE", "rooms/<int:room>/archive", "room.unarchive"),
    # Their people. `membership` is one's own.
    Route("PUT", "rooms/<int:room>/membership", "room.join"),
    Route("PATCH", "rooms/<int:room>/membership", "room.prefer"),
    Route("DELETE", "rooms/<int:room>/membership", "room.leave"),
    Route("GET", "rooms/<int:room>/members", "room.members"),
    Route("POST", "rooms/<int:room>/members", "room.invite"),
    Route("DELETE", "rooms/<int:room>/members/<int:user>", "room.remove"),
    Route("PUT", "rooms/<int:room>/members/<int:user>/role", "room.role"),
    Route("PUT", "rooms/<int:room>/members/<int:user>/mute", "room.mute"),
    Route("GET", "rooms/<int:room>/bans", "room.bans"),
    Route("PUT", "rooms/<int:room>/bans/<int:user>", "room.ban"),
    Route("DELETE", "rooms/<int:room>/bans/<int:user>", "room.unban"),
    # Links. The secret is in a body, not in an address that servers write into their logs.
    Route("GET", "rooms/<int:room>/invites", "invite.list"),
    Route("POST", "rooms/<int:room>/invites", "invite.create", 201),
    Route("DELETE", "invites/<int:invite>", "invite.revoke"),
    Route("POST", "invites/look", "invite.look"),
    Route("POST", "invites/accept", "invite.accept"),
    # Messages.
    Route("GET", "rooms/<int:room>/messages", "room.messages"),
    Route("POST", "rooms/<int:room>/messages", "message.send", 201),
    Route("GET", "rooms/<int:room>/messages/at", "room.messages_at"),
    # Written, since a text is too long for an address.
    Route("POST", "messages/preview", "message.preview"),
    Route("GET", "messages/<int:message>", "message.get"),
    Route("PATCH", "messages/<int:message>", "message.edit"),
    Route("DELETE", "messages/<int:message>", "message.delete"),
    Route("GET", "messages/<int:message>/revisions", "message.revisions"),
    Route("POST", "messages/<int:message>/forward", "message.forward", 201),
    Route("PUT", "messages/<int:message>/reactions/<str:emoji>", "reaction.add"),
    Route("DELETE", "messages/<int:message>/reactions/<str:emoji>", "reaction.remove"),
    Route("GET", "rooms/<int:room>/pins", "pin.list"),
    Route("PUT", "messages/<int:message>/pin", "pin.add"),
    Route("DELETE", "messages/<int:message>/pin", "pin.remove"),
    # Threads, by the message that begins one or any reply.
    Route("GET", "messages/<int:message>/thread", "thread.get"),
    Route("PUT", "messages/<int:message>/thread/follow", "thread.follow"),
    Route("DELETE", "messages/<int:message>/thread/follow", "thread.unfollow"),
    Route("PUT", "messages/<int:message>/thread/mute", "thread.mute"),
    Route("PUT", "messages/<int:message>/thread/resolved", "thread.resolve"),
    Route("DELETE", "messages/<int:message>/thread/resolved", "thread.unresolve"),
    Route("POST", "messages/<int:message>/thread/read", "thread.read"),
    # Reading.
    Route("POST", "rooms/<int:room>/read", "room.read"),
    Route("POST", "rooms/<int:room>/unread", "room.unread"),
    Route("GET", "messages/<int:message>/readers", "room.readers"),
    # What is one's own.
    Route("GET", "me/threads", "thread.list"),
    Route("GET", "me/saved", "saved.list"),
    Route("PUT", "me/saved/<int:message>", "saved.add"),
    Route("DELETE", "me/saved/<int:message>", "saved.remove"),
    Route("GET", "me/drafts", "draft.list"),
    Route("PUT", "rooms/<int:room>/draft", "draft.set"),
    Route("GET", "me/notices", "notice.list"),
    # Notices. `GET` and `POST notices` are in `views`, as they have been from the first day.
    Route("POST", "notices/publish", "notice.publish", 201),
    Route("PUT", "notices/<int:notice>/read", "notice.read"),
    Route("PUT", "notices/<int:notice>/confirmation", "notice.confirm"),
    Route("GET", "notices/<int:notice>/readers", "notice.readers"),
    # Finding.
    Route("GET", "search", "search"),
    Route("GET", "people", "people.find"),
    Route("GET", "people/by-id", "people.get"),
    # Catching up.
    Route("GET", "sync", "sync"),
    Route("GET", "rooms/<int:room>/publications", "room.publications"),
    Route("GET", "me/publications", "user.publications"),
    Route("GET", "site/publications", "site.publications"),
)

# Asked for over connections only: forgotten once it is shown, and too often for a request each.
CONNECTIONS_ONLY = frozenset({"typing"})
# Views of their own answer these, in an older shape.
BY_HAND = frozenset({"notice.push"})
