"""Connections leave the hub when they end, however they end (row 7)."""

import multiprocessing
import os
import pathlib
import signal
import socket
import time

from tests.live.server import Server, running
from tests.services import wait_until


def _open(house: Server) -> float:
    return house.metric("teahouse_connections", protocol="classic")


def _stay(url: str, said: "multiprocessing.queues.Queue[int]") -> None:
    from tests.live.client import Client

    client = Client(url)
    client.ping()
    said.put(os.getpid())
    signal.pause()


def _child(house: Server) -> "multiprocessing.context.SpawnProcess":
    context = multiprocessing.get_context("spawn")
    said = context.Queue()
    token = house.tokens("bob")["refresh"]
    child = context.Process(
        target=_stay, args=(f"ws://127.0.0.1:{house.port}/infra/ws?token={token}", said), daemon=True
    )
    child.start()
    said.get(timeout=20)
    return child


def test_by_closing(own_house: Server) -> None:
    with own_house.connect_as("alice") as alice:
        alice.ping()
        assert 1 == _open(own_house)
    wait_until(lambda: _open(own_house) == 0)


def test_by_a_tcp_reset(own_house: Server) -> None:
    alice = own_house.connect_as("alice")
    alice.ping()
    alice.abort()
    wait_until(lambda: _open(own_house) == 0)


def test_by_the_client_being_killed(own_house: Server) -> None:
    child = _child(own_house)
    assert 1 == _open(own_house)
    child.kill()
    wait_until(lambda: _open(own_house) == 0)


def test_by_the_client_falling_silent(data: pathlib.Path) -> None:
    # A stopped process acknowledges on TCP and answers nothing: half-open as far as anybody can tell.
    with running(data, TEAHOUSE_PING_INTERVAL_SECONDS="0.3", TEAHOUSE_PING_TIMEOUT_SECONDS="0.3") as house:
        child = _child(house)
        with house.connect_as("alice") as alice:
            os.kill(child.pid, signal.SIGSTOP)  # type: ignore[arg-type]
            wait_until(lambda: _open(house) == 1, seconds=15)
            alice.say("one left")
            assert "one left" == alice.next()["text"]
        child.kill()


def test_by_a_fault_in_the_middle_of_a_handshake(own_house: Server) -> None:
    for sent in (b"GET /infra/ws?token=x HTTP/1.1\r\nHost: x\r\n", b"\x16\x03\x01", b""):
        with socket.create_connection(("127.0.0.1", own_house.port)) as raw:
            raw.sendall(sent)
    token = own_house.tokens("alice")["refresh"]
    request = (
        f"GET /infra/ws?token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", own_house.port)) as raw:
        raw.sendall(request.encode())
    with own_house.connect_as("alice") as alice:
        alice.ping()
        wait_until(lambda: _open(own_house) == 1)


def test_a_reader_that_never_reads_is_let_go_and_nobody_waits_for_it(data: pathlib.Path) -> None:
    with running(data, TEAHOUSE_SENDS_PER_SECOND="10000", TEAHOUSE_SEND_BURST="10000") as house:
        sleeper = _child(house)
        os.kill(sleeper.pid, signal.SIGSTOP)  # type: ignore[arg-type]
        with house.connect_as("alice") as alice:
            text = "茶" * 9_000
            started = time.monotonic()
            while not house.metric("teahouse_ended_total", reason="slow") and time.monotonic() < started + 60:
                for _ in range(20):
                    alice.say(text)
                for _ in range(20):
                    alice.next(20)

            assert house.metric("teahouse_ended_total", reason="slow") == 1
            wait_until(lambda: _open(house) == 1)
            alice.ping()
        sleeper.kill()
