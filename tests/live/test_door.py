"""Who gets in at the article's door, how the others are told, and that no log keeps a token (rows 1 and 2)."""

import datetime
import urllib.parse

import httpx
import jwt
import pytest
from websockets.exceptions import InvalidStatus

from tests.live.client import Client
from tests.live.server import Server


@pytest.mark.parametrize("path", ["/infra/ws", "/infra/ws/"])
@pytest.mark.parametrize("kind", ["refresh", "access"])
@pytest.mark.parametrize("prefix", ["", "Bearer%20", "bearer+"])
def test_a_token_opens_the_door(house: Server, path: str, kind: str, prefix: str) -> None:
    with house.connect(prefix + house.tokens("alice")[kind], path=path) as alice:
        alice.ping()


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("?a=1&token={token}&b=%20", id="among others"),
        pytest.param("?x=token%3Dnone&token={token}", id="after something alike"),
        pytest.param("?token={encoded}", id="percent-encoded"),
        pytest.param("?tok%65n={token}", id="name percent-encoded"),
    ],
)
def test_the_query_is_parsed_as_a_query(house: Server, query: str) -> None:
    token = house.tokens("alice")["refresh"]
    encoded = "".join(f"%{ord(character):02X}" for character in token)
    url = f"ws://127.0.0.1:{house.port}/infra/ws" + query.format(token=token, encoded=encoded)
    with Client(url) as alice:
        alice.ping()


@pytest.mark.parametrize("query", ["", "?", "?token=", "?token", "?other=1", "?Token=x", "?token=Bearer%20"])
def test_no_token_is_told_by_4001(house: Server, query: str) -> None:
    with Client(f"ws://127.0.0.1:{house.port}/infra/ws{query}") as nobody:
        assert 4001 == nobody.closed()


def _key(house: Server) -> str:
    return (house.data / "keys" / "token-key").read_text()


def _claims(**changes: object) -> dict[str, object]:
    now = datetime.datetime.now(datetime.UTC)
    claims = {"token_type": "refresh", "user_id": "2", "jti": "x", "iat": now, "exp": now + datetime.timedelta(hours=1)}
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def test_a_token_of_stock_simplejwt_opens_the_door(house: Server) -> None:
    # It names no login session: a site may have issued it long before it had Teahouse.
    with house.connect(jwt.encode(_claims(), _key(house), "HS256")) as alice:
        alice.ping()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)}, id="expired"),
        pytest.param({"exp": None}, id="without a term"),
        pytest.param({"jti": None}, id="without a name"),
        pytest.param({"token_type": "sliding"}, id="of another type"),
        pytest.param({"token_type": None}, id="of no type"),
        pytest.param({"user_id": "999"}, id="of nobody"),
        pytest.param({"user_id": "abc"}, id="of no number"),
        pytest.param({"user_id": str(10**30)}, id="of a huge number"),
        pytest.param({"user_id": None}, id="without a person"),
        pytest.param({"sid": "00000000-0000-0000-0000-000000000000"}, id="of an unknown login session"),
        pytest.param({"sid": "garbage"}, id="of a login session that is none"),
    ],
)
def test_a_void_token_is_told_by_4003(house: Server, changes: dict[str, object]) -> None:
    with house.connect(jwt.encode(_claims(**changes), _key(house), "HS256")) as nobody:
        assert 4003 == nobody.closed()


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "%00", "%ff%fe", "x" * 6000, "..", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_told_by_4003(house: Server, token: str) -> None:
    with house.connect(token) as nobody:
        assert 4003 == nobody.closed()


def test_a_token_signed_with_another_key_or_with_none_is_told_by_4003(house: Server) -> None:
    for token in (jwt.encode(_claims(), "k" * 64, "HS256"), jwt.encode(_claims(), None, "none")):
        with house.connect(token) as nobody:
            assert 4003 == nobody.closed()


def test_a_blacklisted_token_is_told_by_4003(own_house: Server) -> None:
    from tests.live.manage import manage

    token = own_house.tokens("alice")["refresh"]
    manage(own_house, "from rest_framework_simplejwt.tokens import RefreshToken; RefreshToken({!r}).blacklist()", token)
    with own_house.connect(token) as nobody:
        assert 4003 == nobody.closed()


@pytest.mark.parametrize("change", ["update(is_active=False)", "delete()"])
def test_a_deactivated_or_deleted_person_is_told_by_4003(own_house: Server, change: str) -> None:
    from tests.live.manage import manage

    tokens = own_house.tokens("alice")
    manage(own_house, f"User.objects.filter(username='alice').{change}")
    for token in tokens.values():
        with own_house.connect(token) as nobody:
            assert 4003 == nobody.closed()


def test_our_own_fault_is_told_by_4000(own_house: Server) -> None:
    token = own_house.tokens("alice")["refresh"]
    import sqlite3

    with sqlite3.connect(own_house.data / "teahouse.sqlite3") as database:
        database.execute("ALTER TABLE accounts_user RENAME TO away")
    with own_house.connect(token) as nobody:
        assert 4000 == nobody.closed()


def test_a_message_that_cannot_be_stored_ends_its_own_connection_by_4000(own_house: Server) -> None:
    import sqlite3

    with own_house.connect_as("alice") as alice, own_house.connect_as("bob") as bob:
        with sqlite3.connect(own_house.data / "teahouse.sqlite3") as database:
            database.execute("ALTER TABLE chat_message RENAME TO away")
        alice.say("lost, and not in silence")

        assert 4000 == alice.closed(15)
        bob.ping()
    assert 1 == own_house.metric("teahouse_faults_total")


def test_refusing_writes_nothing_and_asks_the_database_nothing_for_a_forged_token(own_house: Server) -> None:
    import sqlite3

    with sqlite3.connect(own_house.data / "teahouse.sqlite3") as database:
        before = database.execute("PRAGMA data_version").fetchone()
        for _ in range(20):
            with own_house.connect("garbage") as nobody:
                nobody.closed()

        assert before == database.execute("PRAGMA data_version").fetchone()
    assert own_house.metric("teahouse_refused_total", reason="bad_token") == 20


def test_no_log_keeps_a_token(own_house: Server) -> None:
    tokens = own_house.tokens("alice")
    for token in (*tokens.values(), "Bearer%20" + tokens["access"], urllib.parse.quote(tokens["refresh"], safe="")):
        with own_house.connect(token) as alice:
            alice.ping()
    with own_house.connect(tokens["access"][:-4] + "AAAA") as nobody:
        nobody.closed()
    httpx.get(own_house.address + "/nowhere", params={"token": tokens["refresh"]})

    assert "eyJ" not in own_house.log
    for token in tokens.values():
        assert token.split(".")[2] not in own_house.log


def test_messages_are_not_logged(own_house: Server) -> None:
    with own_house.connect_as("alice") as alice:
        alice.say("a secret between us")
        alice.next()
        alice.send('{"type":"demo-message-send","content":"a broken secret')
        alice.ping()

    assert "secret" not in own_house.log


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1.evil.example", "null", "http://user@127.0.0.1", "ftp://127.0.0.1"],
)
def test_a_page_of_somebody_else_may_not_open_a_socket(house: Server, origin: str) -> None:
    token = house.tokens("alice")["refresh"]
    with pytest.raises(InvalidStatus) as refused:
        house.connect(token, origin=origin)

    assert 403 == refused.value.response.status_code


def test_our_own_page_and_pages_on_loopback_may(house: Server) -> None:
    token = house.tokens("alice")["refresh"]
    for origin in (house.address, "http://localhost:5173", "http://127.0.0.1"):
        with house.connect(token, origin=origin) as alice:
            alice.ping()


def test_there_is_no_other_socket(house: Server) -> None:
    for path in ("/ws/", "/", "/infra/wsx", "/ws/infra/ws"):
        with pytest.raises(InvalidStatus) as refused:
            house.connect(path=path)

        assert 404 == refused.value.response.status_code
    assert "Traceback" not in house.log
    assert "without completing handshake" not in house.log


def test_a_person_has_at_most_so_many_connections(data) -> None:  # type: ignore[no-untyped-def]
    from tests.live.server import running

    with running(data, TEAHOUSE_MAX_CONNECTIONS_PER_USER="2") as house:
        token = house.tokens("alice")["refresh"]
        with house.connect(token) as first, house.connect(token) as second:
            with house.connect(token) as third:
                assert 1013 == third.closed()
            first.ping()
            second.close()
            with house.connect_as("bob") as bob:
                bob.ping()
