"""The fast server at the level of bytes: handshakes, control frames, floods, and what is not ours (RFC 6455)."""

import contextlib
import socket
import struct
import time
from collections.abc import Iterator

import pytest
from websockets.frames import Frame, Opcode

from tests.live.server import Server, running

_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def _request(house: Server, token: str, **changes: str | None) -> bytes:
    headers: dict[str, str | None] = {
        "Host": f"127.0.0.1:{house.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": _KEY,
        "Sec-WebSocket-Version": "13",
    }
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"GET /infra/ws?token={token} HTTP/1.1", *lines, "", ""]).encode()


@contextlib.contextmanager
def _raw(house: Server, request: bytes) -> Iterator[tuple[socket.socket, bytes]]:
    """A TCP connection, and the head of the answer."""
    with socket.create_connection(("127.0.0.1", house.port), 5) as raw:
        raw.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = raw.recv(1)
            if not part:
                break
            answer += part
        yield raw, answer


def _status(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


def _sent(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


def _frame(raw: socket.socket) -> tuple[int, bytes]:
    """The next frame's opcode and payload; (-1, b"") at the end of the connection."""

    def exactly(count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = raw.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    try:
        first, length = exactly(2)
        if length == 126:
            length = struct.unpack("!H", exactly(2))[0]
        return first & 0x0F, exactly(length)
    except (EOFError, ConnectionResetError):
        return -1, b""


def _close_code(raw: socket.socket) -> int:
    while (frame := _frame(raw))[0] not in (-1, 8):
        pass
    return int.from_bytes(frame[1][:2], "big")


def test_the_answer_to_a_handshake_is_that_of_the_rfc_and_negotiates_nothing(fast_house: Server) -> None:
    token = fast_house.tokens("alice")["refresh"]
    offer = {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"}
    with _raw(fast_house, _request(fast_house, token, **offer)) as (raw, answer):
        assert 101 == _status(answer)
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
        assert b"extensions" not in answer.lower()
        raw.sendall(_sent(Opcode.TEXT, b"ping"))
        assert (1, b"pong") == _frame(raw)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Version": None}, 426),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_a_bad_handshake_is_refused(fast_house: Server, changes: dict[str, str | None], status: int) -> None:
    with _raw(fast_house, _request(fast_house, "x", **changes)) as (_, answer):
        assert status == _status(answer)


def test_a_ping_frame_is_answered_with_its_payload_and_a_pong_is_not(fast_house: Server) -> None:
    with _raw(fast_house, _request(fast_house, fast_house.tokens("alice")["refresh"])) as (raw, _):
        raw.sendall(_sent(Opcode.PONG, b"unasked") + _sent(Opcode.PING, b"1234"))

        assert (10, b"1234") == _frame(raw)


def test_a_close_frame_is_answered_with_its_code(fast_house: Server) -> None:
    with _raw(fast_house, _request(fast_house, fast_house.tokens("alice")["refresh"])) as (raw, _):
        raw.sendall(_sent(Opcode.CLOSE, struct.pack("!H", 3333) + b"bye"))

        assert 3333 == _close_code(raw)
        assert (-1, b"") == _frame(raw)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(b"\x81\x04ping", 1002, id="not masked"),
        pytest.param(b"\xc1\x80" + bytes(4), 1002, id="a reserved bit"),
        pytest.param(_sent(Opcode.TEXT, b"\xff"), 1007, id="not utf-8"),
        pytest.param(_sent(Opcode.TEXT, b"a", fin=False) * 2, 1002, id="a message in a message"),
        pytest.param(struct.pack("!BBQ", 0x81, 0xFF, 1 << 40), 1009, id="a huge length"),
        pytest.param(
            _sent(Opcode.TEXT, b"", fin=False) + _sent(Opcode.CONT, b"", fin=False) * 300, 1008, id="empty fragments"
        ),
        pytest.param(_sent(Opcode.PING) * 2_000, 1008, id="a flood of pings"),
    ],
)
def test_what_breaks_the_protocol_ends_its_own_connection(fast_house: Server, sent: bytes, code: int) -> None:
    with (
        fast_house.connect_as("bob") as bob,
        _raw(fast_house, _request(fast_house, fast_house.tokens("alice")["refresh"])) as (raw, _),
    ):
        raw.sendall(sent)

        assert code == _close_code(raw)
        bob.ping()
    assert "Traceback" not in fast_house.log


def test_a_message_in_fragments_is_one_message(fast_house: Server) -> None:
    with (
        fast_house.connect_as("bob") as bob,
        _raw(fast_house, _request(fast_house, fast_house.tokens("alice")["refresh"])) as (raw, _),
    ):
        text = '{"type":"demo-message-send","content":"{\\"text\\":\\"零碎\\"}"}'.encode()
        parts = [text[start : start + 7] for start in range(0, len(text), 7)]
        for number, part in enumerate(parts):
            opcode = Opcode.TEXT if number == 0 else Opcode.CONT
            raw.sendall(_sent(opcode, part, fin=number == len(parts) - 1) + _sent(Opcode.PONG))

        assert "零碎" == bob.next()["text"]


def test_who_does_not_answer_a_close_frame_is_cut(fast_house: Server) -> None:
    with _raw(fast_house, _request(fast_house, "garbage")) as (raw, answer):
        assert 101 == _status(answer)
        assert 4003 == _close_code(raw)
        started = time.monotonic()

        assert (-1, b"") == _frame(raw)
        assert time.monotonic() < started + 5


def test_the_servers_pings_go_to_silent_connections_and_an_answer_keeps_them(data) -> None:  # type: ignore[no-untyped-def]
    with running(data, TEAHOUSE_PING_INTERVAL_SECONDS="0.5", TEAHOUSE_PING_TIMEOUT_SECONDS="0.5") as house:
        token = house.tokens("alice")["refresh"]
        with _raw(house, _request(house, token)) as (answering, _), _raw(house, _request(house, token)) as (silent, _):
            for _ in range(3):
                opcode, data = _frame(answering)
                assert opcode == 9
                answering.sendall(_sent(Opcode.PONG, data))
            while (frame := _frame(silent))[0] != -1:
                assert frame[0] == 9
            answering.sendall(_sent(Opcode.TEXT, b"ping"))
            while (frame := _frame(answering))[0] == 9:
                answering.sendall(_sent(Opcode.PONG, frame[1]))

            assert (1, b"pong") == frame
        assert house.metric("teahouse_ended_total", reason="no_pong") == 1
