"""The engine's port, as far as chat answers it: history, commands and frames. Who somebody is, the site says."""

import functools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence

import msgspec
from django.db import Error, InterfaceError, OperationalError, connection

from teahouse.chat import access, classic, errors, people
from teahouse.chat.commands import table
from teahouse.chat.commands.classic import CLASSIC_COMMANDS
from teahouse.chat.commands.messages import SendMessage
from teahouse.chat.commands.native import COMMANDS
from teahouse.chat.log import history, writer
from teahouse.chat.log.entries import Outcome
from teahouse.chat.refusals import TRY_AGAIN, refusal_of
from teahouse.chat.search import indexer
from teahouse.chat.selectors.memberships import heard_by
from teahouse.chat.services import messages, reading
from teahouse.realtime.application import (
    Admission,
    BaseApplication,
    CommandError,
    Head,
    Heard,
    Publication,
    UnknownMethod,
)
from teahouse.realtime.wire.classic.codec import Envelope
from teahouse.realtime.wire.codes import Ending

logger = logging.getLogger(__name__)

# What the log has been given is stored before the process ends.
_FINISH_SECONDS = 8.0

_Done = Callable[[bytes | CommandError | None], None]


class ChatApplication(BaseApplication):
    """See `realtime.application.Application`; a site adds `admit_classic` and `ended`."""

    def connecting(self, admissions: Sequence[Admission]) -> list[Heard | Ending]:
        """The chat's channels, beside those that a class behind this one gives."""
        chats = heard_by([_user_id_of(admission) for admission in admissions])
        return [
            others if isinstance(others, Ending) else {**_with_first_offsets(others), **channels}
            for others, channels in zip(super().connecting(admissions), chats, strict=True)
        ]

    def run_classic(self, admission: Admission, envelope: Envelope, command_key: str) -> str | None:
        command = CLASSIC_COMMANDS.get(envelope.type)
        if command is None:
            return "unknown type"
        author = people.person_with_id(_user_id_of(admission))
        if author is None:
            return "not a member"
        return command(author, envelope.content, command_key)

    def has_methods(self) -> bool:
        return True

    def run(self, admission: Admission, method: str, data: bytes, command_key: str) -> bytes:
        try:
            return table.run(COMMANDS, _user_id_of(admission), method, data)
        except table.UnknownCommand:
            raise UnknownMethod from None
        except errors.ChatError as refusal:
            raise _command_error_of(refusal) from None
        except (errors.TryAgain, OperationalError, InterfaceError):
            raise CommandError(TRY_AGAIN.code, "try_again", is_temporary=True) from None

    def start(self, admission: Admission, method: str, data: bytes, done: _Done) -> bool:
        """Plain messages, which are nearly all: no thread has to be waited for on their way into the log."""
        if method != "message.send":
            return False
        try:
            asked = _send_decoder.decode(data)
        except (msgspec.DecodeError, RecursionError, ValueError):
            return False
        if not asked.is_text:
            return False
        try:
            return messages.start_sending(
                author_id=_user_id_of(admission),
                room_id=asked.room,
                client_key=asked.client_key,
                body=asked.body,
                then=functools.partial(_tell, done),
            )
        except errors.ChatError:
            # `run` refuses it again, and says why.
            return False

    def begin(self) -> None:
        # There before anybody has said anything, so that everybody hears it. In a thread: the database may be away.
        threading.Thread(target=_make_lobby, name="teahouse-lobby", daemon=True).start()
        writer.follow(indexer.note)
        indexer.start()

    def finish(self) -> None:
        reading.tell_what_waits()
        writer.finish(_FINISH_SECONDS)
        indexer.finish(_FINISH_SECONDS)

    def classic_frame(self, publication: Publication) -> str | None:
        return classic.frame_of(publication.data)

    def heads(self, channels: Sequence[str]) -> dict[str, Head]:
        return history.heads(channels)

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        return history.publications_after(channel, offset, limit=limit)


def _make_lobby() -> None:
    try:
        access.lobby()
    except Error as error:
        logger.warning("The lobby could not be looked for: %s", error)
    finally:
        connection.close()


def _with_first_offsets(heard: Heard) -> Mapping[str, int]:
    return heard if isinstance(heard, Mapping) else dict.fromkeys(heard, 1)


def _tell(done: _Done, outcome: Outcome | None) -> None:
    if outcome is None:
        done(CommandError(TRY_AGAIN.code, "try_again", is_temporary=True))
    elif outcome.refusal is not None:
        done(_command_error_of(outcome.refusal))
    else:
        done(_encoder.encode(outcome.answer))


def _command_error_of(refusal: errors.ChatError) -> CommandError:
    detail = str(refusal)
    return CommandError(refusal_of(refusal).code, f"{refusal.slug}: {detail}" if detail else refusal.slug)


def _user_id_of(admission: Admission) -> int:
    return _id_of(admission.user)


@functools.lru_cache(maxsize=65_536)
def _id_of(user: str) -> int:
    """0, which nobody has, for strangers and for people of another system."""
    number = int(user) if user.isascii() and user.isdecimal() and len(user) < 20 else 0
    return number if number <= access.MOST_ID else 0


_send_decoder = msgspec.json.Decoder(SendMessage)
_encoder = msgspec.json.Encoder()
