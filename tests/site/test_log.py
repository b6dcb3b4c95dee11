"""No secret in any line, and nobody writes a line that is not theirs."""

import io
import logging
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.site.log import LineFormatter, OfOneLine, config, redacted

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiMSIsImp0aSI6IjEyMyJ9.AbC-_123456789"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"GET /infra/ws?token={JWT}", "GET /infra/ws?token=[redacted]", id="in an address"),
        pytest.param(f"?a=1&token={JWT}&b=2", "?a=1&token=[redacted]&b=2", id="between other parameters"),
        pytest.param("?token=opaque-1.2", "?token=[redacted]", id="a token that is no JWT"),
        pytest.param("?next=%2Fws%3Ftoken%3Dabc%26b", "?next=%2Fws%3Ftoken%3D[redacted]", id="percent-encoded"),
        pytest.param("?token%3dabc", "?token%3d[redacted]", id="percent-encoded in small letters"),
        pytest.param("?TOKEN=abc", "?TOKEN=[redacted]", id="in capitals"),
        pytest.param("refresh=abc access=def", "refresh=[redacted] access=[redacted]", id="the other kinds"),
        pytest.param("password=abc", "password=[redacted]", id="a password"),
        pytest.param(
            "Cookie: csrftoken=abc; sessionid=def", "Cookie: csrftoken=[redacted] sessionid=[redacted]", id="cookies"
        ),
        pytest.param(f"bad {JWT}!", "bad [redacted]!", id="a JWT anywhere"),
        pytest.param(f'{{"refresh":"{JWT}"}}', '{"refresh":"[redacted]"}', id="a JWT in JSON"),
        pytest.param(f"茶{JWT}", "[redacted]", id="a JWT behind Chinese"),
        pytest.param(JWT.replace(".", "%2E"), "[redacted]", id="a JWT with its dots percent-encoded"),
        pytest.param(JWT.rsplit(".", 1)[0] + ".", "[redacted]", id="a JWT without a signature"),
        pytest.param(f"{JWT}\n{JWT}", "[redacted]\n[redacted]", id="two of them"),
        pytest.param("Authorization: Bearer abc.def-123==", "Authorization: Bearer [redacted]", id="Bearer"),
        pytest.param("token=Bearer%20abc", "token=[redacted]", id="Bearer in a token"),
        pytest.param("bearer+abc", "bearer+[redacted]", id="bearer with a plus"),
        pytest.param(f"Bearer {JWT}", "Bearer [redacted]", id="Bearer with a JWT"),
        pytest.param('{"password": "hunter2"}', '{"password": "[redacted]"}', id="a password in JSON"),
        pytest.param('{"refresh":"opaque","a":1}', '{"refresh":"[redacted]","a":1}', id="without a space"),
        pytest.param("{'password': 'a b&c'}", "{'password': '[redacted]'}", id="in a dict"),
        pytest.param("{'password': ['hunter2']}", "{'password': ['[redacted]']}", id="in a form"),
        pytest.param("{'token': b'abc'}", "{'token': b'[redacted]'}", id="bytes"),
        pytest.param('{"access": 123}', '{"access": [redacted]', id="a number"),
        pytest.param(r'"{\"password\": \"hunter2\"}"', r'"{\"password\": \"[redacted]"', id="JSON in JSON"),
        pytest.param(r'"password": "a\"b", "c"', '"password": "[redacted]", "c"', id="a quote in the password"),
        pytest.param('"password": "a', '"password": "[redacted]', id="cut off"),
        pytest.param('"new_password1": "a"', '"new_password1": "[redacted]"', id="a name around it"),
        pytest.param("password='a b' c", "password='[redacted]' c", id="in quotes behind an equals sign"),
        pytest.param("redis://:secret@host:6379/0", "redis://[redacted]@host:6379/0", id="the address of Redis"),
        pytest.param("postgresql://u:secret@h/db", "postgresql://[redacted]@h/db", id="the address of PostgreSQL"),
        pytest.param("at https://u:a@b@h/?x=1.", "at https://[redacted]@h/?x=1.", id="any address with a password"),
        pytest.param("postgres://u:a/b#c@h/db", "postgres://[redacted]@h/db", id="a password that was not encoded"),
        pytest.param(f"?tok%65n={'a' * 100}&b=2", "?tok%65n=[redacted]&b=2", id="a long value by whatever name"),
        pytest.param("Not Found: /invite/" + "0a" * 20, "Not Found: /invite/[redacted]", id="an invite link"),
        pytest.param("?next=/invite/" + "0a" * 20 + "&b=2", "?next=/invite/[redacted]&b=2", id="one that comes next"),
        pytest.param("%2Finvite%2F" + "0a" * 20 + "%3F", "%2Finvite%2F[redacted]%3F", id="one that is encoded"),
        pytest.param(f"%3Ftok%65n%3D{'a' * 100}", "%3Ftok%65n%3D[redacted]", id="a long value in an encoded address"),
    ],
)
def test_what_would_let_a_reader_sign_in_is_not_shown(text: str, shown: str) -> None:
    assert shown == redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice 你好，茶馆 🍵",
        "The token has expired; come back with a new one.",
        "tokens: 5 refresh: 3",
        "?tokens=5",
        "www.example.com 192.168.1.5 teahouse.realtime.engine 1.2.3",
        "the bearer",
        "eyJ is how they begin",
        f"?next={'a' * 99}",
        "https://example.com/a@b?c=d@e",
        "redis://127.0.0.1:6379/0 is away",
    ],
)
def test_anything_else_is_shown_as_it_is(text: str) -> None:
    assert text == redacted(text)


@pytest.mark.parametrize(
    "part",
    [
        *(
            "/invite/",
            "/invite/a",
            "/",
            "eyJ",
            "eyJabcdef.",
            "token=",
            "bearer ",
            "bearer+",
            "a.",
            "%2E",
            "eyJabcde%2E",
            "x",
            "茶",
        ),
        *("a", "=", "%3D", "://", "://a", "redis://", "redis://a", "@", "://@", "a=", "?a=b", "&", "?", "\\", '\\"'),
        *('"token":', "'token': '", '"token" ', '"token": "\\', "token='", "password", " ", '"', "['"),
    ],
)
def test_a_long_text_that_somebody_chose_holds_up_nobody(part: str) -> None:
    begin = time.thread_time()
    redacted(part * (100_000 // len(part)))
    redacted('"token": "' + part * (100_000 // len(part)))
    redacted('"token"' + part * (100_000 // len(part)) + "@")

    assert time.thread_time() - begin < 0.3


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the settings' own formatter writes for the logger `teahouse.tests`."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(config("INFO")["formatters"]["line"]["format"], style="{"))
    logger = logging.getLogger("teahouse.tests")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


LOGGER = logging.getLogger("teahouse.tests")


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        pytest.param("\n", "\\x0a", id="a line feed"),
        pytest.param("\r", "\\x0d", id="a carriage return"),
        pytest.param("\x1b", "\\x1b", id="an escape"),
        pytest.param("\x9b", "\\x9b", id="the escape of eight bits"),
        pytest.param("\x08", "\\x08", id="a backspace"),
        pytest.param("\x00", "\\x00", id="a NUL"),
        pytest.param("\x7f", "\\x7f", id="a delete"),
        pytest.param("\x85", "\\x85", id="a next line"),
        pytest.param("\u2028", "\\u2028", id="a line separator"),
        pytest.param("\u2029", "\\u2029", id="a paragraph separator"),
        pytest.param("\t", "\t", id="a tab may stay"),
        pytest.param("茶", "茶", id="Chinese may stay"),
    ],
)
def test_an_event_is_one_line_whatever_is_in_it(stream: io.StringIO, character: str, shown: str) -> None:
    LOGGER.warning("from %s", f"a{character}2026 INFO forged")

    assert stream.getvalue().endswith(f"teahouse.tests: from a{shown}2026 INFO forged\n")
    assert 1 == len(stream.getvalue().splitlines())


@given(st.text(max_size=100))
def test_no_text_makes_two_lines(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (text,), None)
    line = LineFormatter("{name}: {message}", style="{").format(record)

    assert 1 == len(line.splitlines())


def test_a_token_is_redacted_wherever_in_the_event_it_is(stream: io.StringIO) -> None:
    LOGGER.warning(f"a {JWT}")
    LOGGER.warning("b %s %r", JWT, {"token": JWT})
    LOGGER.warning("c %s", "token=abc")
    try:
        raise ValueError(f"?token={JWT}")
    except ValueError:
        LOGGER.exception("d")

    assert "eyJ" not in stream.getvalue()
    assert "abc" not in stream.getvalue()
    assert stream.getvalue().endswith("ValueError: ?token=[redacted]\n")


def test_a_host_that_is_not_allowed_is_one_line_with_the_variable_that_allows_it() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "Invalid host: %r.", ("h",), (KeyError, KeyError(), None))
    assert OfOneLine().filter(record)
    assert OfOneLine().filter(record)

    assert "Invalid host: 'h'. Here that is TEAHOUSE_ALLOWED_HOSTS, or TEAHOUSE_PUBLIC_URL." == record.getMessage()
    assert record.exc_info is None


def test_a_traceback_follows_on_lines_that_cannot_be_taken_for_events(stream: io.StringIO) -> None:
    try:
        raise ValueError("what they sent\n2026-01-01 WARNING teahouse: forged \x1b[2J \u2028 again")
    except ValueError:
        LOGGER.exception("A command failed.")

    first, *others = stream.getvalue().splitlines()
    assert first.endswith("A command failed.")
    assert len(others) >= 4
    assert all(line.startswith(" ") for line in others)
    assert "\x1b" not in stream.getvalue()
