"""What somebody has begun to write, on all their devices."""

import dataclasses
from collections.abc import Sequence

from teahouse.chat import access, errors, frames, people
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.log.history import draft_frame_of
from teahouse.chat.models import Draft, Message
from teahouse.chat.people import Person
from teahouse.chat.text.cleaning import BadText, clean_body

MOST_DRAFTS = 500


def set_draft(
    *, person: Person, room_id: int, body: str, thread: int | None = None, reply_to: int | None = None
) -> frames.DraftChanged:
    """
    Keep what is written so far in a room, or in the thread that begins at the message `thread`; a `body` of nothing but
    white space removes it. The same again changes nothing. Sending does not remove it: whoever sent it does.

    Raises errors.NotAMember; NoSuchMessage for `thread` and `reply_to`; BadBody for what could not be sent either;
    TooMany over 500; TryAgain.
    """
    if not body.strip():
        body, reply_to = "", None
    else:
        try:
            clean_body(body, conf().max_body_chars)
        except BadText as error:
            raise errors.BadBody(str(error)) from None
    return writer.write(SetDraft(actor_id=person.pk, room_id=room_id, thread=thread, body=body, reply_to=reply_to))


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SetDraft(Entry[frames.DraftChanged]):
    """The answer is what other devices hear."""

    actor_id: int
    room_id: int
    thread: int | None
    body: str
    reply_to: int | None

    @property
    def channels(self) -> Sequence[str]:
        return [f"user:{self.actor_id}"]

    def take(self, batch: Batch) -> frames.DraftChanged:
        self._check()
        place = {"user_id": self.actor_id, "room_id": self.room_id, "thread_root": self.thread or 0}
        draft = Draft.objects.filter(**place).first()
        if (draft.body, draft.reply_to_id) == (self.body, self.reply_to) if draft else not self.body:
            return draft_frame_of(self.room_id, self.thread, draft)
        if not self.body:
            Draft.objects.filter(**place).delete()
            draft = None
        elif draft is None:
            if Draft.objects.filter(user=self.actor_id).count() >= MOST_DRAFTS:
                raise errors.TooMany("drafts")
            draft = Draft.objects.create(**place, body=self.body, reply_to_id=self.reply_to, updated_at=batch.now)
        else:
            draft.body, draft.reply_to_id, draft.updated_at = self.body, self.reply_to, batch.now
            draft.save()
        frame = draft_frame_of(self.room_id, self.thread, draft)
        batch.publish(f"user:{self.actor_id}", frame, actor_id=self.actor_id, room=self.room_id, message=self.thread)
        return frame

    def _check(self) -> None:
        person = people.person_with_id(self.actor_id)
        if person is None:
            raise errors.NotAMember
        entered = access.room_for(user=person, room_id=self.room_id)
        wanted = {pk for pk in (self.thread, self.reply_to) if pk is not None}
        if not wanted:
            return
        found = Message.objects.filter(pk__in=wanted, room=self.room_id, number__gte=entered.from_number)
        found_ids = dict(found.values_list("pk", "thread_root"))
        # A thread begins at a message that is in none.
        if wanted != set(found_ids) or (self.thread is not None and found_ids[self.thread] is not None):
            raise errors.NoSuchMessage
