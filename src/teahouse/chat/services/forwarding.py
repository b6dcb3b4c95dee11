"""Forwarding: a copy of a message, files and all, in another room. It is a message of its own, of whoever forwards."""

import dataclasses
from collections.abc import Iterator, Sequence

from teahouse.chat import access as doors
from teahouse.chat import errors, frames, people
from teahouse.chat.digests import digest_of
from teahouse.chat.files import storage
from teahouse.chat.log import writer
from teahouse.chat.models import File, Message
from teahouse.chat.people import Person
from teahouse.chat.services import messages
from teahouse.chat.services.files import receive_file, remove_untaken
from teahouse.chat.services.sending import SendMessage
from teahouse.chat.services.sending_rows import Sent


@dataclasses.dataclass(kw_only=True, slots=True, eq=False)
class ForwardMessage(SendMessage):
    """
    `copied` is the message that was asked for, which may be a copy itself, in the room `source_id`; `comment` stands
    above its text.
    """

    copied: int
    source_id: int
    comment: str

    @property
    def channels(self) -> Sequence[str]:
        # Whoever deletes it, or takes somebody out of its room, holds that lock.
        return list(dict.fromkeys([*super(ForwardMessage, self).channels, f"room:{self.source_id}"]))

    def check_now(self) -> None:
        """It was read before the lock."""
        _readable(self.actor_id, self.copied)

    def digest(self) -> bytes:
        """Of what was asked for: the same again is the same, whatever has become of the message in the meantime."""
        return _digest_of(self.room_id, self.copied, self.comment)


def forward_message(*, author: Person, message_id: int, room_id: int, client_key: str, body: str = "") -> Sent:
    """
    Copy a message that one may read into a room that one may write in. With a `body` the copied text follows it as a
    quotation. Files are copied, bytes too, and count for whoever forwards: deleting one leaves the other.

    The copy names the author of the first message, and says which one that was where its room is public. Later changes
    of either are not the other's. The same `client_key` again gives the first answer, also when the copied message is
    gone since; with anything else in it, KeyConflict.

    Raises:
        NoSuchMessage: none, or not theirs to read, or deleted.
        BadBody: both together are too long.
        QuotaExceeded: no room for the files.
        otherwise as `messages.send_message`.
    """
    comment = body.strip()
    if first := _first_answer(author.pk, client_key, _digest_of(room_id, message_id, comment)):
        return first
    copied = _readable(author.pk, message_id)
    doors.room_for(user=author, room_id=room_id)
    plain = messages.prepared(
        author_id=author.pk,
        room_id=room_id,
        client_key=client_key,
        body=_text_of(copied.body, comment),
        has_files=copied.has_files,
        forwarded_from=copied.forwarded_from_id or copied.pk,
    )
    shared = {field.name: getattr(plain, field.name) for field in dataclasses.fields(plain)}
    entry = ForwardMessage(**shared, copied=message_id, source_id=copied.room_id, comment=comment)
    files: list[File] = []
    try:
        for file in _copied_files(copied, author=author, room_id=room_id, client_key=client_key):
            # One by one: a refusal in the middle must not hide those before it.
            files.append(file)  # noqa: PERF402
        entry.files = tuple(file.pk for file in files)
        return writer.write(entry)
    except errors.ChatError:
        # Refused for good. Where it is only not known whether it is stored, the same again takes them.
        remove_untaken([file.pk for file in files])
        raise


def _readable(user_id: int, message_id: int) -> Message:
    """Raises errors.NoSuchMessage."""
    person = people.person_with_id(user_id)
    if person is None:
        raise errors.NoSuchMessage
    _, message = doors.message_for(user=person, message_id=message_id)
    if message.deleted_at is not None:
        raise errors.NoSuchMessage
    return message


def _first_answer(author_id: int, client_key: str, digest: bytes) -> Sent | None:
    first = Message.objects.filter(author=author_id, client_key=client_key).first()
    if first is None:
        return None
    if bytes(first.digest) != digest:
        raise errors.KeyConflict
    return Sent(first.pk, first.room_id, first.number, first.offset, frames.milliseconds(first.created_at))


def _digest_of(room_id: int, message_id: int, comment: str) -> bytes:
    return digest_of("forward", room_id, message_id, comment)


def _text_of(copied: str, comment: str) -> str:
    if not comment or not copied:
        return comment or copied
    return f"{comment}\n\n" + "\n".join(f"> {line}" for line in copied.split("\n"))


def _copied_files(copied: Message, *, author: Person, room_id: int, client_key: str) -> Iterator[File]:
    """
    One after the other. Of `author` and in the other room. Uploaded there anew, under keys that follow from
    `client_key`: asking again finds them, and what no message has taken for a day is removed.
    """
    if not copied.has_files:
        return
    for file in File.objects.filter(message=copied, deleted_at=None).order_by("position"):
        key = digest_of(client_key, file.pk).hex()
        try:
            with storage.storage().open(file.stored_as, "rb") as opened:
                received = receive_file(
                    user=author, room_id=room_id, client_key=f"forward-{key}", name=file.name, body=opened
                )
        except FileNotFoundError:
            # Deleted in this moment.
            raise errors.NoSuchMessage from None
        if received.file is not None:
            yield received.file
