"""Whatever is no message: never an exception, never somebody else's trouble, and the sender stays (row 5)."""

import json
import pathlib
import sqlite3
from typing import Any

import pytest

from tests.live.server import Server, running
from tests.services import wait_until

BOB = 3
_NINES = "9" * 5000


def _message(content: Any) -> str:
    return json.dumps({"type": "demo-message-send", "content": content})


GARBAGE = [
    pytest.param("", id="empty"),
    pytest.param("hello", id="not json"),
    pytest.param("{}", id="no type"),
    pytest.param('{"type":"x","content":"{}"}', id="unknown type"),
    pytest.param('{"type":"demo-message-send"}', id="no content"),
    pytest.param(_message("not json"), id="content not json"),
    pytest.param("[]", id="array"),
    pytest.param("null", id="null"),
    pytest.param("5", id="number"),
    pytest.param('"text"', id="string"),
    pytest.param('{"type":null,"content":"{}"}', id="type null"),
    pytest.param('{"type":1,"content":"{}"}', id="type number"),
    pytest.param(_message({}), id="content object"),
    pytest.param(_message(None), id="content null"),
    pytest.param(_message("[]"), id="inner array"),
    pytest.param(_message("null"), id="inner null"),
    pytest.param(_message("5"), id="inner number"),
    pytest.param(_message("{}"), id="no text"),
    pytest.param(_message('{"text":null}'), id="text null"),
    pytest.param(_message('{"text":5}'), id="text number"),
    pytest.param(_message('{"text":["a"]}'), id="text array"),
    pytest.param(_message('{"text":""}'), id="text empty"),
    pytest.param(_message('{"text":" \\n\\u3000 "}'), id="text blank"),
    pytest.param(_message('{"text":"a\\u0000b"}'), id="nul"),
    pytest.param(_message('{"text":"a\\ud800b"}'), id="lone surrogate"),
    pytest.param('{"type":"\\ud800","content":"{}"}', id="lone surrogate in type"),
    pytest.param(json.dumps({"type": "demo-message-send", "content": '{"text":"a\ud800"}'}), id="surrogate in content"),
    pytest.param('{"type":' + _NINES + "}", id="huge number as type"),
    pytest.param(_message('{"text":"a","toUserId":' + _NINES + "}"), id="huge number as receiver"),
    pytest.param(_message('{"text":"a","toUserId":1e999}'), id="infinite receiver"),
    pytest.param(_message('{"text":"a","toUserId":NaN}'), id="nan"),
    pytest.param("[" * 30_000, id="deep"),
    pytest.param(_message('{"text":' + "[" * 30_000 + "}"), id="deep inside"),
    pytest.param(_message(json.dumps({"text": "x" * 10_001})), id="too long a text"),
    pytest.param('{"type":"websocket.close","content":"{}"}', id="name of an event"),
    pytest.param('{"type":"broadcast.message","payload":"x","content":"{}"}', id="name of a handler"),
]

BAD_RECEIVERS = [
    "abc", True, False, [2], {}, {"id": 2}, -1, 999, 2**63, 10**30, 2.5, "02", " ", "00", "2;3", "２", "1e1",
]  # fmt: skip


@pytest.mark.parametrize("frame", GARBAGE)
def test_garbage_is_passed_over_in_silence(house: Server, frame: str) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        alice.send(frame)
        alice.say("after it")

        assert "after it" == alice.next()["text"] == bob.next()["text"]
    assert "Traceback" not in house.log


@pytest.mark.parametrize("receiver", BAD_RECEIVERS, ids=repr)
def test_a_bad_receiver_is_passed_over_and_counted_and_never_everyone(house: Server, receiver: Any) -> None:
    before = house.metric("teahouse_ignored_total", reason="bad recipient")
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        alice.say("for nobody", receiver)
        alice.say("after it")

        assert "after it" == alice.next()["text"] == bob.next()["text"]
    assert before + 1 == house.metric("teahouse_ignored_total", reason="bad recipient")


def test_a_binary_frame_closes_its_own_connection_with_1003(house: Server) -> None:
    with house.connect_as("alice") as alice, house.connect_as("alice") as other_tab:
        alice.send(b"\x00\x01")

        assert 1003 == alice.closed()
        other_tab.ping()


@pytest.mark.parametrize("text", ["x" * 65_537, "茶" * 21_846, "x" * 1_000_000], ids=["ascii", "chinese", "1 MB"])
def test_a_frame_over_64_kib_closes_its_own_connection_with_1009(house: Server, text: str) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        alice.send(text)

        assert 1009 == alice.closed()
        bob.ping()


def test_a_frame_of_exactly_64_kib_is_read(house: Server) -> None:
    with house.connect_as("alice") as alice:
        alice.send(" " * (65_536 - 4) + "ping")

        assert "pong" == alice.next_text()


def test_a_text_of_ten_thousand_characters_arrives(house: Server) -> None:
    text = "茶" * 10_000
    with house.connect_as("alice") as alice:
        alice.say(text)

        assert text == alice.next()["text"]


def test_a_flood_is_slowed_down_and_nothing_of_it_is_lost(own_house: Server) -> None:
    texts = [str(number) for number in range(150)]
    with own_house.connect_as("alice") as alice, own_house.connect_as("bob") as bob:
        for text in texts:
            alice.say(text)
        bob.say("in between")
        heard = [bob.next(20)["text"] for _ in range(151)]

    # Somebody else's message is not queued behind the flood.
    assert heard.index("in between") < 140
    heard.remove("in between")
    assert texts == heard
    with sqlite3.connect(own_house.data / "teahouse.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM chat_message").fetchone() == (151,)


def test_a_backlog_of_short_connections_is_stored_to_its_end(own_house: Server) -> None:
    # A person's pace outlives a connection, and what the server has read it does, however long that takes.
    token = own_house.tokens("alice")["refresh"]
    for number in range(6):
        with own_house.connect(token) as alice:
            for part in range(30):
                alice.say(f"{number}.{part}")
            alice.ping()
    wait_until(
        lambda: (
            own_house.metric("teahouse_commands_total", protocol="classic") == 180
            and sqlite3.connect(own_house.data / "teahouse.sqlite3")
            .execute("SELECT count(*) FROM chat_message")
            .fetchone()
            == (180,)
        ),
        seconds=20,
    )


def test_a_steady_flood_outlives_the_servers_pings(data: pathlib.Path) -> None:
    with (
        running(data, TEAHOUSE_PING_INTERVAL_SECONDS="0.5", TEAHOUSE_PING_TIMEOUT_SECONDS="0.5") as house,
        house.connect_as("alice") as alice,
        house.connect_as("bob") as bob,
    ):
        for number in range(220):
            alice.say(str(number))
        heard = [bob.next(20)["text"] for _ in range(220)]

        assert [str(number) for number in range(220)] == heard
        alice.ping()
