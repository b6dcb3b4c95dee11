"""The same application under other ASGI servers than our own command (row 11), and the lock that keeps them apart."""

import pathlib
import signal

import pytest

from tests.live.server import Server, running

_UVICORN = ("uvicorn", "teahouse.site.asgi:application", "--host", "127.0.0.1", "--port", "{port}")
_DAPHNE = ("daphne", "-b", "127.0.0.1", "-p", "{port}", "teahouse.site.asgi:application")


def _chat(house: Server, *, below_3000: bool) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        alice.ping()
        alice.say("大家好")
        assert "大家好" == alice.next()["text"] == bob.next()["text"]
        alice.say("只给你", 3)
        assert bob.next()["single"] is True
    with house.connect("garbage") as nobody:
        assert 4003 == nobody.closed()
    with house.connect() as nobody:
        assert 4001 == nobody.closed()
    with house.connect_as("alice") as alice:
        alice.send(b"binary")
        assert (1003 if below_3000 else 4000) == alice.closed()
    with house.connect_as("alice") as alice:
        alice.send("x" * 70_000)
        assert (1009 if below_3000 else 4000) == alice.closed()
    assert 200 == house.http("GET", "/readyz").status_code
    assert 200 == house.http("GET", "/static/admin/css/base.css").status_code
    assert "Traceback" not in house.log


@pytest.mark.parametrize(
    "command",
    [
        pytest.param((*_UVICORN, "--reload"), id="uvicorn --reload"),
        pytest.param(_UVICORN, id="uvicorn"),
        pytest.param(_DAPHNE, id="daphne"),
    ],
)
def test_the_article_runs_under(data: pathlib.Path, command: tuple[str, ...]) -> None:
    with running(data, *command) as house:
        # daphne refuses to send the codes below 3000.
        _chat(house, below_3000=command[0] != "daphne")
        tokens = house.tokens("alice")
        with house.connect(tokens["refresh"]):
            pass
        assert tokens["refresh"] not in house.log
        # uvicorn writes down every address; daphne leaves the query out.
        assert command[0] == "daphne" or "[redacted]" in house.log
        assert "eyJ" not in house.log


def test_two_plain_uvicorn_workers_without_redis_end_with_one_clear_line(data: pathlib.Path) -> None:
    house = Server(data, *_UVICORN, "--workers", "2").start(wait=False)
    try:
        assert house.wait(60) != 0 or "another process serves" in house.log
    finally:
        house.kill()

    assert "another process serves the data in" in house.log
    assert "More than one process needs PostgreSQL and Redis" in house.log
    assert "Traceback" not in house.log


def test_a_lone_process_says_come_back_to_everyone_and_ends_at_once(own_house: Server) -> None:
    clients = [own_house.connect_as("alice") for _ in range(20)]
    assert 0 == own_house.stop(signal.SIGTERM, seconds=8)

    assert [1012] * 20 == [client.closed() for client in clients]


def test_what_was_sent_before_the_end_is_stored(own_house: Server) -> None:
    import sqlite3

    with own_house.connect_as("alice") as alice:
        for number in range(30):
            alice.say(str(number))
        alice.next()
        own_house.stop()
        stored = sqlite3.connect(own_house.data / "teahouse.sqlite3").execute(
            "SELECT number, body FROM chat_message ORDER BY number"
        )
        rows = stored.fetchall()

    # What the server had read is done to its end, in order and without a gap.
    assert [(number + 1, str(number)) for number in range(len(rows))] == rows
