"""
Frames of RFC 6455 as a server reads and writes them; the rules of the Autobahn suite's groups 1 to 7 in our words.

The `websockets` library is the peer that writes and reads the other side.
"""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import CloseCode, Opcode
from websockets.frames import Frame as Theirs

from teahouse.realtime.wire.framing import (
    Frame,
    FrameReader,
    Kind,
    binary_frame,
    close_frame,
    ping_frame,
    pong_frame,
    text_frame,
)

_LIMIT = 65_536


def reader(max_bytes: int = _LIMIT, max_fragments: int = 256) -> FrameReader:
    return FrameReader(max_bytes=max_bytes, max_fragments=max_fragments)


def sent(opcode: Opcode, data: bytes, *, fin: bool = True, reserved: int = 0) -> bytes:
    """As a client sends it: masked. `reserved` are the three bits that nobody may set."""
    frame = bytearray(Theirs(opcode, data, fin).serialize(mask=True))
    frame[0] |= reserved << 4
    return bytes(frame)


def text(words: str, *, fin: bool = True) -> bytes:
    return sent(Opcode.TEXT, words.encode(), fin=fin)


def more(data: bytes, *, fin: bool = True) -> bytes:
    return sent(Opcode.CONT, data, fin=fin)


def failure_of(data: bytes, **limits: int) -> int | None:
    judged = reader(**limits)
    judged.receive(data)
    return None if judged.failure is None else judged.failure.code


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 128, 65_535, 65_536])
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.BINARY])
def test_a_message_of_any_length_up_to_the_limit_is_read(length: int, kind: Kind) -> None:
    payload = b"*" * length
    opcode = Opcode.TEXT if kind is Kind.TEXT else Opcode.BINARY
    expected = Frame(kind, text=payload.decode()) if kind is Kind.TEXT else Frame(kind, data=payload)

    assert [expected] == reader().receive(sent(opcode, payload))


def test_one_byte_over_the_limit_is_refused_when_it_is_declared() -> None:
    declared = struct.pack("!BBQ", 0x81, 0x80 | 127, _LIMIT + 1)

    assert 1009 == failure_of(declared)
    assert 1009 == failure_of(struct.pack("!BBQ", 0x82, 0x80 | 127, (1 << 63) - 1))
    assert failure_of(struct.pack("!BBQ", 0x81, 0x80 | 127, _LIMIT)) is None


def test_fragments_over_the_limit_together_are_refused_when_the_last_is_declared() -> None:
    judged = reader()
    judged.receive(text("x" * 40_000, fin=False))
    assert judged.failure is None

    judged.receive(struct.pack("!BBH", 0x80, 0x80 | 126, 30_000))
    assert judged.failure is not None
    assert 1009 == judged.failure.code


def test_a_fragmented_message_is_one_message_with_control_frames_in_between() -> None:
    data = text("茶", fin=False) + sent(Opcode.PING, b"in between") + more("馆".encode(), fin=False) + more(b"!")

    assert [Frame(Kind.PING, data=b"in between"), Frame(Kind.TEXT, text="茶馆!")] == reader().receive(data)


def test_a_character_may_be_cut_in_two_by_fragments() -> None:
    raw = "κόσμε茶🍵".encode()
    for cut in range(len(raw) + 1):
        data = sent(Opcode.TEXT, raw[:cut], fin=False) + more(raw[cut:])

        assert [Frame(Kind.TEXT, text="κόσμε茶🍵")] == reader().receive(data)


def test_fragments_may_be_empty_and_binary() -> None:
    data = sent(Opcode.BINARY, b"", fin=False) + more(b"", fin=False) + more(b"\xff")

    assert [Frame(Kind.BINARY, data=b"\xff")] == reader().receive(data)


def test_so_many_fragments_and_no_more() -> None:
    begun = text("", fin=False)

    assert failure_of(begun + more(b"", fin=False) * 255) is None
    assert 1008 == failure_of(begun + more(b"", fin=False) * 256)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x81\x00", 1002, id="not masked"),
        pytest.param(Theirs(Opcode.TEXT, b"a", True).serialize(mask=False), 1002, id="not masked, with a payload"),
        pytest.param(sent(Opcode.TEXT, b"a", reserved=4), 1002, id="rsv1"),
        pytest.param(sent(Opcode.TEXT, b"a", reserved=2), 1002, id="rsv2"),
        pytest.param(sent(Opcode.TEXT, b"a", reserved=1), 1002, id="rsv3"),
        pytest.param(sent(Opcode.PING, b"", reserved=4), 1002, id="rsv1 on a ping"),
        *(
            pytest.param(bytes((0x80 | opcode, 0x80)) + bytes(4), 1002, id=f"opcode {opcode}")
            for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
        ),
        pytest.param(bytes((0x89, 0x80 | 126, 0, 126)) + bytes(130), 1002, id="a ping of 126 bytes"),
        pytest.param(bytes((0x09, 0x80)) + bytes(4), 1002, id="a fragmented ping"),
        pytest.param(bytes((0x0A, 0x80)) + bytes(4), 1002, id="a fragmented pong"),
        pytest.param(bytes((0x08, 0x80)) + bytes(4), 1002, id="a fragmented close"),
        pytest.param(more(b"a"), 1002, id="a continuation of nothing"),
        pytest.param(more(b"a", fin=False), 1002, id="a continuation of nothing, unfinished"),
        pytest.param(text("a", fin=False) + text("b"), 1002, id="a message within a message"),
        pytest.param(text("a", fin=False) + text("b", fin=False), 1002, id="a message within one, unfinished"),
        pytest.param(text("a", fin=False) + more(b"b") + more(b"c"), 1002, id="a continuation after the end"),
        pytest.param(struct.pack("!BBH", 0x81, 0x80 | 126, 125) + bytes(200), 1002, id="16 bits for a short length"),
        pytest.param(struct.pack("!BBQ", 0x81, 0x80 | 127, 65_535), 1002, id="64 bits for a short length"),
        pytest.param(struct.pack("!BBQ", 0x81, 0x80 | 127, 1 << 63), 1002, id="a length with the highest bit"),
        pytest.param(sent(Opcode.CLOSE, b"\x03"), 1002, id="half a close code"),
        pytest.param(sent(Opcode.CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007, id="a reason that is not UTF-8"),
        pytest.param(sent(Opcode.TEXT, b"\xff"), 1007, id="not UTF-8"),
        pytest.param(sent(Opcode.TEXT, b"\xed\xa0\x80"), 1007, id="a surrogate"),
        pytest.param(sent(Opcode.TEXT, b"\xf4\x90\x80\x80"), 1007, id="beyond the last character"),
        pytest.param(sent(Opcode.TEXT, b"\xc0\xaf"), 1007, id="overlong"),
        pytest.param(sent(Opcode.TEXT, "茶".encode()[:2]), 1007, id="half a character"),
        pytest.param(sent(Opcode.TEXT, b"\xce\xba\xff", fin=False), 1007, id="not UTF-8, in the first fragment"),
        pytest.param(sent(Opcode.TEXT, b"\xe8", fin=False) + more(b"a"), 1007, id="half a character, then another"),
        pytest.param(sent(Opcode.TEXT, b"\xe8", fin=False) + more(b""), 1007, id="half a character, then the end"),
    ],
)
def test_what_breaks_the_protocol(data: bytes, code: int) -> None:
    assert code == failure_of(data)


def test_what_came_before_the_break_is_good() -> None:
    judged = reader()
    frames = judged.receive(text("good") + sent(Opcode.TEXT, b"a", reserved=2) + text("too late"))

    assert [Frame(Kind.TEXT, text="good")] == frames
    assert judged.failure is not None


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])
def test_a_close_code_that_may_be_sent(code: int) -> None:
    data = sent(Opcode.CLOSE, struct.pack("!H", code) + "再见".encode())

    assert [Frame(Kind.CLOSE, data="再见".encode(), code=code)] == reader().receive(data)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
def test_a_close_code_that_may_not_be_sent(code: int) -> None:
    assert 1002 == failure_of(sent(Opcode.CLOSE, struct.pack("!H", code)))


def test_a_close_without_a_code_and_nothing_after_it() -> None:
    assert [Frame(Kind.CLOSE)] == reader().receive(sent(Opcode.CLOSE, b"") + text("after") + b"garbage")


messages = st.lists(
    st.one_of(
        st.text(max_size=300).map(lambda words: Frame(Kind.TEXT, text=words)),
        st.binary(max_size=300).map(lambda data: Frame(Kind.BINARY, data=data)),
        st.binary(max_size=125).map(lambda data: Frame(Kind.PING, data=data)),
        st.binary(max_size=125).map(lambda data: Frame(Kind.PONG, data=data)),
    ),
    max_size=8,
)


def as_sent(frame: Frame, cuts: list[int]) -> bytes:
    opcode = {Kind.TEXT: Opcode.TEXT, Kind.BINARY: Opcode.BINARY, Kind.PING: Opcode.PING, Kind.PONG: Opcode.PONG}
    payload = frame.text.encode() if frame.kind is Kind.TEXT else frame.data
    if frame.kind in (Kind.PING, Kind.PONG):
        return sent(opcode[frame.kind], payload)
    borders = [0, *sorted(cut % (len(payload) + 1) for cut in cuts), len(payload)]
    parts = [payload[start:end] for start, end in itertools.pairwise(borders)]
    kinds = [opcode[frame.kind], *[Opcode.CONT] * (len(parts) - 1)]
    return b"".join(
        sent(kind, part, fin=number == len(parts) - 1)
        for number, (kind, part) in enumerate(zip(kinds, parts, strict=True))
    )


@given(messages, st.lists(st.integers(0, 300), max_size=3), st.integers(1, 40))
def test_however_it_is_cut_the_same_frames_are_read(frames: list[Frame], cuts: list[int], chunk: int) -> None:
    data = b"".join(as_sent(frame, cuts) for frame in frames)
    judged = reader()
    read = [frame for start in range(0, len(data), chunk) for frame in judged.receive(data[start : start + chunk])]

    assert judged.failure is None
    assert frames == read


@given(st.binary(max_size=400))
def test_whatever_comes_is_frames_or_a_failure_and_never_an_exception(data: bytes) -> None:
    judged = reader()
    judged.receive(data)

    assert judged.failure is None or judged.failure.code in (1002, 1007, 1009)


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_what_we_write_is_what_the_other_side_reads(length: int) -> None:
    for opcode, data in ((Opcode.TEXT, text_frame(b"x" * length)), (Opcode.BINARY, binary_frame(b"x" * length))):
        assert Theirs(opcode, b"x" * length, True).serialize(mask=False) == data
    assert Theirs(Opcode.PING, b"a", True).serialize(mask=False) == ping_frame(b"a")
    assert Theirs(Opcode.PONG, b"a", True).serialize(mask=False) == pong_frame(b"a")


def test_a_reason_is_cut_at_the_border_of_a_character() -> None:
    whole = close_frame(CloseCode.GOING_AWAY, "茶" * 60)

    assert 2 + 125 >= len(whole)
    assert "茶" * 41 == whole[4:].decode()
    assert b"\x88\x00" == close_frame(0)
