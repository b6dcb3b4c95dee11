"""Reading a handshake: the token in all the ways in which clients write it, and the one Origin that counts."""

from typing import Any, cast

import pytest
from asgiref.typing import WebSocketScope

from teahouse.realtime.conf import Conf
from teahouse.realtime.server.handshake import header, origin_of_scope_is_allowed, token_in

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.AbC-_123"


@pytest.mark.parametrize(
    ("query_string", "token"),
    [
        pytest.param(f"token={JWT}", JWT, id="as the article's page writes it"),
        pytest.param(f"token={JWT.replace('.', '%2E')}", JWT, id="dots percent-encoded"),
        pytest.param(f"token={JWT.replace('.', '%2e')}", JWT, id="dots percent-encoded in small letters"),
        pytest.param(f"tenant-id=1&token={JWT}", JWT, id="last of two"),
        pytest.param(f"token={JWT}&tenant-id=1", JWT, id="first of two"),
        pytest.param(f"x=token&token={JWT}&token=other", JWT, id="twice: the first"),
        pytest.param(f"token=&token={JWT}", JWT, id="twice, the first one empty"),
        pytest.param(f"token=Bearer%20{JWT}", JWT, id="with Bearer"),
        pytest.param(f"token=Bearer+{JWT}", JWT, id="with Bearer and a plus"),
        pytest.param(f"token=bearer%20%20{JWT}%20", JWT, id="with bearer and spaces"),
        pytest.param(f"token=%20{JWT}%0A", JWT, id="with space around it"),
        pytest.param("token=abc%3D%3D", "abc==", id="trailing = percent-encoded"),
        pytest.param("token=abc==", "abc==", id="trailing = as it is"),
        pytest.param("token=a%2Bb%2Fc", "a+b/c", id="+ and / percent-encoded"),
        pytest.param(f"%74oken={JWT}", JWT, id="a percent-encoded name"),
        pytest.param("token=%E8%8C%B6", "茶", id="Chinese"),
        pytest.param("token=%ff%fe", "\ufffd\ufffd", id="no UTF-8"),
        pytest.param("token=%zz%", "%zz%", id="no percent-encoding"),
        pytest.param("token=Bearerabc", "Bearerabc", id="Bearer without a space is part of it"),
        pytest.param("", None, id="no query"),
        pytest.param("token", None, id="a name alone"),
        pytest.param("token=", None, id="empty"),
        pytest.param("token=%20%20", None, id="blank"),
        pytest.param("token=Bearer%20", None, id="Bearer alone"),
        pytest.param("Token=abc", None, id="another case"),
        pytest.param("xtoken=abc&token_=abc", None, id="other names"),
        pytest.param("a=1&" * 60 + "token=abc", None, id="too many parameters"),
    ],
)
def test_the_token_of_a_query(query_string: str, token: str | None) -> None:
    assert token == token_in(query_string.encode("ascii"))


def test_bytes_that_are_no_text_at_all_are_no_fault() -> None:
    assert isinstance(token_in(b"token=\xff\xfe"), str)


def test_a_token_longer_than_any_is_cut() -> None:
    assert 4096 == len(token_in(b"token=" + b"a" * 100_000) or "")


def scope_with(*headers: tuple[bytes, bytes], scheme: str = "ws") -> WebSocketScope:
    scope: Any = {"type": "websocket", "scheme": scheme, "headers": list(headers)}
    return cast(WebSocketScope, scope)


def test_a_header_is_found_by_its_name() -> None:
    scope = scope_with((b"host", b"chat.example"), (b"origin", b"https://caf\xe9"))

    assert "https://café" == header(scope, b"origin")
    assert header(scope, b"cookie") is None


CONF = Conf(application="none", key="k" * 32, allowed_origins=("https://admin.example",))


@pytest.mark.parametrize(
    ("headers", "is_allowed"),
    [
        pytest.param([(b"host", b"a.example")], True, id="no origin: a program"),
        pytest.param([(b"host", b"a.example"), (b"origin", b"http://a.example")], True, id="our own page"),
        pytest.param([(b"host", b"a.example"), (b"origin", b"https://admin.example")], True, id="an allowed page"),
        pytest.param([(b"host", b"a.example"), (b"origin", b"http://b.example")], False, id="another page"),
        pytest.param([(b"host", b"a.example"), (b"origin", b"")], False, id="an empty one"),
        pytest.param([(b"origin", b"http://a.example")], False, id="no host"),
        pytest.param(
            [(b"host", b"a.example"), (b"origin", b"http://a.example"), (b"origin", b"http://b.example")],
            False,
            id="two, ours first",
        ),
        pytest.param(
            [(b"host", b"a.example"), (b"origin", b"http://b.example"), (b"origin", b"http://a.example")],
            False,
            id="two, ours last",
        ),
    ],
)
def test_the_origin_of_a_handshake(headers: list[tuple[bytes, bytes]], is_allowed: bool, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["a.example"]

    assert is_allowed == origin_of_scope_is_allowed(scope_with(*headers), CONF)


def test_a_page_under_a_name_that_is_not_ours_is_not_our_own(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["a.example"]
    rebound = scope_with((b"host", b"evil.example:8000"), (b"origin", b"http://evil.example:8000"))

    assert not origin_of_scope_is_allowed(rebound, CONF)
