"""
One room with people in every relation to it, and what a request for each command would say. Everything is made through
the commands themselves.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from teahouse.accounts.models import User
from teahouse.chat import access
from teahouse.chat import models as chat_models
from teahouse.chat.api.routes import ROUTES, Route
from teahouse.chat.commands import table
from teahouse.chat.commands.native import COMMANDS
from teahouse.chat.selectors import rooms
from tests.accounts.conftest import new_person

ROLES = ("anonymous", "stranger", "ex_member", "member", "moderator", "admin", "deactivated")
WRITES = [route for route in ROUTES if not route.is_read]
READS = [route for route in ROUTES if route.is_read]
# What nobody has.
MISSING = 9_999_999


class World:
    def __init__(self) -> None:
        self.owner = new_person("owner")
        self.people: dict[str, User | None] = {
            role: new_person(role, is_admin=role == "admin") for role in ROLES if role != "anonymous"
        }
        self.people["anonymous"] = None
        self.somebody = new_person("somebody")
        self.banned = new_person("banned")
        members = [self.id_of(role) for role in ("ex_member", "member", "moderator", "deactivated")]
        self.room = self.run(
            "room.create",
            client_key="room",
            kind="private",
            name="Pu-erh",
            people=[*members, self.somebody.pk, self.banned.pk],
        )["room"]["id"]
        self.run("room.role", room=self.room, user=self.id_of("moderator"), role="moderator")
        self.run("room.leave", by="ex_member", room=self.room)
        self.run("room.ban", room=self.room, user=self.banned.pk)
        self.message = self.run("message.send", room=self.room, client_key="m", body="tea")["id"]
        self.reply = self.run("message.send", room=self.room, client_key="r", body="more", thread=self.message)["id"]
        self.invite, self.secret = (
            self.run("invite.create", room=self.room, client_key="i")[name] for name in ("id", "secret")
        )
        self.notice = self.run("notice.publish", by="admin", client_key="n", title="Closed", asks_confirmation=True)[
            "notice"
        ]["id"]
        self.lobby = access.lobby().pk
        User.objects.filter(pk=self.id_of("deactivated")).update(is_active=False)

    def id_of(self, role: str) -> int:
        person = self.people[role]
        assert person is not None
        return person.pk

    def run(self, command: str, by: str = "", **asked: Any) -> Any:
        user_id = self.id_of(by) if by else self.owner.pk
        return json.loads(table.run(COMMANDS, user_id, command, json.dumps(asked).encode()))

    def asked(self, command: str) -> dict[str, Any]:
        """What a good request for it says, the parts of its path among them."""
        room, message = {"room": self.room}, {"message": self.message}
        one, notice = {"room": self.room, "user": self.somebody.pk}, {"notice": self.notice}
        return {
            "room.create": {"client_key": "k", "kind": "public", "name": "Oolong"},
            "room.open": {"people": [self.somebody.pk]},
            "room.change": {**room, "topic": "leaves"},
            "room.prefer": {**room, "is_favourite": True},
            "room.invite": {**room, "people": [self.owner.pk]},
            "room.remove": one,
            "room.role": {**one, "role": "reader"},
            "room.mute": {**one, "seconds": 60},
            "room.ban": {**one, "seconds": 60},
            "room.unban": {"room": self.room, "user": self.banned.pk},
            "invite.create": {**room, "client_key": "k"},
            "invite.revoke": {"invite": self.invite},
            "invite.look": {"secret": self.secret},
            "invite.accept": {"secret": self.secret},
            "message.send": {**room, "client_key": "k", "body": "hello"},
            "message.preview": {"body": "**tea**"},
            "message.edit": {**message, "body": "green tea"},
            "message.forward": {**message, "room": self.lobby, "client_key": "k"},
            "room.messages_at": {**room, "at": 0},
            "reaction.add": {**message, "emoji": "🍵"},
            "reaction.remove": {**message, "emoji": "🍵"},
            "thread.read": {**message, "number": 2},
            "room.read": {**room, "number": 1},
            "room.unread": {**room, "number": 1},
            "draft.set": {**room, "body": "later"},
            "notice.publish": {"client_key": "k", "title": "Open"},
            "search": {"query": "tea"},
            "people.find": {"query": ""},
            "people.get": {"users": [self.owner.pk]},
            "room.publications": {**room, "after": 0},
            "user.publications": {"after": 0},
            "site.publications": {"after": 0},
        }.get(command) or self._from_fields(command, {**room, **message, **notice})

    @staticmethod
    def _from_fields(command: str, known: dict[str, Any]) -> dict[str, Any]:
        return {name: known[name] for name in COMMANDS[command].request.__struct_fields__ if name in known}


def client_of(person: User | None) -> Client:
    """A program with an access token, or with none."""
    headers = {} if person is None else {"authorization": f"Bearer {AccessToken.for_user(person)}"}
    return Client(enforce_csrf_checks=True, headers={"host": "localhost", **headers})


def ask(client: Client, route: Route, asked: dict[str, Any], **more: Any) -> HttpResponse:
    """The request that says this: its path, and the rest as its query or body."""
    parts = {name: str(asked[name]) for name in route.parameters}
    path = "/api/" + route.template.format(**parts)
    rest = {name: value for name, value in asked.items() if name not in parts}
    if route.is_read:
        return client.get(path, rest, **more)
    return client.generic(route.method, path, json.dumps(rest), content_type="application/json", **more)


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    # The next ones get the same ids.
    rooms.forget_cached()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of people and of the chat."""
    kinds = [kind for kind in vars(chat_models).values() if isinstance(kind, type) and issubclass(kind, Model)]
    return {
        kind.__name__: sorted(kind._default_manager.values_list(), key=repr)
        for kind in [User, *(kind for kind in kinds if not kind._meta.abstract)]
    }
