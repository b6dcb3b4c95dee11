"""Threads as one person sees them: whether they follow, what they have not read, and which are theirs."""

import msgspec
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from teahouse.chat import frames
from teahouse.chat.access import Access
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Message, Room, ThreadFollowing
from teahouse.chat.people import Person
from teahouse.chat.selectors.messages import frame_of, frames_of

MOST_PER_PAGE = 200


class Following(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What somebody has to do with the thread of this root: `following` is follows, mutes or none; `unread` counts the
    replies after `read_number`, deleted ones too, when they follow or mute it.
    """

    thread: int
    following: str
    read_number: int = 0
    unread: int = 0


class ThreadPage(msgspec.Struct, frozen=True):
    """Replies, oldest first; `next` is the `after` of the next page. What the thread is now, the root says."""

    root: frames.Message
    following: Following
    results: list[frames.Message]
    next: int | None


class FollowedThread(msgspec.Struct, frozen=True):
    root: frames.Message
    following: Following


class FollowedThreads(msgspec.Struct, frozen=True):
    """Newest activity first; `next` is the `before` of the next page."""

    results: list[FollowedThread]
    next: int | None


def following_of(user_id: int, root_id: int) -> Following:
    row = _with_unread(ThreadFollowing.objects.filter(thread=root_id, user=user_id)).first()
    return Following(root_id, "none") if row is None else _following_in(row)


def thread_page(access: Access, root: Message, *, user: Person, after: int = 0, limit: int = 50) -> ThreadPage:
    """
    The replies with a number above `after`, at most `limit` and 200. `root` begins the thread and is this person's to
    read; so are its replies, which are younger.
    """
    limit = min(limit, MOST_PER_PAGE)
    found = list(
        Message.objects.filter(thread_root=root.pk, number__gt=max(after, access.from_number - 1)).order_by("number")[
            : limit + 1
        ]
    )
    replies = found[:limit]
    return ThreadPage(
        root=frame_of(root),
        following=following_of(user.pk, root.pk),
        results=frames_of(replies),
        next=replies[-1].number if len(found) > limit else None,
    )


def followed_threads(*, user: Person, before: int | None = None, limit: int = 50) -> FollowedThreads:
    """
    The threads that somebody follows, does not mute and may read, that with the newest reply first; `before` is the id
    of the last message of one. At most `limit` and 200. Two statements and those of a page of messages; their work
    grows with what one follows.
    """
    limit = min(limit, MOST_PER_PAGE)
    last_reply = Message.objects.filter(
        room=OuterRef("thread__room"), number=OuterRef("thread__last_number"), thread_root=OuterRef("thread")
    )
    followings = (
        ThreadFollowing.objects.filter(_readable_by(user), user=user.pk, is_muted=False)
        .annotate(newest=Coalesce(Subquery(last_reply.values("pk")[:1]), F("thread")))
        .order_by("-newest")
    )
    if before is not None:
        followings = followings.filter(newest__lt=before)
    found = list(followings.values_list("pk", "newest")[: limit + 1])
    places = {pk: place for place, (pk, _) in enumerate(found[:limit])}
    rows = sorted(
        _with_unread(ThreadFollowing.objects.filter(pk__in=places)).select_related("thread__root"),
        key=lambda row: places[row.pk],
    )
    return FollowedThreads(
        results=[
            FollowedThread(root, _following_in(row))
            for row, root in zip(rows, frames_of([row.thread.root for row in rows]), strict=True)
        ],
        next=found[limit - 1][1] if len(found) > limit else None,
    )


def _readable_by(user: Person) -> Q:
    """Rooms of theirs, and in these the threads whose root they may read."""
    theirs = Membership.objects.filter(user=user.pk, room=OuterRef("thread__room")).filter(
        Q(room__history=Room.History.ALL) | Q(joined_number__lt=OuterRef("thread__root__number"))
    )
    none_yet = ~Exists(Membership.objects.filter(user=user.pk, room=OuterRef("thread__room")))
    return Q(Exists(theirs)) | Q(none_yet, thread__room__slug=conf().lobby_slug)


def _with_unread(followings: QuerySet[ThreadFollowing]) -> QuerySet[ThreadFollowing]:
    unread = (
        Message.objects.filter(thread_root=OuterRef("thread"), number__gt=OuterRef("read_number"))
        .order_by()
        .values("thread_root")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return followings.annotate(unread=Coalesce(Subquery(unread), 0))


def _following_in(row: ThreadFollowing) -> Following:
    unread: int = row.unread  # type: ignore[attr-defined]
    return Following(row.thread_id, "mutes" if row.is_muted else "follows", row.read_number, unread)
