"""Notices, whom they are for, and who has read them."""

from django.db.models import Max

from teahouse.chat import frames
from teahouse.chat.models import Notice, NoticePush


def newest_pushes(*, before: int | None, limit: int) -> list[NoticePush]:
    """The last push of each notice, newest first, at most `limit`, of those older than the push `before`."""
    last = Notice.objects.annotate(last_push=Max("pushes")).values("last_push")
    pushes = NoticePush.objects.filter(pk__in=last).select_related("notice").order_by("-pk")
    if before is not None:
        pushes = pushes.filter(pk__lt=before)
    return list(pushes[:limit])


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
