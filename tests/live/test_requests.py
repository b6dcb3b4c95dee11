"""What a visitor without an account may make the server do over HTTP."""

import concurrent.futures
import contextlib
import os
import pathlib
import socket
import time

import psutil

from tests.live.server import Server, running

_CHUNK = 65_536


def _deleted_files_of(pid: int) -> set[str]:
    """What the process has open and nobody else can see, such as the body of a request that was put on the disk."""
    files = set()
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            files.add(os.readlink(descriptor))
    return {file for file in files if file.endswith("(deleted)")}


def test_a_body_without_end_is_refused_and_never_on_the_disk(house: Server) -> None:
    with socket.create_connection(("127.0.0.1", house.port), 5) as visitor:
        visitor.sendall(
            b"POST /api/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/json\r\n\r\n"
        )
        chunk = b"%x\r\n%s\r\n" % (_CHUNK, b"x" * _CHUNK)
        # 20 MB, and the end is not among them.
        with contextlib.suppress(ConnectionError):
            for _ in range(320):
                visitor.sendall(chunk)
        assert not _deleted_files_of(house.pid)
        answer = visitor.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(house: Server) -> None:
    with socket.create_connection(("127.0.0.1", house.port), 5) as visitor:
        visitor.sendall(
            b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 300000000\r\nExpect: 100-continue\r\n\r\n"
        )

        assert visitor.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_bodies_that_do_not_come_hold_up_nobody(house: Server) -> None:
    visitors = []
    try:
        for _ in range(200):
            visitors.append(socket.create_connection(("127.0.0.1", house.port), 5))
            visitors[-1].sendall(b"POST /api/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        begin = time.monotonic()

        assert 200 == house.http("GET", "/healthz").status_code
        assert house.tokens("alice")["access"]
        assert time.monotonic() - begin < 3
    finally:
        for visitor in visitors:
            visitor.close()


def test_many_requests_at_once_take_turns(data: pathlib.Path) -> None:
    with running(data) as house, concurrent.futures.ThreadPoolExecutor(200) as visitors:
        before = psutil.Process(house.pid).num_threads()
        # Each takes the time that hashing a password takes.
        guess = {"username": "nobody", "password": "wrong"}
        calls = [visitors.submit(house.http, "POST", "/api/auth/token", json=guess) for _ in range(200)]
        threads = []
        while not all(call.done() for call in calls):
            threads.append(psutil.Process(house.pid).num_threads())
            assert 200 == house.http("GET", "/healthz").status_code

        # Argon2 takes eight threads of its own for each of two passwords; a thread for each visitor were 200.
        assert max(threads) <= before + 32 + 2 * 8 + 16
        assert {call.result().status_code for call in calls} <= {401, 429}


def test_a_name_that_is_not_allowed_is_told_from_a_fault_in_the_log(own_house: Server) -> None:
    assert 400 == own_house.http("GET", "/healthz", headers={"Host": "192.0.2.7"}).status_code

    (line,) = (line for line in own_house.log.splitlines() if "192.0.2.7" in line)
    assert "TEAHOUSE_ALLOWED_HOSTS" in line
    assert "Traceback" not in own_house.log
