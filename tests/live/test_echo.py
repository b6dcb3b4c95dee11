"""`teahouse bench echo`: the rules of RFC 6455 that groups 1 to 7, 9 and 10 of the Autobahn|Testsuite ask about."""

import concurrent.futures
import contextlib
import pathlib
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest
from websockets.speedups import apply_mask

from tests.services import process, wait_until

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0
_ENDED = (-1, b"")
_MASK = b"\x37\xfa\x21\x3d"
_MIB = 1_048_576


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of an echo in a process of its own, which ends without an error and without a word."""
    log = tmp_path_factory.mktemp("echo") / "log"
    command = (str(pathlib.Path(sys.executable).parent / "teahouse"), "bench", "echo", "--port", "0")
    with log.open("wb") as output, process(*command, stderr=output) as echo:
        yield int(wait_until(lambda: re.search(r"127\.0\.0\.1:(\d+)", log.read_text()), seconds=30)[1])
        echo.terminate()
        assert 0 == echo.wait(10)
    assert 1 == len(log.read_text().splitlines())


def sent(opcode: int, data: bytes = b"", *, fin: bool = True, reserved: int = 0) -> bytes:
    """A frame as a client sends it."""
    first = (fin << 7) | (reserved << 4) | opcode
    if len(data) < 126:
        head = struct.pack("!BB", first, 0x80 | len(data))
    elif len(data) < 65_536:
        head = struct.pack("!BBH", first, 0x80 | 126, len(data))
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, len(data))
    return head + _MASK + (apply_mask(data, _MASK) if data else b"")


def fragments(opcode: int, data: bytes, size: int) -> bytes:
    """One message in frames of `size` bytes."""
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(
        sent(CONTINUATION if number else opcode, part, fin=number == len(parts) - 1)
        for number, part in enumerate(parts)
    )


class Peer:
    """A connection after its handshake. `next` gives frames as (opcode, payload)."""

    def __init__(self, port: int) -> None:
        self.raw = socket.create_connection(("127.0.0.1", port), 30)
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.raw.makefile("rb")
        self.raw.sendall(
            b"GET /anything?at=all HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        head = b"".join(iter(self._file.readline, b"\r\n"))
        assert head.startswith(b"HTTP/1.1 101")
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head

    def close(self) -> None:
        self._file.close()
        self.raw.close()

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.raw.sendall(part)

    def send_chopped(self, data: bytes, size: int = 1) -> None:
        self.send(*(data[start : start + size] for start in range(0, len(data), size)))

    def next(self) -> tuple[int, bytes]:
        try:
            first, length = self._exactly(2)
            assert first & 0x80, "whole messages come back"
            if length == 126:
                (length,) = struct.unpack("!H", self._exactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self._exactly(8))
            return first & 0x0F, self._exactly(length)
        except (EOFError, ConnectionResetError):
            return _ENDED

    def close_code(self) -> int:
        """Of the next frame, which is a close frame and the last; 0 without a code."""
        opcode, payload = self.next()
        assert opcode == CLOSE
        assert self.next() == _ENDED
        return int.from_bytes(payload[:2], "big")

    def _exactly(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise EOFError
        return data


@pytest.fixture
def connect(port: int) -> Iterator[Callable[[], Peer]]:
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(contextlib.closing(Peer(port)))


@pytest.fixture
def peer(connect: Callable[[], Peer]) -> Peer:
    return connect()


# The handshake.


def test_what_is_no_handshake_is_refused(port: int) -> None:
    for request in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"x" * 20_000):
        with socket.create_connection(("127.0.0.1", port), 5) as raw:
            raw.sendall(request)
            assert raw.recv(100).split(b" ")[1] in (b"400", b"431")
            assert b"" == _rest(raw)[-1:].strip()


def _rest(raw: socket.socket) -> bytes:
    return b"".join(iter(lambda: raw.recv(4096), b""))


def test_it_listens_on_loopback_only(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 5) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"400" == raw.recv(100).split(b" ")[1]
    # Whoever listens on all addresses listens on this one too, on any machine.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), 2)


# 1: framing.


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("size", [0, 125, 126, 127, 128, 65_535, 65_536])
def test_a_message_of_any_length_comes_back_as_what_it_was(peer: Peer, opcode: int, size: int) -> None:
    data = b"*" * size if opcode == TEXT else b"\xfe" * size
    peer.send(sent(opcode, data))
    assert (opcode, data) == peer.next()

    peer.send_chopped(sent(opcode, data), 997)
    assert (opcode, data) == peer.next()


# 2: pings and pongs.


@pytest.mark.parametrize("payload", [b"", b"Hello", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125])
def test_a_ping_is_answered_with_its_payload(peer: Peer, payload: bytes) -> None:
    peer.send(sent(PING, payload))
    assert (PONG, payload) == peer.next()

    peer.send_chopped(sent(PING, payload))
    assert (PONG, payload) == peer.next()


def test_a_ping_of_126_bytes_fails_the_connection(peer: Peer) -> None:
    peer.send(sent(PING, bytes(126)))

    assert 1002 == peer.close_code()


def test_pongs_nobody_asked_for_are_passed_over(peer: Peer) -> None:
    peer.send(sent(PONG), sent(PONG, b"unsolicited"), sent(PING, b"asked"))

    assert (PONG, b"asked") == peer.next()


@pytest.mark.parametrize("chop", [1, 1000])
def test_ten_pings_are_answered_in_order(peer: Peer, chop: int) -> None:
    payloads = [f"payload-{number}".encode() for number in range(10)]
    peer.send_chopped(b"".join(sent(PING, payload) for payload in payloads), chop)

    assert [(PONG, payload) for payload in payloads] == [peer.next() for _ in payloads]


# 3 and 4: reserved bits and opcodes.


@pytest.mark.parametrize("chop", [1, 1000])
@pytest.mark.parametrize("reserved", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, PONG, CLOSE])
def test_a_reserved_bit_fails_the_connection(peer: Peer, opcode: int, reserved: int, chop: int) -> None:
    peer.send_chopped(sent(TEXT, b"good") + sent(opcode, b"\x03\xe8", reserved=reserved) + sent(PING), chop)

    assert (TEXT, b"good") == peer.next()
    assert 1002 == peer.close_code()


@pytest.mark.parametrize("payload", [b"", b"reserved opcode payload"])
@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_an_unknown_opcode_fails_the_connection(peer: Peer, opcode: int, payload: bytes) -> None:
    peer.send(sent(TEXT, b"good"), sent(opcode, payload), sent(PING))

    assert (TEXT, b"good") == peer.next()
    assert 1002 == peer.close_code()


def test_a_frame_without_a_mask_fails_the_connection(peer: Peer) -> None:
    peer.send(b"\x81\x05Hello")

    assert 1002 == peer.close_code()


# 5: fragments.


@pytest.mark.parametrize("chop", [1, 1000])
def test_pings_between_fragments_are_answered_before_the_message(peer: Peer, chop: int) -> None:
    peer.send_chopped(
        sent(TEXT, b"fragment1", fin=False)
        + sent(PING, b"ping 1")
        + sent(CONTINUATION, b"fragment2", fin=False)
        + sent(PING, b"ping 2")
        + sent(CONTINUATION, b"fragment3"),
        chop,
    )

    assert [(PONG, b"ping 1"), (PONG, b"ping 2"), (TEXT, b"fragment1fragment2fragment3")] == [
        peer.next() for _ in range(3)
    ]


def test_a_ping_is_answered_while_a_message_is_not_whole(peer: Peer) -> None:
    peer.send(sent(TEXT, b"fragment1", fin=False), sent(PING))
    assert (PONG, b"") == peer.next()

    peer.send(sent(CONTINUATION, b"fragment2"))
    assert (TEXT, b"fragment1fragment2") == peer.next()


_TORN = [
    pytest.param([sent(PING, b"1", fin=False), sent(CONTINUATION, b"2")], id="5.1 a ping in fragments"),
    pytest.param([sent(PONG, b"1", fin=False), sent(CONTINUATION, b"2")], id="5.2 a pong in fragments"),
    pytest.param([sent(CONTINUATION, b"1"), sent(TEXT, b"2")], id="5.9 a last fragment of nothing"),
    pytest.param([sent(CONTINUATION, b"1", fin=False), sent(TEXT, b"2")], id="5.12 a first fragment of nothing"),
    pytest.param([sent(TEXT, b"1", fin=False), sent(TEXT, b"2")], id="5.18 a message in a message"),
    pytest.param([sent(TEXT, b"1", fin=False), sent(BINARY, b"2")], id="a binary message in a text"),
    pytest.param([sent(TEXT, b"1", fin=False), sent(TEXT, b"2", fin=False)], id="two beginnings"),
]


@pytest.mark.parametrize("frames", _TORN)
@pytest.mark.parametrize("chop", [1, 1000])
def test_fragments_that_belong_to_nothing_fail_the_connection(peer: Peer, frames: list[bytes], chop: int) -> None:
    peer.send_chopped(b"".join(frames), chop)

    assert 1002 == peer.close_code()


def test_a_message_before_a_torn_one_comes_back(peer: Peer) -> None:
    peer.send(fragments(TEXT, b"fragment1fragment2", 9), sent(CONTINUATION, b"3", fin=False), sent(TEXT, b"4"))

    assert (TEXT, b"fragment1fragment2") == peer.next()
    assert 1002 == peer.close_code()


# 6: UTF-8.


_TEXTS = [
    "", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\x00", "\u0080", "\u0800", "\U00010000", "\ud7ff\ue000\ufffd\U0010ffff",
    "\ufffe\uffff\U0001fffe\U0010fffe", "茶馆🍵",
]  # fmt: skip


@pytest.mark.parametrize("text", _TEXTS)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_text_may_be_cut_anywhere(peer: Peer, text: str, size: int) -> None:
    data = text.encode()
    peer.send(fragments(TEXT, data, size) or sent(TEXT))

    assert (TEXT, data) == peer.next()


def test_empty_fragments_are_fragments(peer: Peer) -> None:
    peer.send(sent(TEXT, fin=False), sent(CONTINUATION, fin=False), sent(CONTINUATION))
    assert (TEXT, b"") == peer.next()

    peer.send(sent(TEXT, fin=False), sent(CONTINUATION, b"middle", fin=False), sent(CONTINUATION))
    assert (TEXT, b"middle") == peer.next()


_BAD_UTF8 = [
    pytest.param("κόσμε".encode() + b"\xed\xa0\x80edited", id="6.3 a surrogate in the middle"),
    pytest.param(b"\xce", id="6.6 half a character"),
    pytest.param("κόσμ".encode() + b"\xce", id="6.6 half a character at the end"),
    pytest.param(b"\xf8\x88\x80\x80\x80", id="6.8 five bytes"),
    pytest.param(b"\xfc\x84\x80\x80\x80\x80", id="6.8 six bytes"),
    pytest.param(b"\xf7\xbf\xbf\xbf", id="6.10 beyond Unicode"),
    pytest.param(b"\xf4\x90\x80\x80", id="6.11 just beyond Unicode"),
    pytest.param(b"\x80", id="6.12 a lone continuation"),
    pytest.param(b"\x80\xbf" * 31, id="6.12 all continuations"),
    pytest.param(b"\xc0 \xc1 \xc2 ", id="6.13 lone beginnings"),
    pytest.param(b"\xe0\x80", id="6.14 the last byte missing"),
    pytest.param(b"\xfe\xfe\xff\xff", id="6.16 impossible bytes"),
    pytest.param(b"\xc0\xaf", id="6.17 an overlong slash"),
    pytest.param(b"\xe0\x80\xaf", id="6.17 an overlong slash of three"),
    pytest.param(b"\xf0\x80\x80\xaf", id="6.17 an overlong slash of four"),
    pytest.param(b"\xc1\xbf", id="6.18 the longest overlong"),
    pytest.param(b"\xc0\x80", id="6.19 an overlong NUL"),
    pytest.param(b"\xed\xa0\x80", id="6.20 a lone surrogate"),
    pytest.param(b"\xed\xa0\x80\xed\xb0\x80", id="6.21 a pair of surrogates"),
]


@pytest.mark.parametrize("data", _BAD_UTF8)
@pytest.mark.parametrize("size", [1, 1000])
def test_text_that_is_not_utf8_fails_the_connection(peer: Peer, data: bytes, size: int) -> None:
    peer.send(fragments(TEXT, data, size))

    assert 1007 == peer.close_code()


@pytest.mark.parametrize("bad", [b"\xf4\x90\x80\x80", b"\xf4\x90"], ids=["whole", "as soon as it is impossible"])
def test_bad_utf8_is_told_before_the_message_is_whole(peer: Peer, bad: bytes) -> None:
    peer.send(sent(TEXT, "κόσμε".encode(), fin=False))
    peer.send(sent(CONTINUATION, bad, fin=False))

    assert 1007 == peer.close_code()


# 7: closing.


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
def test_a_close_frame_is_answered_with_its_code_and_the_server_ends(peer: Peer, code: int) -> None:
    peer.send(sent(CLOSE, struct.pack("!H", code) + "再见".encode()))

    assert code == peer.close_code()


@pytest.mark.parametrize("payload", [b"", b"\x03\xe8", b"\x03\xe8" + b"x" * 123], ids=["none", "code", "123 bytes"])
def test_a_close_frame_may_have_up_to_123_bytes_of_reason(peer: Peer, payload: bytes) -> None:
    peer.send(sent(CLOSE, payload))

    assert int.from_bytes(payload[:2], "big") == peer.close_code()


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
def test_a_code_that_nobody_may_send_fails_the_connection(peer: Peer, code: int) -> None:
    peer.send(sent(CLOSE, struct.pack("!H", code)))

    assert 1002 == peer.close_code()


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param(b"a", 1002, id="7.3.2 one byte"),
        pytest.param(b"\x03\xe8" + b"*" * 124, 1002, id="7.3.6 too long a reason"),
        pytest.param(b"\x03\xe8\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80", 1007, id="7.5.1 bad utf-8"),
    ],
)
def test_a_close_frame_that_is_wrong_fails_the_connection(peer: Peer, payload: bytes, code: int) -> None:
    peer.send(sent(CLOSE, payload))

    assert code == peer.close_code()


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(sent(CLOSE, b"\x03\xe8"), id="7.1.2 a second close"),
        pytest.param(sent(PING), id="7.1.3 a ping"),
        pytest.param(sent(TEXT, b"Hello World!"), id="7.1.4 a message"),
        pytest.param(b"\xff" * 5000, id="garbage"),
    ],
)
def test_what_comes_after_a_close_frame_is_passed_over(peer: Peer, later: bytes) -> None:
    peer.send(sent(TEXT, b"Hello") + sent(CLOSE, b"\x03\xe8") + later)

    assert (TEXT, b"Hello") == peer.next()
    assert 1000 == peer.close_code()


def test_a_close_frame_within_a_message_ends_it(peer: Peer) -> None:
    peer.send(sent(TEXT, b"fragment1", fin=False) + sent(CLOSE, b"\x03\xe8") + sent(CONTINUATION, b"fragment2"))

    assert 1000 == peer.close_code()


def test_a_large_message_before_a_close_frame_comes_back_whole(peer: Peer) -> None:
    peer.send(sent(TEXT, b"*" * 262_144) + sent(CLOSE, b"\x03\xe8") + sent(PING))

    assert (TEXT, b"*" * 262_144) == peer.next()
    assert 1000 == peer.close_code()


# 9 and 10: sizes.


def _echoed(peer: Peer, chunks: Iterable[bytes]) -> tuple[int, bytes]:
    # Sent and read at once: neither side can hold all of it.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sending = pool.submit(peer.send, *chunks)
        answer = peer.next()
        sending.result(60)
    return answer


def _text(size: int) -> bytes:
    # Characters of three bytes, so that fragments and reads cut them.
    return ("茶" * (size // 3)).encode() + b"*" * (size % 3)


@pytest.mark.parametrize("size", [65_536, 262_144, _MIB, 4 * _MIB, 8 * _MIB, 16 * _MIB])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_messages_of_up_to_16_mib_come_back(peer: Peer, opcode: int, size: int) -> None:
    data = _text(size) if opcode == TEXT else b"\xfe" * size

    assert (opcode, data) == _echoed(peer, [sent(opcode, data)])


def test_a_message_of_more_is_refused_when_it_is_declared(connect: Callable[[], Peer]) -> None:
    in_one = connect()
    in_one.send(struct.pack("!BBQ", 0x82, 0xFF, 16 * _MIB + 1))
    assert 1009 == in_one.close_code()

    in_two = connect()
    in_two.send(sent(BINARY, b"1", fin=False) + struct.pack("!BBQ", 0x80, 0xFF, 16 * _MIB))
    assert 1009 == in_two.close_code()


_CUT: list[tuple[int, int]] = [
    *((4 * _MIB, size) for size in (64, 256, 1024, 4096, 16_384, 65_536, 262_144, _MIB, 4 * _MIB)),
    (16 * _MIB, 128),
]


@pytest.mark.parametrize(("size", "fragment"), _CUT)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_large_messages_may_come_in_small_fragments(peer: Peer, opcode: int, size: int, fragment: int) -> None:
    data = _text(size) if opcode == TEXT else b"\xfe" * size
    frames = fragments(opcode, data, fragment)
    started = time.monotonic()

    assert (opcode, data) == _echoed(peer, [frames])
    assert time.monotonic() < started + 30


@pytest.mark.parametrize("chop", [64, 128, 256, 512, 1024, 2048])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_large_messages_may_come_in_small_pieces(peer: Peer, opcode: int, chop: int) -> None:
    data = _text(4 * _MIB) if opcode == TEXT else b"\xfe" * 4 * _MIB
    frame = sent(opcode, data)
    started = time.monotonic()

    pieces = [frame[start : start + chop] for start in range(0, len(frame), chop)]
    assert (opcode, data) == _echoed(peer, pieces)
    assert time.monotonic() < started + 30


def test_more_fragments_than_that_fail_the_connection(peer: Peer) -> None:
    peer.send(sent(TEXT, fin=False) + sent(CONTINUATION, fin=False) * 131_072)

    assert 1008 == peer.close_code()


@pytest.mark.parametrize("size", [0, 16, 64, 256, 1024, 4096, 16_384, 65_536])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_thousand_messages_come_back_one_by_one(peer: Peer, opcode: int, size: int) -> None:
    data = b"*" * size
    frame = sent(opcode, data)
    for _ in range(1000):
        peer.send(frame)
        assert (opcode, data) == peer.next()


def test_a_message_in_frames_of_1300_bytes_comes_back(peer: Peer) -> None:
    peer.send(fragments(TEXT, b"*" * 65_536, 1300))

    assert (TEXT, b"*" * 65_536) == peer.next()


def test_who_does_not_read_is_not_read_from(connect: Callable[[], Peer]) -> None:
    silent = connect()
    silent.raw.settimeout(0.5)
    frame = sent(BINARY, bytes(_MIB))
    with pytest.raises(TimeoutError):
        silent.send(*[frame] * 200)

    other: Sequence[bytes] = [sent(PING, b"still here")]
    awake = connect()
    awake.send(*other)
    assert (PONG, b"still here") == awake.next()
