"""What a client of the article may ask for, in a table: one function per command, over the same services as the API."""

import re
from collections.abc import Callable

import msgspec

from teahouse.chat import errors
from teahouse.chat.people import Person
from teahouse.chat.services import messages

# A numeric string as a form field makes it; "02", "+2" and "２" are none.
_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class DemoMessageSend(msgspec.Struct, frozen=True):
    """The content of `demo-message-send`. Unknown fields are passed over, as the upstream server does."""

    text: str
    # Looked at by `receiver_in`: a form sends "" or a number, and others send anything.
    to_user_id: msgspec.Raw = msgspec.field(name="toUserId", default=msgspec.Raw(b"null"))


class BadRecipient(ValueError):
    """Neither everyone nor the number of a person."""


def receiver_in(value: object) -> int | None:
    """
    The person a `toUserId` means; None is everyone: null, "", 0 and "0", as the article has it.

    Raises:
        BadRecipient: for all that is no number, which must never become a message to everyone.
    """
    if value is None or value in ("", "0"):
        return None
    if isinstance(value, bool):
        raise BadRecipient
    if isinstance(value, float) and value.is_integer() and value >= 1:
        return int(value)
    if isinstance(value, int):
        if value < 0:
            raise BadRecipient
        return value or None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    raise BadRecipient


def send_demo_message(author: Person, content: str, command_key: str) -> str | None:
    try:
        asked = _decoder.decode(content)
        receiver = receiver_in(msgspec.json.decode(asked.to_user_id))
    except BadRecipient:
        return "bad recipient"
    except (msgspec.DecodeError, RecursionError, ValueError):
        return "bad content"
    try:
        if receiver is None:
            messages.send_to_lobby(author=author, body=asked.text, client_key=command_key)
        else:
            messages.send_to_person(author=author, receiver_id=receiver, body=asked.text, client_key=command_key)
    except errors.NoSuchPerson:
        return "bad recipient"
    except errors.BadBody:
        return "bad text"
    except errors.NotAMember:
        return "not a member"
    except errors.ChatError as refusal:
        # Muted, archived, too soon: for good, as far as this command goes.
        return refusal.slug
    return None


Command = Callable[[Person, str, str], str | None]

# Each takes the author, the content (JSON text) and a key of its own for this one command; it returns None, or why
# the command was passed over.
CLASSIC_COMMANDS: dict[str, Command] = {"demo-message-send": send_demo_message}

_decoder = msgspec.json.Decoder(DemoMessageSend)
