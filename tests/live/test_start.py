"""`teahouse up` and `teahouse serve`: what they say, what they refuse, and the first visit."""

import os
import pathlib
import re
import socket
import stat
import subprocess
import sys

import httpx
import pytest

from tests.live.manage import manage
from tests.live.server import Server, running


def _refused(house: Server) -> str:
    house.start(wait=False)
    try:
        assert 2 == house.wait(30), house.log
    finally:
        house.kill()
    assert "Traceback" not in house.log
    lines = house.log.strip().splitlines()
    assert 1 == len(lines), house.log
    return lines[0]


def test_keys_are_made_for_their_owner_only_and_stay_the_same(tmp_path: pathlib.Path) -> None:
    data = tmp_path / "data"
    with running(data) as house:
        keys = {path.name: path.read_text() for path in (data / "keys").iterdir()}
        token = house.tokens("alice")["refresh"]
        house.stop()
        for path in [data, *data.rglob("*")]:
            assert 0 == stat.S_IMODE(path.stat().st_mode) & 0o077, path
        house.start()
        with house.connect(token) as alice:
            alice.ping()

    assert {"secret-key", "token-key", "connection-key", "hint-key"} == set(keys)
    assert keys == {path.name: path.read_text() for path in (data / "keys").iterdir()}
    assert 4 == len(set(keys.values()))


def test_several_workers_without_redis_and_postgresql_are_refused_in_one_line(tmp_path: pathlib.Path) -> None:
    line = _refused(Server(tmp_path / "data", "teahouse", "serve", "--workers", "2"))

    assert "teahouse: More than one process needs PostgreSQL and Redis: set DATABASE_URL and REDIS_URL" in line


def test_a_second_process_on_the_same_data_is_refused_in_one_line(own_house: Server) -> None:
    second = Server(own_house.data, "teahouse", "up", "--demo").start(wait=False)
    assert 3 == second.wait()

    assert 1 == len(second.log.strip().splitlines())
    assert "another process serves the data in" in second.log
    with own_house.connect_as("alice") as alice:
        alice.ping()


def test_a_taken_port_is_said_in_one_line(tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = _refused(Server(tmp_path / "data", "teahouse", "up", port=taken.getsockname()[1]))

    assert "cannot be listened on: Address already in use" in line


def test_demo_people_are_for_loopback_only(tmp_path: pathlib.Path) -> None:
    line = _refused(Server(tmp_path / "data", "teahouse", "up", "--demo", "--host", "0.0.0.0"))

    assert "loopback" in line


@pytest.mark.parametrize("command", ["up", "serve"])
def test_debugging_is_for_loopback_only(tmp_path: pathlib.Path, command: str) -> None:
    house = Server(tmp_path / "data", "teahouse", command, "--host", "0.0.0.0", TEAHOUSE_DEBUG="true")

    assert "TEAHOUSE_DEBUG" in _refused(house)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TEAHOUSE_SEND_PER_SECOND", "3", "There is no setting TEAHOUSE_SEND_PER_SECOND"),
        ("TEAHOUSE_SENDS_PER_SECOND", "many", "sends_per_second"),
        ("TEAHOUSE_ALLOWED_ORIGINS", "https://ok.example,admin.example", "'admin.example' is no origin"),
        ("TEAHOUSE_PUBLIC_URL", "chat.example", "'chat.example' is no origin"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL has to begin with"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/none", "The database cannot be used"),
    ],
)
def test_a_setting_that_is_wrong_is_said_in_one_line(
    tmp_path: pathlib.Path, variable: str, value: str, said: str
) -> None:
    line = _refused(Server(tmp_path / "data", "teahouse", "up", **{variable: value}))

    assert said in line


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TEAHOUSE_SEND_PER_SECOND", "3", "There is no setting TEAHOUSE_SEND_PER_SECOND"),
        ("DATABASE_URL", "postgresql://u:pa/ss@h/n", "DATABASE_URL cannot be read"),
    ],
)
def test_a_setting_that_is_wrong_is_said_in_one_line_by_djangos_commands_too(
    tmp_path: pathlib.Path, variable: str, value: str, said: str
) -> None:
    environment = {**os.environ, "TEAHOUSE_DATA": str(tmp_path / "data"), variable: value}
    command = [pathlib.Path(sys.executable).parent / "teahouse", "manage", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)

    assert (2, 1) == (done.returncode, len(done.stderr.splitlines())), done.stderr
    assert done.stderr.startswith(f"teahouse: {said}")


def test_a_data_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: pathlib.Path) -> None:
    (tmp_path / "data").write_text("")
    line = _refused(Server(tmp_path / "data", "teahouse", "up"))

    assert "data folder" in line


def test_it_is_ready_when_all_it_needs_is_there(own_house: Server) -> None:
    assert (200, {"ready": True, "reasons": []}) == (
        own_house.http("GET", "/readyz").status_code,
        own_house.http("GET", "/readyz").json(),
    )
    os.rename(own_house.data / "teahouse.sqlite3", own_house.data / "away")
    assert 200 == own_house.http("GET", "/healthz").status_code


def test_the_demo_people_stay_on_this_machine_and_among_themselves(data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    line = _refused(Server(data, "teahouse", "up", "--host", "0.0.0.0"))
    assert "Everybody knows the passwords of --demo" in line

    with running(tmp_path / "real", "teahouse", "up") as house:
        manage(house, "User.objects.create_user('somebody')")
    line = _refused(Server(tmp_path / "real", "teahouse", "up", "--demo"))
    assert "--demo is for a data folder of its own" in line


def test_the_first_visitor_on_this_machine_becomes_the_owner(tmp_path: pathlib.Path) -> None:
    with running(tmp_path / "data", "teahouse", "up") as house, httpx.Client(base_url=house.address) as browser:
        assert "/setup" == browser.get("/classic").headers["location"]
        assert {"needed": True, "code_required": False} == browser.get("/api/setup").json()
        browser.get("/api/auth/session")
        owner = {"username": "老板", "name": "老板", "password": "tea-and-water-9"}
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        made = browser.post("/api/setup", json=owner, headers=headers)
        assert 201 == made.status_code, made.text
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        access = browser.post("/api/auth/access-token", headers=headers).json()["access"]
        with house.connect(access) as client:
            client.say("开门了")

            assert "开门了" == client.next()["text"]
        assert 409 == browser.post("/api/setup", json=owner, headers=headers).status_code
        assert {"needed": False, "code_required": False} == browser.get("/api/setup").json()


def test_serve_asks_for_the_code_on_this_machine_too_since_a_proxy_may_look_like_it(tmp_path: pathlib.Path) -> None:
    with running(tmp_path / "data", "teahouse", "serve") as house:
        assert {"needed": True, "code_required": True} == house.http("GET", "/api/setup").json()
        assert re.search(r"this code: ([\d-]+)", house.log)


def test_beyond_loopback_the_owner_needs_the_code_that_the_terminal_shows(tmp_path: pathlib.Path) -> None:
    with running(tmp_path / "data", "teahouse", "up") as local:
        # The name that was asked for is not this machine's: a proxy stands in between.
        forwarded = {"X-Forwarded-For": "203.0.113.7"}
        assert local.http("GET", "/api/setup", headers=forwarded).json()["code_required"] is True
        local.stop()
    house = Server(tmp_path / "data", "teahouse", "up", "--host", "0.0.0.0").start()
    try:
        found = re.search(r"this code: ([\d-]+)", house.log)
        assert found, house.log
        owner = {"username": "owner", "password": "tea-and-water-9"}
        with httpx.Client(base_url=house.address, headers={"X-Forwarded-For": "203.0.113.7"}) as browser:
            browser.get("/api/auth/session")
            headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
            wrong = browser.post("/api/setup", json={**owner, "code": "0000-0000-000x"}, headers=headers)
            assert 403 == wrong.status_code
            right = browser.post("/api/setup", json={**owner, "code": found[1]}, headers=headers)
            assert 201 == right.status_code, right.text
    finally:
        house.kill()
