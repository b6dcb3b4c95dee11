"""The door of the Centrifuge protocol: how it is opened, who may come in, and what comes before anything else."""

import http.client
import json
import pathlib
from typing import Any

import httpx
import jwt
import pytest
from websockets.exceptions import InvalidStatus

from tests.live.manage import manage
from tests.live.native import NAMESPACES, PATH, Frame, channel_in, connection_token, door, native_as, subscription_token
from tests.live.server import Server, running

CODECS = pytest.mark.parametrize("protobuf", [False, True], ids=["json", "protobuf"])
_HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


# The handshake.


def test_protobuf_is_spoken_to_who_offers_the_subprotocol(native_house: Server) -> None:
    with door(native_house, protobuf=True) as alice:
        assert "centrifuge-protobuf" == alice.socket.subprotocol
        alice.connect(connection_token(native_house, user="2"))


@pytest.mark.parametrize("query", ["?format=protobuf", "?cf_protocol=protobuf"])
def test_protobuf_is_spoken_to_who_asks_for_it_in_the_address(native_house: Server, query: str) -> None:
    with door(native_house, protobuf=True, query=query) as alice:
        assert alice.socket.subprotocol is None
        alice.connect(connection_token(native_house, user="2"))


@pytest.mark.parametrize("offered", [["centrifuge-json"], ["something"]])
def test_json_is_spoken_to_all_others(native_house: Server, offered: Any) -> None:
    # A client closes by itself when something is agreed to that it has not offered.
    with door(native_house, subprotocols=offered) as alice:
        assert alice.socket.subprotocol == ("centrifuge-json" if "centrifuge-json" in offered else None)
        alice.connect(connection_token(native_house, user="2"))


def test_an_empty_subprotocol_header_is_passed_over(fast_native_house: Server) -> None:
    # As the Python SDK sends it; RFC 6455 §4.1 wants at least one name.
    raw = http.client.HTTPConnection("127.0.0.1", fast_native_house.port, timeout=5)
    raw.request("GET", PATH, headers={**_HANDSHAKE, "Sec-WebSocket-Protocol": ""})
    answer = raw.getresponse()

    assert 101 == answer.status
    assert answer.headers["Sec-WebSocket-Protocol"] is None
    raw.close()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1@evil.example", "file://", "http://127.0.0.1.evil.example"],
)
def test_a_page_of_another_origin_may_not_open_a_socket(native_house: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        door(native_house, additional_headers={"Origin": origin})
    assert 403 == refused.value.response.status_code


def test_a_page_of_our_own_may_open_a_socket(native_house: Server) -> None:
    with door(native_house, additional_headers={"Origin": native_house.address}) as alice:
        alice.connect(connection_token(native_house, user="2"))


# Who may come in.


@CODECS
def test_connecting_tells_the_client_its_id_and_its_limits(native_house: Server, protobuf: bool) -> None:
    token = native_house.http("POST", "/api/auth/connection-token", headers=native_house.bearer("alice")).json()[
        "token"
    ]
    with door(native_house, protobuf=protobuf) as alice, door(native_house, protobuf=protobuf) as other:
        result = alice.connect(token, name="js", version="1")

        assert {"client", "version", "expires", "ttl", "ping", "pong", "subs"} == set(result)
        assert {"user:2", "site", "room:1"} == set(result["subs"])
        assert (True, 25, True) == (result["expires"], result["ping"], result["pong"])
        assert 290 <= result["ttl"] <= 300
        assert result["version"].startswith("teahouse ")
        assert result["client"] != other.connect(token)["client"]


def test_a_browser_gets_a_connection_token_by_its_cookie(native_house: Server) -> None:
    with httpx.Client(base_url=native_house.address) as browser:
        assert 401 == browser.post("/api/auth/connection-token").status_code
        browser.get("/api/auth/session")
        credentials = {"username": "alice", "password": "alice-teahouse"}
        browser.post("/api/auth/session", json=credentials, headers={"X-CSRFToken": browser.cookies["csrftoken"]})
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        answer = browser.post("/api/auth/connection-token", headers=headers)
        assert (200, {"token", "expires_at"}) == (answer.status_code, set(answer.json()))
        with door(native_house) as other:
            other.connect(browser.get("/api/auth/session").json()["connection_token"])
        with door(native_house) as alice:
            alice.connect(answer.json()["token"])
            assert 204 == browser.post("/api/auth/logout", headers=headers).status_code

            assert 3503 == alice.closed()
        with door(native_house) as nobody:
            nobody.say("connect", token=answer.json()["token"])

            assert 3503 == nobody.closed()


def test_without_a_token_nobody_comes_in(native_house: Server) -> None:
    with door(native_house) as nobody:
        nobody.say("connect")

        assert 3500 == nobody.closed()


def _forged(house: Server, **claims: Any) -> str:
    header = {"alg": "none", "typ": "JWT"}
    body = {"aud": "teahouse-connection", "sub": "2", **claims}
    parts = [jwt.utils.base64url_encode(json.dumps(part).encode()).decode() for part in (header, body)]
    return ".".join([*parts, ""])


BAD_TOKENS = {
    "garbage": lambda house: "garbage",
    "of another key": lambda house: jwt.encode({"aud": "teahouse-connection", "sub": "2"}, "x" * 32),
    "no signature": _forged,
    "another audience": lambda house: connection_token(house, user="2", aud="teahouse-subscription"),
    "no audience": lambda house: connection_token(house, user="2", aud=None),
    "for a channel": lambda house: connection_token(house, user="2", channel="plain:1"),
    "a subscription's": lambda house: subscription_token(house, user="2", channel="plain:1"),
    "not yet": lambda house: connection_token(house, user="2", nbf=4_000_000_000),
    "nobody's": lambda house: connection_token(house, user=None),
    "user no text": lambda house: connection_token(house, sub=2),
    "channels no list": lambda house: connection_token(house, user="2", channels="plain:1"),
    "subs no object": lambda house: connection_token(house, user="2", subs=["plain:1"]),
    "b64info no JSON": lambda house: connection_token(house, user="2", b64info="AAAA"),
    "expires no number": lambda house: connection_token(house, user="2", expire_at="soon"),
    "huge": lambda house: connection_token(house, user="2", info="x" * 9_000),
    "an access token": lambda house: house.bearer("alice")["Authorization"].removeprefix("Bearer "),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_bad_token_ends_the_connection_for_good(native_house: Server, name: str) -> None:
    with door(native_house) as nobody:
        nobody.say("connect", token=BAD_TOKENS[name](native_house))

        assert 3500 == nobody.closed()


@pytest.mark.parametrize("user", ["999", "x", "9" * 40])
def test_who_is_none_of_our_people_is_sent_away(native_house: Server, user: str) -> None:
    with door(native_house) as nobody:
        nobody.say("connect", token=connection_token(native_house, user=user))

        assert 3503 == nobody.closed()


@CODECS
def test_an_expired_token_is_told_so_and_nothing_may_follow(native_house: Server, protobuf: bool) -> None:
    token = connection_token(native_house, user="2", seconds=-1)
    with door(native_house, protobuf=protobuf) as late:
        # What came in one breath with it is passed over without a word.
        late.send(late.command("connect", token=token), late.command("subscribe", channel=channel_in("plain")))

        assert {"id": 1, "error": {"code": 109, "message": "token expired"}} == late.next()
        late.say("subscribe", channel=channel_in("plain"))
        assert 3501 == late.closed()


# What comes before anything else.


@pytest.mark.parametrize("method", ["subscribe", "publish", "rpc", "send", "refresh", "history"])
def test_a_command_before_connect_ends_the_connection(native_house: Server, method: str) -> None:
    with door(native_house) as alice:
        alice.say(method, **({} if method in ("rpc", "send", "refresh") else {"channel": "plain:1"}))

        assert 3501 == alice.closed()


def test_a_second_connect_ends_the_connection(native_house: Server) -> None:
    with native_as(native_house, "alice") as alice:
        alice.say("connect", token=connection_token(native_house, user="2"))

        assert 3501 == alice.closed()


def test_two_connects_in_a_frame_end_the_connection(native_house: Server) -> None:
    token = connection_token(native_house, user="2")
    with door(native_house) as alice:
        alice.send(alice.command("connect", token=token), alice.command("connect", token=token))

        assert 3501 == alice.closed()


def test_the_commands_of_a_frame_are_answered_in_their_order(native_house: Server) -> None:
    channel = channel_in("kept")
    with door(native_house) as alice:
        commands = [
            alice.command("connect", token=connection_token(native_house, user="2")),
            alice.command("subscribe", channel=channel),
            alice.command("publish", channel=channel, data=1),
            alice.command("history", channel=channel, limit=-1),
            alice.command("presence", channel=channel),
            alice.command("rpc", method="x"),
            alice.command("unsubscribe", channel=channel),
            alice.command("publish", channel=channel, data=2),
            alice.command("history", channel=channel),
        ]
        alice.send(*commands)
        replies: list[Frame] = []
        while len(replies) < len(commands):
            if "id" in (reply := alice.next()):
                replies.append(reply)

        assert [1, 2, 3, 4, 5, 6, 7, 8, 9] == [reply["id"] for reply in replies]
        assert [1] == [entry["data"] for entry in replies[3]["history"]["publications"]]
        assert [108, 104] == [replies[4]["error"]["code"], replies[5]["error"]["code"]]
        assert 2 == replies[8]["history"]["offset"]


# Strangers, and people whom another system knows.


@pytest.fixture(scope="module")
def open_house(_fresh_data: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import shutil

    data = tmp_path_factory.mktemp("open-house") / "data"
    shutil.copytree(_fresh_data, data)
    with running(
        data,
        TEAHOUSE_NAMESPACES=json.dumps(NAMESPACES),
        TEAHOUSE_ALLOW_STRANGERS="true",
        TEAHOUSE_PERSONAL_CHANNELS="true",
        TEAHOUSE_TOKEN_KEY="k" * 32,
    ) as server:
        yield server


def _token(**claims: Any) -> str:
    return jwt.encode(claims, "k" * 32, algorithm="HS256")


def test_a_stranger_may_do_what_anyone_may(open_house: Server) -> None:
    with door(open_house) as stranger:
        assert "expires" not in stranger.connect()
        assert {} == stranger.ask("subscribe", channel="plain:strangers")
        assert 103 == stranger.refused("subscribe", channel="signed:strangers")
        assert 103 == stranger.refused("subscribe", channel="plain:x#")
        assert 103 == stranger.refused("subscribe", channel="room:1")
        stranger.say("publish", channel="plain:strangers", data=1)

        assert {"user": "", "client": stranger.client} == stranger.published()["info"]


def test_a_token_without_a_user_is_a_strangers(open_house: Server) -> None:
    with door(open_house) as stranger:
        stranger.connect(_token(exp=4_000_000_000))
        token = _token(channel="strict:strangers")

        assert {} == stranger.ask("subscribe", channel="strict:strangers", token=token)


@CODECS
def test_another_systems_people_come_with_what_it_says_of_them(open_house: Server, protobuf: bool) -> None:
    lab, desk = channel_in("told"), channel_in("plain")
    subs = {desk: {"info": {"role": "owner"}, "data": {"x": 1}}, "unknown:1": {}}
    token = _token(sub="ada", exp=4_000_000_000, info={"name": "Ada"}, channels=[lab], subs=subs)
    with door(open_house, protobuf=protobuf) as ada:
        result = ada.connect(token)

        assert {lab: {}, desk: {"data": {"x": 1}}, "#ada": {}} == result["subs"]
        joined = ada.push()
        assert lab == joined["channel"]
        assert {"user": "ada", "client": ada.client, "conn_info": {"name": "Ada"}} == joined["join"]["info"]
        ada.say("publish", channel=desk, data="mine")
        assert {"role": "owner"} == ada.published()["info"]["chan_info"]
        assert "error" not in ada.ask("refresh", token=token)


def test_a_person_of_another_system_is_heard_by_a_channel_of_their_own(open_house: Server) -> None:
    with door(open_house) as ada, door(open_house) as bob:
        ada.connect(_token(sub="ada2"))
        bob.connect(_token(sub="bob2"))

        assert 105 == ada.refused("subscribe", channel="#ada2")
        assert 103 == bob.refused("subscribe", channel="#ada2")


# Signing out, and other ends.


@CODECS
def test_signing_out_ends_the_connections_of_this_login_session_and_no_others(
    native_house: Server, protobuf: bool
) -> None:
    def token_by(access: str) -> str:
        answer = native_house.http("POST", "/api/auth/connection-token", headers={"Authorization": f"Bearer {access}"})
        text: str = answer.json()["token"]
        return text

    here, elsewhere = native_house.tokens("carol")["access"], native_house.tokens("carol")["access"]
    with door(native_house, protobuf=protobuf) as carol, door(native_house) as other_device:
        token = token_by(here)
        carol.connect(token)
        other_device.connect(token_by(elsewhere))
        native_house.http("POST", "/api/auth/logout", headers={"Authorization": f"Bearer {here}"})

        assert 3503 == carol.closed()
        assert {} == other_device.ask("subscribe", channel=channel_in("plain"))
        with door(native_house) as again:
            again.say("connect", token=token)
            assert 3503 == again.closed()


def test_deactivating_somebody_ends_their_connections(own_house: Server) -> None:
    with native_as(own_house, "alice") as alice, native_as(own_house, "bob") as bob:
        manage(own_house, "User.objects.filter(username='alice').update(is_active=False)")

        assert 3503 == alice.closed(10)
        assert 104 == bob.refused("rpc", method="x")
        with door(own_house) as again:
            again.say("connect", token=connection_token(own_house, user="2"))
            assert 3503 == again.closed()


@CODECS
def test_a_server_that_stops_sends_everybody_back(own_house: Server, protobuf: bool) -> None:
    with native_as(own_house, "alice", protobuf=protobuf) as alice, door(own_house) as nobody:
        own_house.stop()

        assert 3001 == alice.closed()
        assert nobody.closed() in (3001, 1001, 1012)
    assert "Traceback" not in own_house.log


def test_one_person_may_have_only_so_many_connections(data: pathlib.Path) -> None:
    with (
        running(data, TEAHOUSE_MAX_CONNECTIONS_PER_USER="2") as house,
        native_as(house, "alice"),
        native_as(house, "alice"),
        door(house) as third,
        native_as(house, "bob"),
    ):
        # Those that have ended do not count.
        for _ in range(3):
            native_as(house, "bob").close()
        third.say("connect", token=connection_token(house, user="2"))

        assert 3013 == third.closed()


def test_what_is_at_the_door_is_counted(native_house: Server) -> None:
    with native_as(native_house, "alice"):
        assert native_house.metric("teahouse_connections", protocol="native") >= 1
    assert native_house.metric("teahouse_commands_total", protocol="native") >= 1
