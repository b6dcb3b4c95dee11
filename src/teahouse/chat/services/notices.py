"""Publishing notices."""

import dataclasses
from collections.abc import Sequence

from teahouse.chat import errors
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.log.history import pushed_frame_of
from teahouse.chat.models import Notice, NoticePush
from teahouse.chat.people import Person

_CHANNEL = "site"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PublishNotice(Entry[Notice]):
    actor_id: int
    client_key: str | None
    title: str
    content: str
    type: int

    @property
    def channels(self) -> Sequence[str]:
        return [_CHANNEL]

    def take(self, batch: Batch) -> Notice:
        if self.client_key is not None:
            first = Notice.objects.filter(author=self.actor_id, client_key=self.client_key).first()
            if first is not None:
                if (first.title, first.content, first.type) != (self.title, self.content, self.type):
                    raise errors.KeyConflict
                return first
        notice = Notice.objects.create(
            author_id=self.actor_id,
            title=self.title,
            content=self.content,
            type=self.type,
            client_key=self.client_key,
        )
        _push(notice, actor_id=self.actor_id, batch=batch)
        return notice


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PushNotice(Entry[NoticePush]):
    actor_id: int
    notice_id: int

    @property
    def channels(self) -> Sequence[str]:
        return [_CHANNEL]

    def take(self, batch: Batch) -> NoticePush:
        notice = Notice.objects.filter(pk=self.notice_id).first()
        if notice is None:
            raise errors.NoSuchNotice
        return _push(notice, actor_id=self.actor_id, batch=batch)


def publish_notice(
    *, author: Person, title: str, content: str, type: int = Notice.Type.NOTICE, client_key: str | None = None
) -> Notice:
    """
    Keep a notice and push it to everyone who is online.

    The same `client_key` again returns the first notice and pushes nothing; with another text it raises KeyConflict.
    Raises errors.TryAgain when it is not known whether it is kept.
    """
    return writer.write(
        PublishNotice(actor_id=author.pk, client_key=client_key, title=title, content=content, type=type)
    )


def push_notice(*, actor: Person, notice: Notice) -> NoticePush:
    """Push a kept notice (again). Each call is one more push, with a `pushId` of its own. Raises errors.TryAgain."""
    return writer.write(PushNotice(actor_id=actor.pk, notice_id=notice.pk))


def _push(notice: Notice, *, actor_id: int, batch: Batch) -> NoticePush:
    push = NoticePush.objects.create(notice=notice, at=batch.now)
    batch.publish(_CHANNEL, pushed_frame_of(push), actor_id=actor_id, notice_push=push)
    return push
