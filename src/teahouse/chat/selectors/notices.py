"""Notices, whom they are for, and who has read them."""

from collections.abc import Collection
from typing import Any, Literal, NamedTuple, TypeAlias

from django.contrib.auth import get_user_model
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from teahouse.chat import errors, frames
from teahouse.chat.access import MOST_ID
from teahouse.chat.models import Notice, NoticePush, NoticeReading, NoticeTarget
from teahouse.chat.people import Person

# Which of those whom it is for.
Which: TypeAlias = Literal["read", "unread", "confirmed", "unconfirmed"]


class Readers(NamedTuple):
    """A page of people, by id, with their readings; and of how many it is for, how many have read and confirmed it."""

    page: list[tuple[int, NoticeReading | None]]
    people: int
    read: int
    confirmed: int


def newest_pushes(*, user: Person, before: int | None, limit: int, is_unread: bool = False) -> list[NoticePush]:
    """
    The last push of each notice for this person, newest first, at most `limit`, of those older than the push `before`;
    with `is_unread` of the notices that they have not read. One statement.
    """
    later = NoticePush.objects.filter(notice=OuterRef("notice"), pk__gt=OuterRef("pk"))
    pushes = NoticePush.objects.filter(_is_for(user.pk, "notice"), ~Exists(later))
    if is_unread:
        pushes = pushes.filter(~_has_read(user.pk, "notice"))
    if before is not None:
        pushes = pushes.filter(pk__lt=before)
    return list(pushes.select_related("notice").order_by("-pk")[:limit])


def readings_of(*, user: Person, notices: Collection[int]) -> dict[int, NoticeReading]:
    """By notice; those that they have not read are not in it."""
    found = NoticeReading.objects.filter(user=user.pk, notice__in=notices)
    return {reading.notice_id: reading for reading in found}


def notice_for(*, user: Person, notice_id: int) -> Notice:
    """Raises errors.NoSuchNotice: none, or not for this person."""
    if not 0 < notice_id <= MOST_ID:
        raise errors.NoSuchNotice
    notice = Notice.objects.filter(_is_for(user.pk, "pk"), pk=notice_id).first()
    if notice is None:
        raise errors.NoSuchNotice
    return notice


def unread_notices(*, user: Person, limit: int) -> list[int]:
    """The ids of the newest."""
    pushed = Exists(NoticePush.objects.filter(notice=OuterRef("pk")))
    notices = Notice.objects.filter(_is_for(user.pk, "pk"), pushed, ~_has_read(user.pk, "pk"))
    return list(notices.order_by("-pk").values_list("pk", flat=True)[:limit])


def last_notice() -> int:
    """The highest id of all notices, whomever they are for; 0 when there is none. Ids rise in the order of commits."""
    last: int | None = Notice.objects.aggregate(last=Max("pk"))["last"]
    return last or 0


def targets_of(notice_id: int) -> list[int]:
    """Whom a targeted notice is for, in the order of their ids."""
    return list(NoticeTarget.objects.filter(notice=notice_id).order_by("user").values_list("user", flat=True))


def readers_of(*, user: Person, notice_id: int, which: Which, after: int, limit: int) -> Readers:
    """
    Of a notice that somebody has written, or with the permission `chat.view_notice`: of those whom it is for and who
    may sign in, those with an id above `after`.

    Raises errors.NoSuchNotice; NotAllowed for its other readers.
    """
    notice = _overseen_notice_for(user, notice_id)
    everyone: QuerySet[Any] = get_user_model()._default_manager.filter(is_active=True)
    if notice.is_targeted:
        everyone = everyone.filter(Exists(NoticeTarget.objects.filter(notice=notice, user=OuterRef("pk"))))
    has_read = Exists(NoticeReading.objects.filter(notice=notice, user=OuterRef("pk")))
    has_confirmed = Exists(NoticeReading.objects.filter(notice=notice, user=OuterRef("pk"), confirmed_at__isnull=False))
    condition = {"read": has_read, "unread": ~has_read, "confirmed": has_confirmed, "unconfirmed": ~has_confirmed}
    page = everyone.filter(condition[which], pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit]
    people = list(page)
    readings = {reading.user_id: reading for reading in NoticeReading.objects.filter(notice=notice, user__in=people)}
    return Readers(
        page=[(person, readings.get(person)) for person in people],
        people=everyone.count(),
        read=everyone.filter(has_read).count(),
        confirmed=everyone.filter(has_confirmed).count(),
    )


def _overseen_notice_for(user: Person, notice_id: int) -> Notice:
    notice = Notice.objects.filter(pk=notice_id).first() if 0 < notice_id <= MOST_ID else None
    if notice is not None and (notice.author_id == user.pk or user.has_perm("chat.view_notice")):  # type: ignore[attr-defined]
        return notice
    # Whom it is not for learns nothing.
    notice_for(user=user, notice_id=notice_id)
    raise errors.NotAllowed


def _is_for(user_id: int, notice: str) -> Q:
    """`notice` is what the notice's id is called in the query."""
    is_targeted = "is_targeted" if notice == "pk" else f"{notice}__is_targeted"
    return Q(**{is_targeted: False}) | Q(Exists(NoticeTarget.objects.filter(notice=OuterRef(notice), user=user_id)))


def _has_read(user_id: int, notice: str) -> Exists:
    return Exists(NoticeReading.objects.filter(notice=OuterRef(notice), user=user_id))


def notice_frame_of(notice: Notice) -> frames.Notice:
    return frames.Notice(
        id=notice.pk,
        title=notice.title,
        content=notice.content,
        type=notice.type,
        author=notice.author_id,
        created_at=frames.milliseconds(notice.created_at),
        updated_at=frames.milliseconds(notice.updated_at),
        asks_confirmation=notice.asks_confirmation,
        is_targeted=notice.is_targeted,
    )
