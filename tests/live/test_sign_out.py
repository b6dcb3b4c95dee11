"""Signing out, and every other way of not being welcome any more, ends live connections (row 10)."""

import pathlib

import httpx
import pytest

from tests.live.manage import manage
from tests.live.server import Server, running


def test_signing_out_ends_the_connections_of_this_login_session_and_no_others(house: Server) -> None:
    here, elsewhere = house.tokens("alice"), house.tokens("alice")
    with (
        house.connect(here["refresh"]) as by_refresh,
        house.connect(here["access"]) as by_access,
        house.connect(elsewhere["refresh"]) as other_device,
    ):
        answer = house.http("POST", "/api/auth/logout", headers={"Authorization": f"Bearer {here['access']}"})

        assert 204 == answer.status_code
        assert 4003 == by_refresh.closed() == by_access.closed()
        other_device.ping()
    for token in here.values():
        with house.connect(token) as nobody:
            assert 4003 == nobody.closed()
    refreshed = house.http("POST", "/api/auth/token/refresh", json={"refresh": here["refresh"]})
    assert 401 == refreshed.status_code


def test_a_program_signs_out_by_its_refresh_token_alone(house: Server) -> None:
    tokens = house.tokens("alice")
    with house.connect(tokens["access"]) as alice:
        assert house.http("POST", "/api/auth/logout", json={"refresh": tokens["refresh"]}).status_code == 204
        assert 4003 == alice.closed()


def test_a_browser_signs_out_and_its_socket_ends(house: Server) -> None:
    with httpx.Client(base_url=house.address) as browser:
        browser.get("/api/auth/session")
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        signed_in = browser.post(
            "/api/auth/session", json={"username": "alice", "password": "alice-teahouse"}, headers=headers
        )
        assert "alice" == signed_in.json()["user"]["username"]
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        access = browser.post("/api/auth/access-token", headers=headers).json()["access"]
        with house.connect(access) as alice:
            alice.ping()
            assert browser.post("/api/auth/logout", headers=headers).status_code == 204
            assert 4003 == alice.closed()
        assert {"user": None, "connection_token": None} == browser.get("/api/auth/session").json()


def test_a_browser_is_signed_out_by_the_access_token_that_it_got(house: Server) -> None:
    with httpx.Client(base_url=house.address) as browser:
        browser.get("/api/auth/session")
        credentials = {"username": "alice", "password": "alice-teahouse"}
        browser.post("/api/auth/session", json=credentials, headers={"X-CSRFToken": browser.cookies["csrftoken"]})
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        access = browser.post("/api/auth/access-token", headers=headers).json()["access"]
        assert 204 == house.http("POST", "/api/auth/logout", headers={"Authorization": f"Bearer {access}"}).status_code

        assert 401 == browser.post("/api/auth/access-token", headers=headers).status_code
        assert {"user": None, "connection_token": None} == browser.get("/api/auth/session").json()
        assert "sessionid" not in browser.cookies


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("User.objects.filter(username='alice').update(is_active=False)", id="deactivated"),
        pytest.param("User.objects.filter(username='alice').delete()", id="deleted"),
        pytest.param("u = User.objects.get(username='alice'); u.set_password('x'); u.save()", id="password changed"),
    ],
)
def test_a_change_made_elsewhere_ends_connections_within_seconds(own_house: Server, change: str) -> None:
    with own_house.connect_as("alice") as alice, own_house.connect_as("bob") as bob:
        manage(own_house, change)

        assert 4003 == alice.closed(10)
        bob.ping()


def test_blacklisting_a_token_elsewhere_ends_its_connection(own_house: Server) -> None:
    token = own_house.tokens("alice")["refresh"]
    with own_house.connect(token) as alice:
        manage(
            own_house, "from rest_framework_simplejwt.tokens import RefreshToken; RefreshToken({!r}).blacklist()", token
        )

        assert 4003 == alice.closed(10)


def test_a_connection_ends_with_its_token(data: pathlib.Path) -> None:
    with running(data, TEAHOUSE_ACCESS_TOKEN_MINUTES="0.05") as house:
        tokens = house.tokens("alice")
        with house.connect(tokens["access"]) as alice, house.connect(tokens["refresh"]) as other:
            alice.ping()

            assert 4003 == alice.closed(10)
            other.ping()
        renewed = house.http("POST", "/api/auth/token/refresh", json={"refresh": tokens["refresh"]}).json()
        with house.connect(renewed["access"]) as alice:
            alice.ping()
