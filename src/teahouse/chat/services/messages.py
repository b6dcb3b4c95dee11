"""Sending messages: what is checked and rendered before the log, and the ways in."""

from collections.abc import Callable

from teahouse.chat import access, errors
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Outcome
from teahouse.chat.models import Message
from teahouse.chat.people import Person
from teahouse.chat.selectors import rooms
from teahouse.chat.services import opening
from teahouse.chat.services.sending import SendMessage
from teahouse.chat.services.sending_rows import Sent
from teahouse.chat.text import markdown, mentions
from teahouse.chat.text.cleaning import BadText, clean_body

_MOST_KEY_CHARS = 64
_EVERYONE = {"nobody": Message.Everyone.NOBODY, "here": Message.Everyone.HERE, "all": Message.Everyone.ALL}


def send_message(
    *,
    author: Person,
    room_id: int,
    client_key: str,
    body: str,
    reply_to: int | None = None,
    thread: int | None = None,
    files: tuple[int, ...] = (),
) -> Sent:
    """
    Append a message to a room. `reply_to` and `thread` are ids of messages there; `files` are of the author's, uploaded
    to this room and in no message yet; with files the body may be empty.

    The same `client_key` (1 to 64 characters of ASCII) again gives the first answer and tells nobody; with anything
    else in it, KeyConflict. Raises errors.BadBody, NotAMember, NotAllowed, Muted, Archived, TooSoon, NoSuchMessage,
    NoSuchFile, BadArgument; TryAgain.
    """
    entry = prepared(
        author_id=author.pk,
        room_id=room_id,
        client_key=client_key,
        body=body,
        reply_to=reply_to,
        thread=thread,
        files=files,
    )
    return writer.write(entry)


def send_to_lobby(*, author: Person, body: str, client_key: str) -> Sent:
    """To everyone, as `send_message`."""
    cleaned(body, has_files=False)
    room = access.lobby_for(user=author)
    return send_message(author=author, room_id=room.pk, body=body, client_key=client_key)


def send_to_person(*, author: Person, receiver_id: int, body: str, client_key: str) -> Sent:
    """To the direct room of two, which is made when there is none; as `send_message`. Raises errors.NoSuchPerson."""
    cleaned(body, has_files=False)
    room_id = opening.direct_room_of(author, {receiver_id})
    return send_message(author=author, room_id=room_id, body=body, client_key=client_key)


def prepared(
    *,
    author_id: int,
    room_id: int,
    client_key: str,
    body: str,
    reply_to: int | None = None,
    thread: int | None = None,
    files: tuple[int, ...] = (),
    has_files: bool = False,
    forwarded_from: int | None = None,
) -> SendMessage:
    """
    Cleaned, rendered, and with the people it names. `has_files` where `files` are to follow. Raises errors.BadBody,
    BadArgument.
    """
    body = cleaned(body, has_files=has_files or bool(files))
    _check_key(client_key)
    if len(files) > conf().max_files_per_message or len(set(files)) < len(files):
        raise errors.BadArgument("files")
    entry = _entry(author_id, room_id, client_key, body)
    entry.reply_to, entry.thread, entry.files, entry.forwarded_from = reply_to, thread, files, forwarded_from
    if not markdown.is_plain(body):
        entry.html, entry.mentions, entry.everyone = rendered(body, room_id)
    return entry


def _entry(author_id: int, room_id: int, client_key: str, body: str) -> SendMessage:
    """Of a cleaned text without marks."""
    rings = _rung_by(author_id, rooms.people_of(room_id))
    return SendMessage(actor_id=author_id, room_id=room_id, client_key=client_key, body=body, rings=rings)


def _rung_by(author_id: int, people: tuple[int, ...]) -> tuple[int, ...]:
    """Who writes to nobody else rings themselves."""
    return tuple([user for user in people if user != author_id]) or people if people else people


def rendered(body: str, room_id: int) -> tuple[str, tuple[int, ...], int]:
    """What a cleaned body looks like, whom it names in the room, and whether it calls everyone (Message.Everyone)."""
    found = mentions.names_in(body)
    people: dict[str, int] = {}
    if found.names:
        people = mentions.resolve(body, rooms.people_by_mention_in(room_id))
    return (
        markdown.render(body, mentions=people),
        tuple(sorted(set(people.values()))),
        int(_EVERYONE[found.everyone]),
    )


def start_sending(
    *, author_id: int, room_id: int, client_key: str, body: str, then: Callable[[Outcome | None], None]
) -> bool:
    """
    As `send_message`, for what needs nothing but the log: may be called on the loop. False when it needs more, and
    nothing was done. `then` as of `writer.append`. Raises errors.BadBody, BadArgument.
    """
    if not rooms.are_people_known(room_id):
        return False
    body = cleaned(body, has_files=False)
    _check_key(client_key)
    if not markdown.is_plain(body):
        return False
    writer.append(_entry(author_id, room_id, client_key, body), then)
    return True


def _check_key(client_key: str) -> None:
    if not 0 < len(client_key) <= _MOST_KEY_CHARS or not client_key.isascii() or not client_key.isprintable():
        raise errors.BadArgument("client_key")


def cleaned(body: str, *, has_files: bool) -> str:
    """A text as it is stored. Raises errors.BadBody."""
    if has_files and not body.strip():
        return ""
    try:
        return clean_body(body, conf().max_body_chars)
    except BadText as error:
        raise errors.BadBody(str(error)) from None
