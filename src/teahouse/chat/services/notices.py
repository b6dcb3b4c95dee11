"""Publishing notices."""

from django.db import transaction
from django.utils import timezone

from teahouse.chat import errors
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Entry
from teahouse.chat.models import Channel, Notice, NoticePush
from teahouse.chat.people import Person

_CHANNEL = "site"


@transaction.atomic
def publish_notice(
    *, author: Person, title: str, content: str, type: int = Notice.Type.NOTICE, client_key: str | None = None
) -> Notice:
    """
    Keep a notice and push it to everyone who is online.

    The same `client_key` again returns the first notice and pushes nothing; with another text it raises KeyConflict.
    """
    # The lock comes first, so that a second copy of the request waits until it can see the first.
    channels = writer.locked_channels([_CHANNEL])
    if client_key is not None:
        first = Notice.objects.filter(author_id=author.pk, client_key=client_key).first()
        if first is not None:
            if (first.title, first.content, first.type) != (title, content, type):
                raise errors.KeyConflict
            return first
    notice = Notice.objects.create(author_id=author.pk, title=title, content=content, type=type, client_key=client_key)
    _push(notice, actor=author, channels=channels)
    return notice


@transaction.atomic
def push_notice(*, actor: Person, notice: Notice) -> NoticePush:
    """Push a kept notice (again). Each call is one more push, with a `pushId` of its own."""
    return _push(notice, actor=actor, channels=writer.locked_channels([_CHANNEL]))


def _push(notice: Notice, *, actor: Person, channels: dict[str, Channel]) -> NoticePush:
    push = NoticePush.objects.create(notice=notice, at=timezone.now())
    entry = Entry(channel=_CHANNEL, kind="notice.pushed", actor_id=actor.pk, at=push.at, notice_push=push)
    writer.append([entry], channels=channels)
    return push
