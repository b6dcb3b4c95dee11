"""Publishing notices, to everyone or to some, and reading them."""

import dataclasses
from collections.abc import Collection, Sequence

from teahouse.chat import access, errors, frames, people
from teahouse.chat.conf import conf
from teahouse.chat.log import writer
from teahouse.chat.log.entries import Batch, Entry
from teahouse.chat.log.history import pushed_frame_of
from teahouse.chat.models import Membership, Notice, NoticePush, NoticeReading, NoticeTarget
from teahouse.chat.people import Person
from teahouse.chat.selectors.notices import notice_for, targets_of
from teahouse.chat.text.cleaning import BadText, clean_name

# All notices are made and pushed under its lock, those for some too: their ids rise in the order of commits.
_CHANNEL = "site"
MOST_TARGETS = 2_000
_MOST_TITLE_CHARS = 200
_MOST_CONTENT_CHARS = 20_000


def publish_notice(
    *,
    author: Person,
    title: str,
    content: str,
    type: int = Notice.Type.NOTICE,
    client_key: str | None = None,
    user_ids: Collection[int] | None = None,
    room_ids: Collection[int] | None = None,
    asks_confirmation: bool = False,
) -> Notice:
    """
    Keep a notice and push it to everyone who is online; where `user_ids` or `room_ids` are given, to these people and
    to those who are in these rooms of the author's now.

    The same `client_key` again returns the first notice and pushes nothing; with anything else in it, KeyConflict.
    Raises errors.NotAllowed without the permission `chat.add_notice`; BadArgument for a title or content that is none,
    and when nobody is named; NoSuchPerson, NotAMember; TooMany over 2,000 people; TryAgain.
    """
    _check_content(content)
    return writer.write(
        PublishNotice(
            actor_id=author.pk,
            client_key=client_key,
            title=_cleaned_title(title),
            content=content,
            type=type,
            named=tuple(sorted(set(user_ids or ()))),
            targets=None if user_ids is None and room_ids is None else _targets(author, user_ids or (), room_ids or ()),
            asks_confirmation=asks_confirmation,
        )
    )


def push_notice(*, actor: Person, notice: Notice, client_key: str | None = None) -> NoticePush:
    """
    Push a kept notice (again) to whom it is for. Each call is one more push, with a `pushId` of its own, but for the
    same `client_key` of the same person again, which gives the first answer and pushes nothing. Raises
    errors.NotAllowed without `chat.add_notice`; NoSuchNotice; TryAgain.
    """
    targets = tuple(targets_of(notice.pk)) if notice.is_targeted else None
    return writer.write(PushNotice(actor_id=actor.pk, notice_id=notice.pk, targets=targets, client_key=client_key))


def read_notice(*, reader: Person, notice_id: int) -> frames.NoticeRead:
    """Again gives the first answer. Raises errors.NoSuchNotice also for one that is for others; TryAgain."""
    return writer.write(ReadNotice(actor_id=reader.pk, notice_id=notice_id))


def confirm_notice(*, reader: Person, notice_id: int) -> frames.NoticeRead:
    """As `read_notice`, and says so to its author. Raises errors.BadArgument when the notice does not ask for it."""
    return writer.write(ReadNotice(actor_id=reader.pk, notice_id=notice_id, confirms=True))


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PublishNotice(Entry[Notice]):
    """`targets` None is everyone; `named` are those of them who were named one by one."""

    actor_id: int
    client_key: str | None
    title: str
    content: str
    type: int
    named: tuple[int, ...] = ()
    targets: tuple[int, ...] | None = None
    asks_confirmation: bool = False

    @property
    def channels(self) -> Sequence[str]:
        return _channels(self.targets)

    def take(self, batch: Batch) -> Notice:
        _check_may_publish(self.actor_id)
        if (first := self._first()) is not None:
            return first
        active = people.active_among(self.targets or ())
        if self.targets is not None:
            if not active:
                raise errors.BadArgument("nobody is named")
            if not active.issuperset(self.named):
                raise errors.NoSuchPerson
        notice = Notice.objects.create(
            author_id=self.actor_id,
            title=self.title,
            content=self.content,
            type=self.type,
            client_key=self.client_key,
            asks_confirmation=self.asks_confirmation,
            is_targeted=self.targets is not None,
        )
        NoticeTarget.objects.bulk_create(NoticeTarget(notice=notice, user_id=user) for user in sorted(active))
        _push(notice, actor_id=self.actor_id, targets=sorted(active), batch=batch)
        return notice

    def _first(self) -> Notice | None:
        """What was published under this key before."""
        if self.client_key is None:
            return None
        first = Notice.objects.filter(author=self.actor_id, client_key=self.client_key).first()
        if first is None:
            return None
        asked = (self.title, self.content, self.type, self.asks_confirmation, self.targets is not None)
        if asked != (first.title, first.content, first.type, first.asks_confirmation, first.is_targeted):
            raise errors.KeyConflict
        # Who was in a room then is not known any more; who is named one by one is.
        if not set(targets_of(first.pk)).issuperset(people.active_among(self.named)):
            raise errors.KeyConflict
        return first


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PushNotice(Entry[NoticePush]):
    actor_id: int
    notice_id: int
    targets: tuple[int, ...] | None = None
    client_key: str | None = None

    @property
    def channels(self) -> Sequence[str]:
        return _channels(self.targets)

    def take(self, batch: Batch) -> NoticePush:
        _check_may_publish(self.actor_id)
        notice = Notice.objects.filter(pk=self.notice_id).first()
        if notice is None:
            raise errors.NoSuchNotice
        if self.client_key is not None:
            first = notice.pushes.filter(by=self.actor_id, client_key=self.client_key).first()
            if first is not None:
                return first
        # They never become more; who was deleted since is left out.
        targets = sorted(set(targets_of(notice.pk)) & set(self.targets or ()))
        return _push(notice, actor_id=self.actor_id, targets=targets, batch=batch, client_key=self.client_key)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReadNotice(Entry[frames.NoticeRead]):
    actor_id: int
    notice_id: int
    confirms: bool = False

    @property
    def channels(self) -> Sequence[str]:
        return [f"user:{self.actor_id}"]

    def take(self, batch: Batch) -> frames.NoticeRead:
        person = people.person_with_id(self.actor_id)
        if person is None:
            raise errors.NoSuchNotice
        notice = notice_for(user=person, notice_id=self.notice_id)
        if self.confirms and not notice.asks_confirmation:
            raise errors.BadArgument("the notice asks for no confirmation")
        reading, is_new = NoticeReading.objects.get_or_create(
            notice=notice, user_id=self.actor_id, defaults={"read_at": batch.now}
        )
        is_confirmed_now = self.confirms and reading.confirmed_at is None
        if is_confirmed_now:
            reading.confirmed_at = batch.now
            reading.save(update_fields=["confirmed_at"])
        frame = frames.NoticeRead(
            notice=notice.pk,
            read_at=frames.milliseconds(reading.read_at),
            confirmed_at=None if reading.confirmed_at is None else frames.milliseconds(reading.confirmed_at),
        )
        if is_new or is_confirmed_now:
            batch.publish(f"user:{self.actor_id}", frame, actor_id=self.actor_id)
        return frame


def _channels(targets: Sequence[int] | None) -> list[str]:
    return [_CHANNEL, *(f"user:{user}" for user in targets or ())]


def _push(
    notice: Notice, *, actor_id: int, targets: Sequence[int], batch: Batch, client_key: str | None = None
) -> NoticePush:
    push = NoticePush.objects.create(notice=notice, at=batch.now, by_id=actor_id, client_key=client_key)
    channels = [f"user:{user}" for user in targets] if notice.is_targeted else [_CHANNEL]
    for channel in channels:
        batch.publish(channel, pushed_frame_of(push), actor_id=actor_id, notice_push=push)
    return push


def _check_may_publish(user_id: int) -> None:
    person = people.person_with_id(user_id)
    if person is None or not person.has_perm("chat.add_notice"):  # type: ignore[attr-defined]
        raise errors.NotAllowed


def _targets(author: Person, user_ids: Collection[int], room_ids: Collection[int]) -> tuple[int, ...]:
    """Those who are named and those who are in these rooms, in the order of their ids."""
    targets = set(user_ids)
    if any(not 0 < user <= access.MOST_ID for user in targets):
        raise errors.NoSuchPerson
    for room_id in set(room_ids):
        if access.room_for(user=author, room_id=room_id).room.slug == conf().lobby_slug:
            raise errors.BadArgument("the lobby is everyone: name nobody")
        members = Membership.objects.filter(room=room_id).values_list("user", flat=True)
        targets.update(members[: MOST_TARGETS + 1])
    if not targets:
        raise errors.BadArgument("nobody is named")
    if len(targets) > MOST_TARGETS:
        raise errors.TooMany("people")
    return tuple(sorted(targets))


def _cleaned_title(title: str) -> str:
    try:
        return clean_name(title, _MOST_TITLE_CHARS)
    except BadText as error:
        raise errors.BadArgument(str(error)) from None


def _check_content(content: str) -> None:
    if len(content) > _MOST_CONTENT_CHARS or "\x00" in content:
        raise errors.BadArgument("content")
    try:
        content.encode()
    except UnicodeEncodeError:
        raise errors.BadArgument("content") from None
