"""Which pages may open a socket: those of this very origin and of allowed ones, and none that looks alike."""

import pytest

from teahouse.realtime.server.origins import origin_is_allowed

HOST = "chat.example:8443"


def test_a_program_sends_no_origin_and_may() -> None:
    assert origin_is_allowed(None, host=HOST, scheme="wss")


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        pytest.param("https://chat.example:8443", "chat.example:8443", "wss", id="the same, with a port"),
        pytest.param("https://chat.example", "chat.example", "wss", id="the same, without a port"),
        pytest.param("https://chat.example", "chat.example:443", "wss", id="the default port said by the host"),
        pytest.param("http://chat.example:80", "chat.example", "ws", id="the default port said by the origin"),
        pytest.param("https://CHAT.example", "chat.EXAMPLE", "wss", id="another case"),
        pytest.param("http://[::1]:8000", "[::1]:8000", "ws", id="an IPv6 address"),
        pytest.param("http://192.168.1.5:8000", "192.168.1.5:8000", "ws", id="an IPv4 address"),
        pytest.param("https://chat.example", "chat.example", "https", id="a scheme as some servers give it"),
    ],
)
def test_a_page_of_the_same_origin_may(origin: str, host: str, scheme: str) -> None:
    assert origin_is_allowed(origin, host=host, scheme=scheme)


HOSTILE = [
    pytest.param("", id="empty"),
    pytest.param("null", id="null, as a sandboxed frame or a file sends it"),
    pytest.param("*", id="a star"),
    pytest.param("chat.example:8443", id="no scheme"),
    pytest.param("//chat.example:8443", id="an empty scheme"),
    pytest.param("http://chat.example:8443", id="http for https"),
    pytest.param("wss://chat.example:8443", id="wss for https"),
    pytest.param("file://chat.example:8443", id="a file"),
    pytest.param("https://chat.example", id="another port, unsaid"),
    pytest.param("https://chat.example:84430", id="a port that begins alike"),
    pytest.param("https://chat.example:99999", id="a port that is none"),
    pytest.param("https://chat.example:8443x", id="a port with a letter"),
    pytest.param("https://chat.example.evil.test:8443", id="ours in front of another name"),
    pytest.param("https://evilchat.example:8443", id="ours behind another name"),
    pytest.param("https://sub.chat.example:8443", id="a name below ours"),
    pytest.param("https://example:8443", id="a name above ours"),
    pytest.param("https://chat.example.:8443", id="a trailing dot"),
    pytest.param("https://chat.example:8443@evil.test", id="ours as userinfo"),
    pytest.param("https://evil.test@chat.example:8443", id="another one as userinfo"),
    pytest.param("https://@chat.example:8443", id="empty userinfo"),
    pytest.param("https://chat.example:8443/", id="with a path"),
    pytest.param("https://chat.example:8443?x", id="with a query"),
    pytest.param("https://chat.example:8443#x", id="with a fragment"),
    pytest.param("https://evil.test/https://chat.example:8443", id="ours in the path"),
    pytest.param("https://evil.test?chat.example:8443", id="ours in the query"),
    pytest.param("https://evil.test\\@chat.example:8443", id="a backslash"),
    pytest.param("https://evil.test https://chat.example:8443", id="two of them"),
    pytest.param("https://chat.example:8443, https://evil.test", id="a list"),
    pytest.param(" https://chat.example:8443", id="a space in front"),
    pytest.param("https://chat.example:8443 ", id="a space behind"),
    pytest.param("https://chat.exa\tmple:8443", id="a tab, which urlsplit takes out"),
    pytest.param("https://chat.example:8443\n", id="a line break, which urlsplit takes out"),
    pytest.param("\x00https://chat.example:8443", id="a control character, which urlsplit takes out"),
    pytest.param("https://chat.examp1e:8443", id="a digit for a letter"),
    pytest.param("https://chаt.example:8443", id="a Cyrillic letter"),
    pytest.param("https://chat%2eexample:8443", id="percent-encoded"),
    pytest.param("https://[chat.example]:8443", id="brackets"),
    pytest.param("https://[::1", id="half a bracket"),
    pytest.param("https://:8443", id="no name"),
]


@pytest.mark.parametrize("origin", HOSTILE)
def test_a_page_of_any_other_origin_may_not(origin: str) -> None:
    assert not origin_is_allowed(origin, host=HOST, scheme="wss")
    assert not origin_is_allowed(origin, host=HOST, scheme="wss", allowed=[f"https://{HOST}"])


def test_port_0_is_not_the_default_port() -> None:
    assert not origin_is_allowed("https://chat.example:0", host="chat.example", scheme="wss")


@pytest.mark.parametrize("origin", HOSTILE)
def test_nor_may_it_where_loopback_is_allowed(origin: str) -> None:
    assert not origin_is_allowed(origin, host="localhost:8000", scheme="ws", allow_loopback=True)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("evil.test@chat.example", id="userinfo"),
        pytest.param("chat.example/", id="a path"),
        pytest.param("chat.example:x", id="no port"),
        pytest.param("[", id="garbage"),
    ],
)
def test_a_host_that_is_none_makes_no_origin_the_same(host: str | None) -> None:
    assert not origin_is_allowed("https://chat.example", host=host, scheme="wss")


def test_a_page_of_an_allowed_origin_may() -> None:
    allowed = ["https://admin.example", "http://other.example:81"]

    assert origin_is_allowed("https://admin.example", host=HOST, scheme="wss", allowed=allowed)
    assert origin_is_allowed("http://other.example:81", host=HOST, scheme="wss", allowed=allowed)
    assert not origin_is_allowed("http://admin.example", host=HOST, scheme="wss", allowed=allowed)


@pytest.mark.parametrize("entry", ["*", "null", "", "admin.example", "https://*.example", "https://"])
def test_an_entry_that_is_no_origin_allows_nothing(entry: str) -> None:
    for origin in ("https://admin.example", "null", ""):
        assert not origin_is_allowed(origin, host=HOST, scheme="wss", allowed=[entry])


@pytest.mark.parametrize(
    ("origin", "host", "is_allowed"),
    [
        pytest.param("http://localhost:5173", "127.0.0.1:8000", True, id="the dev server"),
        pytest.param("http://127.0.0.1:5173", "localhost:8000", True, id="the same by its address"),
        pytest.param("http://[::1]:5173", "localhost:8000", True, id="the same by IPv6"),
        pytest.param("https://x.localhost", "[::1]:8000", True, id="a name below localhost"),
        pytest.param("http://localhost:5173", "chat.example", False, id="asked for by another name: DNS rebinding"),
        pytest.param("http://localhost:5173", None, False, id="asked for by no name"),
        pytest.param("http://192.168.1.5", "localhost:8000", False, id="a neighbour"),
        pytest.param("http://localhost.evil.test", "localhost:8000", False, id="localhost in front of a name"),
        pytest.param("http://evillocalhost", "localhost:8000", False, id="localhost behind a name"),
        pytest.param("http://127.0.0.1.evil.test", "localhost:8000", False, id="the address in front of a name"),
        pytest.param("http://0.0.0.0:5173", "localhost:8000", False, id="every address"),
        pytest.param("null", "localhost:8000", False, id="null"),
    ],
)
def test_where_loopback_is_allowed_both_ends_have_to_be_loopback(
    origin: str, host: str | None, is_allowed: bool
) -> None:
    assert is_allowed == origin_is_allowed(origin, host=host, scheme="ws", allow_loopback=True)


def test_loopback_is_not_allowed_unless_it_is_said() -> None:
    assert not origin_is_allowed("http://localhost:5173", host="localhost:8000", scheme="ws")
