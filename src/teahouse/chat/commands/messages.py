"""Commands about messages."""

from typing import Annotated

import msgspec

from teahouse.chat.commands.table import Command
from teahouse.chat.people import Person
from teahouse.chat.services import messages
from teahouse.chat.services.sending_rows import Sent

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


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


COMMANDS = {"message.send": Command(SendMessage, send, Sent)}
