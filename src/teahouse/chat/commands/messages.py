"""Commands about messages: sending, editing, deleting, forwarding; reactions and pins; pages of them."""

import datetime
from typing import Annotated

import msgspec

from teahouse.chat import access, errors, frames
from teahouse.chat.commands.table import Command
from teahouse.chat.people import Person
from teahouse.chat.selectors import messages as pages
from teahouse.chat.services import editing, forwarding, messages, pins, reactions
from teahouse.chat.services.sending_rows import Sent
from teahouse.chat.text import markdown

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
# Of a message in its room, or one beside it.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=pages.MOST_PER_PAGE)]
# Milliseconds since 1970, up to the end of the calendar.
Moment = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799_999)]


class SendMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: Id
    client_key: Key
    body: str = ""
    reply_to: Id | None = None
    thread: Id | None = None
    files: tuple[Id, ...] = ()

    @property
    def is_text(self) -> bool:
        """Nothing else is to be looked up."""
        return self.reply_to is None and self.thread is None and not self.files


class EditMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message: Id
    body: str


class ForwardMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`room` is where to; `body` a comment above the copy."""

    message: Id
    room: Id
    client_key: Key
    body: str = ""


class PreviewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text as it would be sent."""

    body: str


class Preview(msgspec.Struct, frozen=True):
    """`html` is there for plain text too. Nobody is looked up: of mentions only those of everyone are marked."""

    html: str


class OneMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message: Id


class OneReaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message: Id
    emoji: str


class RevisionsOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`before` is the id of a revision."""

    message: Id
    before: Id | None = None
    limit: Limit = 50


class PinsOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: Id


class PinnedMessages(msgspec.Struct, frozen=True):
    """All, the last pinned first."""

    results: list[pages.Pinned]


class MessagesOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers, at most one of them; without any the newest."""

    room: Id
    before: Number | None = None
    after: Number | None = None
    around: Number | None = None
    limit: Limit = 50


class MessagesAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    room: Id
    at: Moment


class NumberAt(msgspec.Struct, frozen=True):
    """Of the first message at or after the moment; None when there is none. It may be `around` of a page."""

    number: int | None


def send(person: Person, asked: SendMessage) -> Sent:
    return messages.send_message(
        author=person,
        room_id=asked.room,
        client_key=asked.client_key,
        body=asked.body,
        reply_to=asked.reply_to,
        thread=asked.thread,
        files=asked.files,
    )


def get(person: Person, asked: OneMessage) -> frames.Message:
    """A message as it is now; a deleted one is empty."""
    _, message = access.message_for(user=person, message_id=asked.message)
    return pages.frame_of(message)


def preview(person: Person, asked: PreviewMessage) -> Preview:
    """What a text will look like. Nothing is stored, and nobody hears of it."""
    return Preview(markdown.render(messages.cleaned(asked.body, has_files=False)))


def edit(person: Person, asked: EditMessage) -> frames.Message:
    """Its author may, within the room's edit window. The same text again changes nothing."""
    return editing.edit_message(actor=person, message_id=asked.message, body=asked.body)


def delete(person: Person, asked: OneMessage) -> None:
    """Its author may, and moderators. Its number stays; nothing else of it does."""
    editing.delete_message(actor=person, message_id=asked.message)


def revisions(person: Person, asked: RevisionsOf) -> pages.RevisionPage:
    """What a message said before it was edited."""
    _, message = access.message_for(user=person, message_id=asked.message)
    if message.deleted_at is not None:
        raise errors.NoSuchMessage
    return pages.revisions_page(message, before=asked.before, limit=asked.limit)


def forward(person: Person, asked: ForwardMessage) -> Sent:
    """Copy a message and its files into another room."""
    return forwarding.forward_message(
        author=person, message_id=asked.message, room_id=asked.room, client_key=asked.client_key, body=asked.body
    )


def add_reaction(person: Person, asked: OneReaction) -> None:
    """The same again changes nothing."""
    reactions.add_reaction(actor=person, message_id=asked.message, emoji=asked.emoji)


def remove_reaction(person: Person, asked: OneReaction) -> None:
    """Take one's own reaction back."""
    reactions.remove_reaction(actor=person, message_id=asked.message, emoji=asked.emoji)


def add_pin(person: Person, asked: OneMessage) -> None:
    """Moderators may, and everybody in a direct room or a group."""
    pins.pin_message(actor=person, message_id=asked.message)


def remove_pin(person: Person, asked: OneMessage) -> None:
    """As pinning."""
    pins.unpin_message(actor=person, message_id=asked.message)


def list_pins(person: Person, asked: PinsOf) -> PinnedMessages:
    """The pinned messages of a room that may be read."""
    return PinnedMessages(pages.pinned_in(access.room_for(user=person, room_id=asked.room)))


def page(person: Person, asked: MessagesOf) -> pages.MessagePage:
    """Messages of a room by number, replies in threads among them."""
    if sum(number is not None for number in (asked.before, asked.after, asked.around)) > 1:
        raise errors.BadArgument("only one of before, after and around")
    room = access.room_for(user=person, room_id=asked.room)
    return pages.messages_page(room, before=asked.before, after=asked.after, around=asked.around, limit=asked.limit)


def page_at(person: Person, asked: MessagesAt) -> NumberAt:
    """Where a date begins."""
    room = access.room_for(user=person, room_id=asked.room)
    at = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(milliseconds=asked.at)
    return NumberAt(pages.number_at(room, at))


COMMANDS = {
    "message.send": Command(SendMessage, send, Sent),
    "message.preview": Command(PreviewMessage, preview, Preview),
    "message.get": Command(OneMessage, get, frames.Message),
    "message.edit": Command(EditMessage, edit, frames.Message),
    "message.delete": Command(OneMessage, delete),
    "message.revisions": Command(RevisionsOf, revisions, pages.RevisionPage),
    "message.forward": Command(ForwardMessage, forward, Sent),
    "reaction.add": Command(OneReaction, add_reaction),
    "reaction.remove": Command(OneReaction, remove_reaction),
    "pin.add": Command(OneMessage, add_pin),
    "pin.remove": Command(OneMessage, remove_pin),
    "pin.list": Command(PinsOf, list_pins, PinnedMessages),
    "room.messages": Command(MessagesOf, page, pages.MessagePage),
    "room.messages_at": Command(MessagesAt, page_at, NumberAt),
}
