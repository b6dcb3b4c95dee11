"""Commands about what somebody keeps for themselves: saved messages and drafts."""

import msgspec

from teahouse.chat import frames
from teahouse.chat.commands.messages import Id, Limit, OneMessage
from teahouse.chat.commands.table import Command
from teahouse.chat.log.history import draft_frame_of
from teahouse.chat.models import Draft
from teahouse.chat.people import Person
from teahouse.chat.selectors.personal import drafts_of, saved_messages
from teahouse.chat.services import drafts, saving
from teahouse.chat.services.saving import Saved

# Saved messages.


def save(person: Person, asked: OneMessage) -> Saved:
    return saving.save_message(person=person, message_id=asked.message)


def unsave(person: Person, asked: OneMessage) -> None:
    saving.unsave_message(person=person, message_id=asked.message)


class ListSaved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`before` is the `next` of another page."""

    before: Id | None = None
    limit: Limit = 50


class SavedOne(msgspec.Struct, frozen=True):
    """`at` is when it was saved."""

    at: int
    message: frames.Message


class SavedPage(msgspec.Struct, frozen=True):
    """The last saved first, without those that one may not read any more."""

    results: list[SavedOne]
    next: int | None


def list_saved(person: Person, asked: ListSaved) -> SavedPage:
    found = saved_messages(user=person, before=asked.before, limit=asked.limit + 1)
    page = found[: asked.limit]
    results = [SavedOne(saved.at, saved.message) for saved in page]
    return SavedPage(results, page[-1].id if len(found) > asked.limit else None)


# Drafts.


class SetDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the room, or of the thread that begins at the message `thread`; an empty `body` removes it."""

    room: Id
    body: str
    thread: Id | None = None
    reply_to: Id | None = None


class OneDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """As it is now; without a `body` there is none."""

    room: int
    thread: int | None = None
    body: str = ""
    reply_to: int | None = None
    updated_at: int | None = None


def set_draft(person: Person, asked: SetDraft) -> OneDraft:
    now = drafts.set_draft(
        person=person, room_id=asked.room, body=asked.body, thread=asked.thread, reply_to=asked.reply_to
    )
    return _one(now)


class ListDrafts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Drafts(msgspec.Struct, frozen=True):
    results: list[OneDraft]


def list_drafts(person: Person, asked: ListDrafts) -> Drafts:
    return Drafts([draft_shown(draft) for draft in drafts_of(user=person)])


def draft_shown(draft: Draft) -> OneDraft:
    return _one(draft_frame_of(draft.room_id, draft.thread_root or None, draft))


def _one(frame: frames.DraftChanged) -> OneDraft:
    return OneDraft(frame.room, frame.thread, frame.body, frame.reply_to, frame.updated_at)


COMMANDS = {
    "saved.add": Command(OneMessage, save, Saved),
    "saved.remove": Command(OneMessage, unsave),
    "saved.list": Command(ListSaved, list_saved, SavedPage),
    "draft.set": Command(SetDraft, set_draft, OneDraft),
    "draft.list": Command(ListDrafts, list_drafts, Drafts),
}
