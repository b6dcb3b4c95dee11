"""The article's heartbeat and limits, and that nothing a client sends does more than end its own connection."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.realtime.wire.classic.codec import Envelope
from teahouse.realtime.wire.classic.session import ClassicSession
from teahouse.realtime.wire.codes import Ending
from teahouse.realtime.wire.session import Limits

LIMIT = 65_536


@pytest.fixture
def session() -> ClassicSession:
    return ClassicSession(limits=Limits())


def frame_of_bytes(size: int, filling: str) -> str:
    """An envelope of exactly `size` bytes in UTF-8, filled up with `filling`."""
    head, tail = '{"type":"x","content":"', '"}'
    room = size - len(head) - len(tail)
    wide = len(filling.encode())
    frame = head + filling * (room // wide) + "a" * (room % wide) + tail
    assert size == len(frame.encode())
    return frame


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ping", id="bare"),
        pytest.param(" ping\r\n", id="with space around it"),
        pytest.param('{"type":"ping"}', id="as an envelope"),
        pytest.param('{"type":"ping","content":""}', id="as an envelope with content"),
        pytest.param('{"type":"ping","content":"not json"}', id="as an envelope with any content"),
    ],
)
def test_a_ping_is_answered_at_once(session: ClassicSession, text: str) -> None:
    session.receive_text(text)

    assert ["pong"] == session.frames_to_send()
    assert [] == session.commands()
    assert session.ending is None


@pytest.mark.parametrize("text", ["PING", "pong", "pingping", '"ping"', "ping!", ""])
def test_what_only_resembles_a_ping_is_passed_over(session: ClassicSession, text: str) -> None:
    session.receive_text(text)

    assert [] == session.frames_to_send()
    assert {"not an envelope": 1} == session.ignored


def test_each_ping_has_its_own_answer_even_when_commands_wait() -> None:
    session = ClassicSession(limits=Limits(max_waiting_commands=1))
    session.receive_text('{"type":"x"}')
    session.receive_text("ping")
    session.receive_text("ping")

    assert session.is_full
    assert ["pong", "pong"] == session.frames_to_send()


def test_an_envelope_becomes_a_command(session: ClassicSession) -> None:
    text = json.dumps({"type": "demo-message-send", "content": '{"text":"你好"}'}, ensure_ascii=False)
    session.receive_text(text)

    assert [(Envelope("demo-message-send", '{"text":"你好"}'), len(text))] == session.commands()


def test_what_is_no_envelope_is_counted_and_leaves_the_connection_open(session: ClassicSession) -> None:
    for text in ("", "hello", "{}"):
        session.receive_text(text)

    assert {"not an envelope": 3} == session.ignored
    assert [] == session.commands()
    assert [] == session.frames_to_send()
    assert session.ending is None


FILLINGS = [
    pytest.param("a", id="one byte a character"),
    pytest.param("é", id="two bytes"),
    pytest.param("茶", id="three bytes"),
    pytest.param("🍵", id="four bytes"),
]


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_frame_of_exactly_the_limit_is_taken(session: ClassicSession, filling: str) -> None:
    session.receive_text(frame_of_bytes(LIMIT, filling))

    assert session.ending is None
    assert 1 == len(session.commands())


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_frame_of_one_byte_more_ends_it(session: ClassicSession, filling: str) -> None:
    session.receive_text(frame_of_bytes(LIMIT + 1, filling))

    assert Ending.FRAME_TOO_BIG == session.ending
    assert [] == session.commands()


@pytest.mark.parametrize(
    ("count", "ending"), [(20_000, None), (30_000, Ending.FRAME_TOO_BIG)], ids=["taken", "too big"]
)
def test_a_lone_surrogate_counts_three_bytes(session: ClassicSession, count: int, ending: Ending | None) -> None:
    session.receive_text("\ud800" * count)

    assert ending == session.ending


def test_a_ping_that_is_too_big_is_too_big(session: ClassicSession) -> None:
    session.receive_text("ping".center(LIMIT + 1))

    assert Ending.FRAME_TOO_BIG == session.ending
    assert [] == session.frames_to_send()


def test_after_its_end_nothing_is_answered_or_done(session: ClassicSession) -> None:
    session.close(Ending.SIGNED_OUT)
    session.receive_text("ping")
    session.receive_text('{"type":"demo-message-send"}')
    session.receive_text("x" * (LIMIT + 1))
    session.receive_text("no envelope")

    assert [] == session.frames_to_send()
    assert [] == session.commands()
    assert {} == session.ignored
    assert Ending.SIGNED_OUT == session.ending


# What a text frame can hold, and what it cannot: lone surrogates come from servers that do not check UTF-8.
any_text = st.text(st.characters(codec=None), max_size=200)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)
envelopes = st.fixed_dictionaries({}, optional={"type": any_json, "content": any_json, "more": any_json})


@settings(max_examples=150, deadline=None)
@given(any_text | st.builds(json.dumps, any_json) | st.builds(json.dumps, envelopes))
def test_no_text_raises(text: str) -> None:
    session = ClassicSession(limits=Limits(max_frame_bytes=300))
    session.receive_text(text)

    outcomes = [len(session.commands()), len(session.frames_to_send()), session.ignored.total()]
    assert 1 == sum(outcomes) + (session.ending is not None)
    assert session.ending in (None, Ending.FRAME_TOO_BIG)
