"""Threads: replies make people follow, each may say otherwise, and all devices conclude the same."""

import datetime

import pytest
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import access, errors, frames
from teahouse.chat.models import Membership, Message, Room, Thread, ThreadFollowing
from teahouse.chat.selectors.messages import frame_of
from teahouse.chat.selectors.threads import Following, followed_threads, following_of, thread_page
from teahouse.chat.services.editing import delete_message
from teahouse.chat.services.messages import send_to_lobby
from teahouse.chat.services.threads import Wish, follow_thread, read_thread, resolve_thread
from tests.chat.conftest import Wire
from tests.chat.talking import history_tells, join, new_member, new_room, say, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


@pytest.fixture
def root(alice: User, room: Room) -> Message:
    return say(alice, room, "root")


class Device:
    """What a client knows of one person's threads from publications alone, in any order of the two channels."""

    def __init__(self, user: User) -> None:
        self._user = user.pk
        self._said: dict[int, frames.ThreadFollowed] = {}
        # Replies that make this person follow, by thread: number and author.
        self._replies: dict[int, dict[int, int | None]] = {}

    def hear(self, frame: frames.Frame) -> None:
        if isinstance(frame, frames.ThreadFollowed):
            self._said[frame.thread] = frame
        elif isinstance(frame, frames.MessagePosted) and frame.message.thread is not None:
            message, thread = frame.message, frame.message.thread
            if message.id != thread.root and self._user in (message.author, thread.author):
                self._replies.setdefault(thread.root, {})[message.number] = message.author

    def following_of(self, thread: int) -> tuple[str, int]:
        nothing = frames.ThreadFollowed(thread=thread, room=0, following="none", number=0)
        said = self._said.get(thread, nothing)
        later = {number: author for number, author in self._replies.get(thread, {}).items() if number > said.number}
        following = "follows" if later and said.following == "none" else said.following
        if following == "none":
            return "none", 0
        read = [said.read_number, *(number for number, author in later.items() if author == self._user)]
        return following, max(read + ([min(later) - 1] if said.following == "none" else []))


# Replies.


def test_a_reply_is_counted_and_makes_its_author_and_the_roots_follow(
    alice: User, bob: User, room: Room, root: Message
) -> None:
    carol = new_member(room, "carol")
    say(bob, room, "one", thread=root.pk)
    last = say(bob, room, "two", thread=root.pk)

    expected = frames.Thread(root=root.pk, replies=2, author=alice.pk, last_number=3)
    assert expected == frame_of(root).thread
    assert expected == frame_of(last).thread
    assert Following(root.pk, "follows", read_number=1, unread=2) == following_of(alice.pk, root.pk)
    assert Following(root.pk, "follows", read_number=3) == following_of(bob.pk, root.pk)
    assert Following(root.pk, "none") == following_of(carol.pk, root.pk)


def test_who_mutes_a_thread_goes_on_muting_it_when_they_write(alice: User, room: Room, root: Message) -> None:
    follow_thread(actor=alice, message_id=root.pk, wish="mutes")
    say(alice, room, thread=root.pk)

    assert "mutes" == following_of(alice.pk, root.pk).following


# Following.


def test_following_is_told_to_ones_own_devices(alice: User, bob: User, root: Message, wire: Wire) -> None:
    with wire.committed():
        first = follow_thread(actor=bob, message_id=root.pk, wish="follows")
        again = follow_thread(actor=bob, message_id=root.pk, wish="follows")
        follow_thread(actor=bob, message_id=root.pk, wish="mutes")
        last = follow_thread(actor=bob, message_id=root.pk, wish="none")

    assert Following(root.pk, "follows") == first == again
    assert Following(root.pk, "none") == last
    assert {f"user:{bob.pk}"} == {publication.channel for publication in wire.publications}
    assert [
        frames.ThreadFollowed(thread=root.pk, room=root.room_id, following=following, number=1)
        for following in ("follows", "mutes", "none")
    ] == told(wire)
    assert history_tells(wire)


def test_who_begins_to_follow_has_nothing_unread_yet(alice: User, bob: User, room: Room, root: Message) -> None:
    say(alice, room, thread=root.pk)
    follow_thread(actor=bob, message_id=root.pk, wish="follows")
    say(alice, room, thread=root.pk)

    assert Following(root.pk, "follows", read_number=2, unread=1) == following_of(bob.pk, root.pk)


def test_a_reply_stands_for_its_thread(bob: User, room: Room, root: Message) -> None:
    reply = say(bob, room, thread=root.pk)

    assert Following(root.pk, "mutes", read_number=2) == follow_thread(actor=bob, message_id=reply.pk, wish="mutes")


def test_a_thread_that_nobody_wrote_in_is_seen_by_nobody(bob: User, root: Message) -> None:
    follow_thread(actor=bob, message_id=root.pk, wish="follows")

    assert frame_of(root).thread is None


@pytest.mark.parametrize("order", ["as told", "the room's first", "one's own first"])
def test_devices_conclude_who_follows_in_whatever_order_the_channels_come(
    alice: User, bob: User, room: Room, wire: Wire, order: str
) -> None:
    with wire.committed():
        roots = [say(alice, room, f"root {number}") for number in range(4)]
        for root in roots:
            say(bob, room, thread=root.pk)
        follow_thread(actor=bob, message_id=roots[0].pk, wish="none")
        follow_thread(actor=bob, message_id=roots[1].pk, wish="none")
        say(bob, room, thread=roots[1].pk)
        follow_thread(actor=bob, message_id=roots[2].pk, wish="mutes")
        say(bob, room, thread=roots[2].pk)
        follow_thread(actor=alice, message_id=roots[3].pk, wish="none")
        read_thread(actor=alice, message_id=roots[0].pk, number=99)
        say(bob, room, thread=roots[3].pk)
    publications = wire.publications
    if order != "as told":
        publications = sorted(
            publications, key=lambda one: one.channel.startswith("room") is (order == "one's own first")
        )
    for user in (alice, bob):
        device = Device(user)
        for publication in publications:
            if publication.channel in (room.channel, f"user:{user.pk}"):
                device.hear(frames.decode(publication.data))
        for root in roots:
            now = following_of(user.pk, root.pk)
            assert (now.following, now.read_number) == device.following_of(root.pk)
    assert history_tells(wire)


# Reading.


def test_reading_moves_on_and_never_back(alice: User, bob: User, room: Room, root: Message, wire: Wire) -> None:
    for _ in range(3):
        say(bob, room, thread=root.pk)
    with wire.committed():
        numbers = [
            read_thread(actor=alice, message_id=root.pk, number=number).read_number for number in (2, 1, 2, 3, 99, 99)
        ]

    assert [2, 2, 2, 3, 4, 4] == numbers
    assert [2, 3, 4] == [frame.read_number for frame in told(wire) if isinstance(frame, frames.ThreadFollowed)]


def test_reading_makes_nobody_follow(bob: User, room: Room, root: Message, alice: User) -> None:
    say(alice, room, thread=root.pk)

    assert Following(root.pk, "none") == read_thread(actor=bob, message_id=root.pk, number=2)


# Resolving.


def test_a_thread_is_resolved_and_taken_up_again(alice: User, bob: User, room: Room, root: Message, wire: Wire) -> None:
    with wire.committed():
        say(alice, room, thread=root.pk)
    before = len(wire.publications)
    with wire.committed():
        for is_resolved in (True, True, False, False):
            resolve_thread(actor=bob, message_id=root.pk, is_resolved=is_resolved)

    resolved, taken_up = told(wire, before)
    assert isinstance(resolved, frames.ThreadChanged)
    assert bob.pk == resolved.thread.resolved_by
    assert resolved.thread.resolved_at is not None
    assert frames.ThreadChanged(thread=frames.Thread(root=root.pk, replies=1, author=alice.pk, last_number=2)) == (
        taken_up
    )


def test_a_question_can_be_resolved_without_a_reply(alice: User, root: Message) -> None:
    resolve_thread(actor=alice, message_id=root.pk, is_resolved=True)
    thread = frame_of(root).thread
    assert thread is not None
    assert 0 == thread.replies
    resolve_thread(actor=alice, message_id=root.pk, is_resolved=False)

    assert frame_of(root).thread is None


def test_a_reply_does_not_take_up_what_is_resolved(alice: User, room: Room, root: Message) -> None:
    resolve_thread(actor=alice, message_id=root.pk, is_resolved=True)
    say(alice, room, thread=root.pk)

    thread = frame_of(root).thread
    assert thread is not None
    assert thread.resolved_at is not None


@pytest.mark.parametrize(
    ("of_room", "of_member", "refusal"),
    [
        pytest.param({}, {"role": "reader"}, errors.NotAllowed, id="a reader"),
        pytest.param({"posting": "moderators"}, {}, errors.NotAllowed, id="where only moderators write"),
        pytest.param({}, {"muted_until": timezone.now() + datetime.timedelta(days=1)}, errors.Muted, id="muted"),
        pytest.param({"archived_at": timezone.now()}, {}, errors.Archived, id="archived"),
        pytest.param({}, {"role": "moderator"}, None, id="a moderator"),
    ],
)
def test_who_may_write_may_resolve(
    bob: User,
    root: Message,
    of_room: dict[str, object],
    of_member: dict[str, object],
    refusal: type[errors.ChatError] | None,
) -> None:
    Room.objects.filter(pk=root.room_id).update(**of_room)
    Membership.objects.filter(user=bob).update(**of_member)

    if refusal is None:
        resolve_thread(actor=bob, message_id=root.pk, is_resolved=True)
    else:
        with pytest.raises(refusal):
            resolve_thread(actor=bob, message_id=root.pk, is_resolved=True)


# Whose it is.


def test_who_may_not_read_the_root_has_nothing_to_do_with_the_thread(alice: User, root: Message) -> None:
    Room.objects.update(history=Room.History.SINCE_JOIN)
    room = Room.objects.get()
    newcomer = new_member(room, "newcomer")
    reply = say(alice, room, thread=root.pk)

    assert "hello" == frame_of(access.message_for(user=newcomer, message_id=reply.pk)[1]).body
    for message in (root, reply):
        with pytest.raises(errors.NoSuchMessage):
            follow_thread(actor=newcomer, message_id=message.pk, wish="follows")


@pytest.mark.parametrize("wish", ["follows", "mutes"])
def test_below_a_deleted_message_no_thread_begins(alice: User, root: Message, wish: Wish) -> None:
    delete_message(actor=alice, message_id=root.pk)

    with pytest.raises(errors.NoSuchMessage):
        follow_thread(actor=alice, message_id=root.pk, wish=wish)
    with pytest.raises(errors.NoSuchMessage):
        resolve_thread(actor=alice, message_id=root.pk, is_resolved=True)
    assert not Thread.objects.exists()


def test_a_thread_below_a_deleted_message_can_still_be_muted(alice: User, bob: User, room: Room, root: Message) -> None:
    say(bob, room, thread=root.pk)
    delete_message(actor=alice, message_id=root.pk)

    assert "mutes" == follow_thread(actor=alice, message_id=root.pk, wish="mutes").following


# Pages.


def test_a_page_has_the_root_and_the_replies_oldest_first(alice: User, bob: User, room: Room, root: Message) -> None:
    for number in range(5):
        say(bob, room, f"reply {number}", thread=root.pk)
        say(bob, room, "beside it")
    seen = access.room_for(user=alice, room_id=room.pk)
    first = thread_page(seen, root, user=alice, limit=3)
    rest = thread_page(seen, root, user=alice, after=first.next or 0, limit=3)

    assert frame_of(root) == first.root
    assert Following(root.pk, "follows", read_number=1, unread=5) == first.following
    assert [f"reply {number}" for number in range(5)] == [message.body for message in first.results + rest.results]
    assert rest.next is None


def test_followed_threads_are_listed_by_their_newest_activity(alice: User, bob: User, room: Room) -> None:
    other = new_room(alice, bob)
    roots = [say(alice, room if number % 2 else other, f"root {number}") for number in range(6)]
    for number in (3, 0, 5, 1, 3):
        say(bob, roots[number].room, thread=roots[number].pk)
    follow_thread(actor=alice, message_id=roots[5].pk, wish="mutes")

    first = followed_threads(user=alice, limit=2)
    rest = followed_threads(user=alice, before=first.next, limit=2)
    assert ["root 3", "root 1", "root 0"] == [thread.root.body for thread in first.results + rest.results]
    assert [2, 1, 1] == [thread.following.unread for thread in first.results + rest.results]
    assert rest.next is None


def test_threads_of_rooms_that_are_not_theirs_any_more_are_not_listed(
    alice: User, bob: User, room: Room, root: Message
) -> None:
    say(bob, room, thread=root.pk)
    sent = send_to_lobby(author=bob, body="in the lobby", client_key="1")
    follow_thread(actor=alice, message_id=sent.id, wish="follows")
    assert 2 == len(followed_threads(user=alice).results)
    Membership.objects.filter(room=room, user=alice).delete()
    assert [sent.id] == [thread.root.id for thread in followed_threads(user=alice).results]

    # Back, as a newcomer.
    Room.objects.filter(pk=room.pk).update(history=Room.History.SINCE_JOIN)
    join(room, alice)
    assert [sent.id] == [thread.root.id for thread in followed_threads(user=alice).results]


def test_a_list_of_many_threads_takes_as_many_statements_as_one_of_one(
    alice: User, bob: User, room: Room, django_assert_num_queries: object
) -> None:
    for number in range(30):
        say(bob, room, thread=say(alice, room, f"root {number}").pk)
    for limit in (1, 30):
        with django_assert_num_queries(6):  # type: ignore[operator]
            assert limit == len(followed_threads(user=alice, limit=limit).results)


def test_a_deleted_person_leaves_no_following_behind(alice: User, bob: User, room: Room, root: Message) -> None:
    say(bob, room, thread=root.pk)
    bob.delete()

    assert [alice.pk] == list(ThreadFollowing.objects.values_list("user", flat=True))
