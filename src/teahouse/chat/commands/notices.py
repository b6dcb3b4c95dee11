"""Commands about notices: publishing and pushing them, reading and confirming them, and who has."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teahouse.chat import errors, frames
from teahouse.chat.commands.messages import Id, Key, Limit, Number
from teahouse.chat.commands.table import Command
from teahouse.chat.models import Notice, NoticePush, NoticeReading
from teahouse.chat.people import Person
from teahouse.chat.selectors import notices as selectors
from teahouse.chat.services import notices as services


class NoticeNow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A notice, its last push and when that was; and when one has read and confirmed it."""

    push: int
    at: int
    notice: frames.Notice
    read_at: int | None = None
    confirmed_at: int | None = None


class OneNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    notice: Id


class PushNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without a `client_key` each time is one more push."""

    notice: Id
    client_key: Key | None = None


class PublishNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For everyone, or where `people` or `rooms` are given for these and for who is in these rooms now."""

    client_key: Key
    title: Annotated[str, Meta(max_length=1_000)]
    content: Annotated[str, Meta(max_length=20_000)] = ""
    type: Literal[1, 2] = 1
    people: Annotated[tuple[Id, ...], Meta(max_length=services.MOST_TARGETS)] | None = None
    rooms: Annotated[tuple[Id, ...], Meta(max_length=100)] | None = None
    asks_confirmation: bool = False


def publish(person: Person, asked: PublishNotice) -> NoticeNow:
    notice = services.publish_notice(
        author=person,
        title=asked.title,
        content=asked.content,
        type=asked.type,
        client_key=asked.client_key,
        user_ids=asked.people,
        room_ids=asked.rooms,
        asks_confirmation=asked.asks_confirmation,
    )
    return _shown(notice.pushes.select_related("notice").latest("pk"), None)


def push(person: Person, asked: PushNotice) -> NoticeNow:
    notice = Notice.objects.filter(pk=asked.notice).first()
    if notice is None:
        raise errors.NoSuchNotice
    return _shown(services.push_notice(actor=person, notice=notice, client_key=asked.client_key), None)


class ListNotices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`before` is the push of another page's last."""

    before: Id | None = None
    limit: Limit = 50
    unread_only: bool = False


class Notices(msgspec.Struct, frozen=True):
    """Those for everyone and those for who asks, the last pushed first."""

    results: list[NoticeNow]
    next: int | None


def list_notices(person: Person, asked: ListNotices) -> Notices:
    found = selectors.newest_pushes(
        user=person, before=asked.before, limit=asked.limit + 1, is_unread=asked.unread_only
    )
    page = found[: asked.limit]
    readings = selectors.readings_of(user=person, notices=[one.notice_id for one in page])
    return Notices(
        [_shown(one, readings.get(one.notice_id)) for one in page],
        page[-1].pk if len(found) > asked.limit else None,
    )


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one's own."""

    notice: int
    read_at: int
    confirmed_at: int | None = None


def read(person: Person, asked: OneNotice) -> Reading:
    return _reading(services.read_notice(reader=person, notice_id=asked.notice))


def confirm(person: Person, asked: OneNotice) -> Reading:
    return _reading(services.confirm_notice(reader=person, notice_id=asked.notice))


class ReadersOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`after` is the id of a person."""

    notice: Id
    which: Literal["read", "unread", "confirmed", "unconfirmed"] = "read"
    after: Number = 0
    limit: Limit = 50


class NoticeReader(msgspec.Struct, frozen=True, omit_defaults=True):
    user: int
    read_at: int | None = None
    confirmed_at: int | None = None


class NoticeReaders(msgspec.Struct, frozen=True):
    """`people`, `read` and `confirmed` count all whom it is for and who may sign in."""

    people: int
    read: int
    confirmed: int
    results: list[NoticeReader]
    next: int | None


def readers(person: Person, asked: ReadersOf) -> NoticeReaders:
    found = selectors.readers_of(
        user=person, notice_id=asked.notice, which=asked.which, after=asked.after, limit=asked.limit + 1
    )
    page = found.page[: asked.limit]
    return NoticeReaders(
        people=found.people,
        read=found.read,
        confirmed=found.confirmed,
        results=[
            NoticeReader(user) if reading is None else NoticeReader(user, *_moments(reading)) for user, reading in page
        ],
        next=page[-1][0] if len(found.page) > asked.limit else None,
    )


def _shown(push: NoticePush, reading: NoticeReading | None) -> NoticeNow:
    read_at, confirmed_at = (None, None) if reading is None else _moments(reading)
    return NoticeNow(
        push=push.pk,
        at=frames.milliseconds(push.at),
        notice=selectors.notice_frame_of(push.notice),
        read_at=read_at,
        confirmed_at=confirmed_at,
    )


def _moments(reading: NoticeReading) -> tuple[int, int | None]:
    confirmed_at = None if reading.confirmed_at is None else frames.milliseconds(reading.confirmed_at)
    return frames.milliseconds(reading.read_at), confirmed_at


def _reading(frame: frames.NoticeRead) -> Reading:
    return Reading(frame.notice, frame.read_at, frame.confirmed_at)


COMMANDS = {
    "notice.publish": Command(PublishNotice, publish, NoticeNow),
    "notice.push": Command(PushNotice, push, NoticeNow),
    "notice.list": Command(ListNotices, list_notices, Notices),
    "notice.read": Command(OneNotice, read, Reading),
    "notice.confirm": Command(OneNotice, confirm, Reading),
    "notice.readers": Command(ReadersOf, readers, NoticeReaders),
}
