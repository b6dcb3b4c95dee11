"""What a client of the article may write as a receiver, and what becomes of what it sends."""

import json
import math
from typing import Any

import pytest

from teahouse.accounts.models import User
from teahouse.chat.commands.classic import CLASSIC_COMMANDS, BadRecipient, receiver_in, send_demo_message
from teahouse.chat.models import Message, Room


@pytest.mark.parametrize(
    ("value", "receiver"),
    [
        pytest.param(None, None, id="null: everyone"),
        pytest.param("", None, id="empty, as the page's form sends it: everyone"),
        pytest.param(0, None, id="0: everyone"),
        pytest.param("0", None, id="0 as text: everyone"),
        pytest.param(2, 2, id="a number"),
        pytest.param("2", 2, id="a number as text"),
        pytest.param(" 2 ", 2, id="a number as text with space"),
        pytest.param(2.0, 2, id="a number that a language without integers sends"),
        pytest.param(2**53, 2**53, id="a number beyond JavaScript's"),
        pytest.param("9223372036854775807", 2**63 - 1, id="the largest key"),
        pytest.param("9999999999999999999", 9_999_999_999_999_999_999, id="19 digits, which nobody has"),
        pytest.param(10**30, 10**30, id="a huge number, which nobody has"),
        pytest.param(1e30, int(1e30), id="a huge number with an exponent, which nobody has"),
    ],
)
def test_a_receiver_is_everyone_or_a_number(value: object, receiver: int | None) -> None:
    assert receiver == receiver_in(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("abc", id="a word"),
        pytest.param(True, id="true, which Python takes for 1"),
        pytest.param(False, id="false, which Python takes for 0"),
        pytest.param([], id="an empty list"),
        pytest.param([2], id="a list"),
        pytest.param({}, id="an empty object"),
        pytest.param({"id": 2}, id="an object"),
        pytest.param(-1, id="a negative number"),
        pytest.param("-1", id="a negative number as text"),
        pytest.param("+2", id="a sign"),
        pytest.param("02", id="a leading zero"),
        pytest.param("00", id="two zeros"),
        pytest.param(" ", id="a blank"),
        pytest.param("\t\n", id="blanks"),
        pytest.param("2.0", id="a fraction as text"),
        pytest.param("1e3", id="an exponent as text"),
        pytest.param("0x2", id="hexadecimal"),
        pytest.param("1_000", id="an underscore, which int() reads"),
        pytest.param("２", id="a full-width digit, which int() reads"),
        pytest.param("٢", id="an Arabic digit, which int() reads"),
        pytest.param("二", id="a Chinese number"),
        pytest.param("2 3", id="two numbers"),
        pytest.param("null", id="null as text"),
        pytest.param("1" * 20, id="20 digits"),
        pytest.param("1" * 5_000, id="so many digits that int() raises"),
        pytest.param(2.5, id="a fraction"),
        pytest.param(0.0, id="0.0"),
        pytest.param(-0.0, id="-0.0"),
        pytest.param(-2.0, id="a negative float"),
        pytest.param(1e-300, id="nearly 0"),
        pytest.param(math.inf, id="infinity"),
        pytest.param(math.nan, id="not a number"),
    ],
)
def test_whatever_is_neither_never_becomes_a_message_to_everyone(value: object) -> None:
    with pytest.raises(BadRecipient):
        receiver_in(value)


def content(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"text": "你好"}, id="missing"),
        pytest.param({"text": "你好", "toUserId": None}, id="null"),
        pytest.param({"text": "你好", "toUserId": ""}, id="empty"),
        pytest.param({"text": "你好", "toUserId": 0}, id="0"),
        pytest.param({"text": "你好", "toUserId": "0"}, id="0 as text"),
        pytest.param({"text": "你好", "toUserId": "", "more": [1]}, id="with an unknown field"),
    ],
)
def test_without_a_receiver_it_goes_to_everyone(alice: User, sent: dict[str, Any]) -> None:
    assert send_demo_message(alice, content(**sent), "key") is None

    message = Message.objects.select_related("room").get()
    assert (alice.pk, "你好", Room.Kind.PUBLIC) == (message.author_id, message.body, message.room.kind)


@pytest.mark.django_db
@pytest.mark.parametrize("as_sent", [int, str, float], ids=["a number", "text", "a fraction of .0"])
def test_with_a_receiver_it_goes_to_the_two(alice: User, bob: User, as_sent: Any) -> None:
    assert send_demo_message(alice, content(text="hi", toUserId=as_sent(bob.pk)), "key") is None

    room = Message.objects.get().room
    assert (Room.Kind.DIRECT, {alice.pk, bob.pk}) == (
        room.kind,
        set(room.memberships.values_list("user_id", flat=True)),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(content(text="x", toUserId="abc"), "bad recipient", id="a receiver that is none"),
        pytest.param(content(text="x", toUserId=True), "bad recipient", id="true"),
        pytest.param(content(text="x", toUserId=[2]), "bad recipient", id="a list"),
        pytest.param(content(text="x", toUserId=999_999), "bad recipient", id="nobody"),
        pytest.param(content(text="x", toUserId=2**63), "bad recipient", id="a number too big for the key"),
        pytest.param('{"text":"x","toUserId":1e300}', "bad recipient", id="a number too big for anybody"),
        pytest.param('{"text":"x","toUserId":1e400}', "bad content", id="a number too big for JSON"),
        pytest.param('{"text":"x","toUserId":' + "9" * 5_000 + "}", "bad content", id="a number of 5,000 digits"),
        pytest.param('{"text":"x","toUserId":' + "[" * 50_000 + "}", "bad content", id="a receiver 50,000 deep"),
        pytest.param(content(toUserId=""), "bad content", id="no text"),
        pytest.param(content(text=None), "bad content", id="text null"),
        pytest.param(content(text=1), "bad content", id="text a number"),
        pytest.param(content(text={"a": 1}), "bad content", id="text an object"),
        pytest.param("not json", "bad content", id="not JSON"),
        pytest.param("", "bad content", id="nothing"),
        pytest.param("null", "bad content", id="null"),
        pytest.param("[]", "bad content", id="a list"),
        pytest.param('{"text":"\\ud800"}', "bad content", id="half a surrogate pair, escaped"),
        pytest.param('{"text":"\ud800"}', "bad content", id="half a surrogate pair"),
        pytest.param(content(text=""), "bad text", id="empty text"),
        pytest.param(content(text=" \n\u3000"), "bad text", id="blank text, in Chinese too"),
        pytest.param(content(text="a\x00b"), "bad text", id="a NUL"),
        pytest.param(content(text="茶" * 10_001), "bad text", id="too long"),
    ],
)
def test_what_cannot_be_sent_is_passed_over_with_a_reason(alice: User, text: str, reason: str) -> None:
    assert reason == send_demo_message(alice, text, "key")
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_a_deactivated_person_can_neither_send_nor_be_sent_to(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)

    assert "bad recipient" == send_demo_message(alice, content(text="x", toUserId=bob.pk), "1")
    assert "not a member" == send_demo_message(bob, content(text="x"), "2")
    assert "not a member" == send_demo_message(bob, content(text="x", toUserId=alice.pk), "3")
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_a_command_that_is_repeated_after_a_fault_is_done_once(alice: User) -> None:
    for _ in range(3):
        assert send_demo_message(alice, content(text="x"), "the same key") is None
    assert send_demo_message(alice, content(text="x"), "another key") is None

    assert [1, 2] == list(Message.objects.values_list("number", flat=True))


def test_every_command_of_the_article_is_in_the_table() -> None:
    assert {"demo-message-send"} == set(CLASSIC_COMMANDS)
