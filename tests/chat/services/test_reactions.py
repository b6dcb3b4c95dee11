"""Reactions: once of each person, a limited number of kinds, and told as the history says."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.conf import conf
from teahouse.chat.models import Membership, Reaction, Room
from teahouse.chat.selectors.messages import frame_of
from teahouse.chat.services.editing import delete_message
from teahouse.chat.services.reactions import add_reaction, remove_reaction
from tests.chat.conftest import Wire
from tests.chat.talking import history_tells, new_room, say, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return new_room(alice, bob)


def test_a_reaction_is_told_and_is_on_the_message(alice: User, bob: User, room: Room, wire: Wire) -> None:
    with wire.committed():
        message = say(alice, room)
    with wire.committed():
        add_reaction(actor=bob, message_id=message.pk, emoji="🍵")
        add_reaction(actor=alice, message_id=message.pk, emoji="🍵")
        add_reaction(actor=alice, message_id=message.pk, emoji="👍🏽")
        remove_reaction(actor=bob, message_id=message.pk, emoji="🍵")

    assert [
        frames.ReactionAdded(message=message.pk, number=1, emoji="🍵", user=bob.pk),
        frames.ReactionAdded(message=message.pk, number=1, emoji="🍵", user=alice.pk),
        frames.ReactionAdded(message=message.pk, number=1, emoji="👍🏽", user=alice.pk),
        frames.ReactionRemoved(message=message.pk, number=1, emoji="🍵", user=bob.pk),
    ] == told(wire, 1)
    assert [frames.Reaction("🍵", [alice.pk]), frames.Reaction("👍🏽", [alice.pk])] == frame_of(message).reactions
    assert history_tells(wire)


def test_again_changes_nothing_and_tells_nobody(alice: User, room: Room, wire: Wire) -> None:
    with wire.committed():
        message = say(alice, room)
        add_reaction(actor=alice, message_id=message.pk, emoji="❤")
        # The same emoji of another keyboard.
        add_reaction(actor=alice, message_id=message.pk, emoji="❤\ufe0f")
        remove_reaction(actor=alice, message_id=message.pk, emoji="❤\ufe0f")
        remove_reaction(actor=alice, message_id=message.pk, emoji="❤")

    assert 3 == len(wire.publications)
    assert not Reaction.objects.exists()


def test_there_are_so_many_kinds_on_a_message_and_no_more(alice: User, bob: User, room: Room) -> None:
    message = say(alice, room)
    most = conf().most_emoji_per_message
    for number in range(most):
        add_reaction(actor=alice, message_id=message.pk, emoji=chr(0x1F600 + number))

    with pytest.raises(errors.TooMany):
        add_reaction(actor=alice, message_id=message.pk, emoji="🍵")
    # One of those that are there is none more.
    add_reaction(actor=bob, message_id=message.pk, emoji=chr(0x1F600))
    assert most == len(frame_of(message).reactions)


def test_so_many_reactions_are_on_a_message_and_no_more(alice: User, bob: User, room: Room, settings: Any) -> None:
    settings.TEAHOUSE_CHAT = {"most_reactions_per_message": 2}
    conf.cache_clear()
    message = say(alice, room)
    add_reaction(actor=alice, message_id=message.pk, emoji="🍵")
    add_reaction(actor=alice, message_id=message.pk, emoji="🫖")

    try:
        with pytest.raises(errors.TooMany):
            add_reaction(actor=bob, message_id=message.pk, emoji="🍵")
        add_reaction(actor=alice, message_id=message.pk, emoji="🍵")
    finally:
        conf.cache_clear()


@pytest.mark.parametrize("emoji", ["", "a", "1", "茶", "<b>", "👍👍", "\u200d", "🍵" * 33])
def test_what_is_no_emoji_is_refused(alice: User, room: Room, emoji: str) -> None:
    message = say(alice, room)

    with pytest.raises(errors.BadArgument):
        add_reaction(actor=alice, message_id=message.pk, emoji=emoji)


@pytest.mark.parametrize(
    ("of_room", "of_member", "refusal"),
    [
        pytest.param({}, {"role": "reader"}, errors.NotAllowed, id="a reader"),
        pytest.param({}, {"muted_until": timezone.now() + datetime.timedelta(days=1)}, errors.Muted, id="muted"),
        pytest.param({"archived_at": timezone.now()}, {}, errors.Archived, id="archived"),
        pytest.param({"posting": "moderators"}, {}, None, id="where only moderators write"),
    ],
)
def test_who_has_a_word_in_the_room_may_react(
    alice: User,
    room: Room,
    of_room: dict[str, object],
    of_member: dict[str, object],
    refusal: type[errors.ChatError] | None,
) -> None:
    message = say(alice, room)
    Room.objects.filter(pk=room.pk).update(**of_room)
    Membership.objects.filter(user=alice).update(**of_member)

    if refusal is None:
        add_reaction(actor=alice, message_id=message.pk, emoji="🍵")
    else:
        with pytest.raises(refusal):
            add_reaction(actor=alice, message_id=message.pk, emoji="🍵")


def test_a_reader_may_take_back_what_they_reacted_with_before(alice: User, room: Room) -> None:
    message = say(alice, room)
    add_reaction(actor=alice, message_id=message.pk, emoji="🍵")
    Membership.objects.filter(user=alice).update(role="reader")
    remove_reaction(actor=alice, message_id=message.pk, emoji="🍵")

    assert not Reaction.objects.exists()


def test_nobody_reacts_to_a_deleted_message(alice: User, room: Room) -> None:
    message = say(alice, room)
    delete_message(actor=alice, message_id=message.pk)

    with pytest.raises(errors.NoSuchMessage):
        add_reaction(actor=alice, message_id=message.pk, emoji="🍵")
    remove_reaction(actor=alice, message_id=message.pk, emoji="🍵")
