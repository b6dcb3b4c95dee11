"""Old state plus publications equals new state, for every kind of publication."""

import functools
import itertools
import typing
from collections.abc import Callable
from typing import Any

import pytest

from teahouse.accounts.models import User
from teahouse.chat import frames
from teahouse.chat.models import Room
from teahouse.chat.services.messages import send_to_lobby
from teahouse.chat.services.reading_pace import ReadPace
from tests.chat.conftest import Wire, new_person
from tests.chat.reading_times import clock, paced
from tests.chat.state import assert_follows, do

__all__ = ["clock", "paced"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paced")]


class Scene:
    """
    Alice and bob, who owns a public room with both in it and moderates, with an admin; a direct room of the two; some
    messages, one of them with a thread that alice began.
    """

    def __init__(self, pace: ReadPace) -> None:
        self.pace = pace
        self.alice, self.bob = new_person("alice"), new_person("bob")
        self.carol, self.admin = new_person("carol"), new_person("root", is_admin=True)
        self._keys = itertools.count()
        send_to_lobby(author=self.bob, body="the lobby is there", client_key="lobby")
        self.room = self.do(self.bob, "room.create", kind="public", name="tea", people=[self.alice.pk]).room.id
        self.other = self.do(self.bob, "room.create", kind="public", name="other").room.id
        self.direct = do(self.bob, "room.open", people=[self.alice.pk]).room.id
        self.root = self.say(self.alice, "a thread begins")
        self.say(self.bob, "a reply", thread=self.root)
        self.own = self.say(self.alice, "hers")
        self.last = self.say(self.bob, "hello @alice")
        self.number = do(self.bob, "room.get", room=self.room).last_number

    def do(self, person: User, method: str, /, **asked: object) -> Any:
        """With a client key."""
        return do(person, method, client_key=f"{next(self._keys)}", **asked)

    def say(self, author: User, body: str, room: int | None = None, **more: object) -> int:
        message: int = self.do(author, "message.send", room=room or self.room, body=body, **more).id
        return message


Act = Callable[[Scene], object]


def _all(*acts: Act) -> tuple[Act, ...]:
    return acts


def _react(scene: Scene, person: User, emoji: str = "👍") -> None:
    do(person, "reaction.add", message=scene.last, emoji=emoji)


# What is done, and which kinds alice hears of it.
ACTS: dict[str, tuple[Act | tuple[Act, ...], set[str]]] = {
    # Messages.
    "another writes": (lambda s: s.say(s.bob, "more"), {"message.posted"}),
    "she writes": (lambda s: s.say(s.alice, "more"), {"message.posted"}),
    "she is named": (lambda s: s.say(s.bob, "@alice @all look"), {"message.posted"}),
    "she names herself": (lambda s: s.say(s.alice, "@alice @all look"), {"message.posted"}),
    "a direct message": (lambda s: s.say(s.bob, "psst", s.direct), {"message.posted", "message.rang"}),
    "in the lobby": (lambda s: send_to_lobby(author=s.bob, body="@all hi", client_key="x"), {"message.posted"}),
    "another replies in her thread": (lambda s: s.say(s.bob, "re", thread=s.root), {"message.posted"}),
    "the first reply to her": (lambda s: s.say(s.bob, "re", thread=s.own), {"message.posted"}),
    "she replies to another": (lambda s: s.say(s.alice, "re", thread=s.last), {"message.posted"}),
    "a forwarded message": (
        lambda s: s.do(s.bob, "message.forward", message=s.last, room=s.direct),
        {"message.posted", "message.rang"},
    ),
    "an edit": (lambda s: do(s.bob, "message.edit", message=s.last, body="hello"), {"message.edited"}),
    "an edit that names her": (
        lambda s: do(s.bob, "message.edit", message=s.last, body="@all come, @alice"),
        {"message.edited"},
    ),
    "a message that named her is deleted": (
        lambda s: do(s.bob, "message.delete", message=s.last),
        {"message.deleted"},
    ),
    "the root of a thread is deleted": (lambda s: do(s.alice, "message.delete", message=s.root), {"message.deleted"}),
    "all that can be deleted of a message": (
        _all(
            lambda s: _react(s, s.alice),
            lambda s: do(s.bob, "pin.add", message=s.last),
            lambda s: do(s.alice, "saved.add", message=s.last),
            lambda s: do(s.bob, "message.delete", message=s.last),
        ),
        {"reaction.added", "pin.added", "saved.added", "message.deleted"},
    ),
    # What is said about them.
    "reactions": (
        _all(lambda s: _react(s, s.bob), lambda s: _react(s, s.alice), lambda s: _react(s, s.alice, "🍵")),
        {"reaction.added"},
    ),
    "a reaction is taken back": (
        _all(
            lambda s: _react(s, s.bob),
            lambda s: _react(s, s.alice),
            lambda s: do(s.bob, "reaction.remove", message=s.last, emoji="👍"),
        ),
        {"reaction.added", "reaction.removed"},
    ),
    "a pin": (lambda s: do(s.bob, "pin.add", message=s.own), {"pin.added"}),
    "a pin is taken away": (
        _all(
            lambda s: do(s.bob, "pin.add", message=s.own),
            lambda s: do(s.bob, "pin.add", message=s.last),
            lambda s: do(s.bob, "pin.remove", message=s.own),
        ),
        {"pin.added", "pin.removed"},
    ),
    "a thread is resolved": (lambda s: do(s.bob, "thread.resolve", message=s.root), {"thread.changed"}),
    "a thread without replies is resolved and taken up again": (
        _all(
            lambda s: do(s.bob, "thread.resolve", message=s.last),
            lambda s: do(s.bob, "thread.unresolve", message=s.last),
        ),
        {"thread.changed"},
    ),
    # Rooms and members.
    "somebody joins": (
        lambda s: do(s.carol, "room.join", room=s.room),
        {"member.joined"},
    ),
    "somebody else's role": (
        _all(
            lambda s: do(s.admin, "room.join", room=s.room),
            lambda s: do(s.bob, "room.role", room=s.room, user=s.admin.pk, role="moderator"),
        ),
        {"member.joined", "member.changed"},
    ),
    "her role": (
        lambda s: do(s.bob, "room.role", room=s.room, user=s.alice.pk, role="moderator"),
        {"member.changed", "membership.changed"},
    ),
    "her mute": (
        lambda s: do(s.bob, "room.mute", room=s.room, user=s.alice.pk, seconds=600),
        {"member.changed", "membership.changed"},
    ),
    "somebody leaves": (
        _all(lambda s: do(s.admin, "room.join", room=s.room), lambda s: do(s.admin, "room.leave", room=s.room)),
        {"member.joined", "member.left"},
    ),
    "she leaves": (lambda s: do(s.alice, "room.leave", room=s.room), {"member.left", "room.lost"}),
    "she is removed, with what she has there": (
        _all(
            lambda s: do(s.alice, "draft.set", room=s.room, body="not finished"),
            lambda s: do(s.alice, "saved.add", message=s.last),
            lambda s: do(s.bob, "room.remove", room=s.room, user=s.alice.pk),
        ),
        {"draft.changed", "saved.added", "member.left", "room.lost"},
    ),
    "she leaves and comes back to what she had": (
        _all(
            lambda s: do(s.alice, "draft.set", room=s.room, body="not finished"),
            lambda s: do(s.alice, "room.leave", room=s.room),
            lambda s: s.say(s.bob, "while she is away"),
            lambda s: do(s.alice, "room.join", room=s.room),
            lambda s: s.say(s.bob, "@alice welcome"),
        ),
        {"room.lost", "room.gained", "message.posted"},
    ),
    "she joins": (
        _all(lambda s: s.say(s.bob, "before", s.other), lambda s: do(s.alice, "room.join", room=s.other)),
        {"room.gained"},
    ),
    "a direct room is opened with her": (lambda s: do(s.admin, "room.open", people=[s.alice.pk]), {"room.gained"}),
    "a room is renamed and archived": (
        _all(
            lambda s: do(s.bob, "room.change", room=s.room, name="oolong", topic="leaves"),
            lambda s: do(s.bob, "room.archive", room=s.room),
        ),
        {"room.changed"},
    ),
    "newcomers see less": (lambda s: do(s.bob, "room.change", room=s.room, history="since_join"), {"room.changed"}),
    "her preferences": (
        lambda s: do(s.alice, "room.prefer", room=s.room, level="mentions", is_favourite=True),
        {"membership.changed"},
    ),
    # Her own.
    "she reads": (lambda s: do(s.alice, "room.read", room=s.room, number=s.number), {"read.moved"}),
    "she marks as unread": (
        _all(
            lambda s: do(s.alice, "room.read", room=s.room, number=s.number),
            lambda s: s.pace.finish(),
            lambda s: do(s.alice, "room.unread", room=s.room, number=2),
            lambda s: s.pace.finish(),
        ),
        {"read.moved"},
    ),
    "she reads and marks as unread within a second: it is told once more, at its end": (
        _all(
            lambda s: do(s.alice, "room.read", room=s.room, number=s.number - 1),
            lambda s: do(s.alice, "room.read", room=s.room, number=s.number),
            lambda s: do(s.alice, "room.unread", room=s.room, number=2),
            lambda s: s.pace.finish(),
        ),
        {"read.moved"},
    ),
    "she marks as unread and writes": (
        _all(
            lambda s: do(s.alice, "room.unread", room=s.room, number=2),
            lambda s: s.say(s.alice, "more"),
        ),
        {"read.moved", "message.posted"},
    ),
    "she writes and marks as unread": (
        _all(
            lambda s: s.say(s.alice, "more"),
            lambda s: do(s.alice, "room.unread", room=s.room, number=2),
        ),
        {"read.moved", "message.posted"},
    ),
    "she reads in the lobby, where she never was": (
        lambda s: do(s.alice, "room.read", room=Room.objects.get(slug="lobby").pk, number=1),
        {"read.moved"},
    ),
    "a draft": (
        _all(
            lambda s: do(s.alice, "draft.set", room=s.room, body="not f"),
            lambda s: do(s.alice, "draft.set", room=s.room, body="not finished", reply_to=s.last),
            lambda s: do(s.alice, "draft.set", room=s.room, body="neither", thread=s.root),
        ),
        {"draft.changed"},
    ),
    "a draft is removed": (
        _all(
            lambda s: do(s.alice, "draft.set", room=s.room, body="not finished"),
            lambda s: do(s.alice, "draft.set", room=s.room, body=""),
        ),
        {"draft.changed"},
    ),
    "a message is saved": (lambda s: do(s.alice, "saved.add", message=s.last), {"saved.added"}),
    "a message is saved no longer": (
        _all(
            lambda s: do(s.alice, "saved.add", message=s.last),
            lambda s: do(s.alice, "saved.add", message=s.own),
            lambda s: do(s.alice, "saved.remove", message=s.last),
        ),
        {"saved.added", "saved.removed"},
    ),
    "she follows a thread": (lambda s: do(s.alice, "thread.follow", message=s.last), {"thread.followed"}),
    "she mutes her thread, and it goes on": (
        _all(
            lambda s: do(s.alice, "thread.mute", message=s.root),
            lambda s: s.say(s.bob, "re", thread=s.root),
            lambda s: s.say(s.alice, "re", thread=s.root),
        ),
        {"thread.followed", "message.posted"},
    ),
    "she leaves her thread, and it goes on": (
        _all(
            lambda s: do(s.alice, "thread.unfollow", message=s.root),
            lambda s: s.say(s.bob, "re", thread=s.root),
        ),
        {"thread.followed", "message.posted"},
    ),
    # Notices.
    "a notice": (lambda s: s.do(s.admin, "notice.publish", title="for everyone"), {"notice.pushed"}),
    "a notice for her": (
        lambda s: s.do(s.admin, "notice.publish", title="for her", people=[s.alice.pk], asks_confirmation=True),
        {"notice.pushed"},
    ),
    "a notice for others": (lambda s: s.do(s.admin, "notice.publish", title="for him", people=[s.bob.pk]), set()),
    "a notice that she reads and confirms, and that is pushed again": (
        lambda s: _read_and_push_again(s),
        {"notice.pushed", "notice.read"},
    ),
}


def _read_and_push_again(scene: Scene) -> None:
    notice = scene.do(scene.admin, "notice.publish", title="again", asks_confirmation=True).notice.id
    do(scene.alice, "notice.read", notice=notice)
    do(scene.alice, "notice.confirm", notice=notice)
    do(scene.admin, "notice.push", notice=notice)


@pytest.mark.parametrize("what", ACTS)
def test_a_client_that_follows_knows_what_one_that_begins_finds(what: str, paced: ReadPace, wire: Wire) -> None:
    with wire.committed():
        scene = Scene(paced)
    acts, kinds = ACTS[what]
    steps = acts if isinstance(acts, tuple) else (acts,)

    heard = assert_follows(scene.alice, *(functools.partial(act, scene) for act in steps), wire=wire)

    assert kinds <= {frames.kind_of(frames.decode(publication.data)) for publication in heard}


def test_every_kind_of_publication_is_held_to_it() -> None:
    every = {kind.__struct_config__.tag for kind in typing.get_args(frames.Frame)}

    assert every == set().union(*(kinds for _, kinds in ACTS.values()))
