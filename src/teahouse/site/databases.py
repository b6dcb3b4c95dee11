"""`DATABASE_URL` to Django's settings. SQLite and PostgreSQL, with the options that keep what was acknowledged."""

import pathlib
import urllib.parse
from typing import Any

# A thread waits for a connection and then for an answer: together less than the 8 s after which a send is "try again".
_POOL_SECONDS = 3
_ANSWER_SECONDS = 4.5

# What of it the server keeps to. Speaks before our own limit, and frees what a process of ours holds that has stopped.
_SERVER_OPTIONS = {
    "synchronous_commit": "on",
    "statement_timeout": 4_000,
    "lock_timeout": 3_000,
    "idle_in_transaction_session_timeout": 10_000,
    "timezone": "UTC",
}

_CANNOT_BE_READ = (
    "DATABASE_URL cannot be read. Is the port a number, and what is special in the password percent-encoded (@ as %40)?"
)


class BadDatabaseUrl(ValueError):
    pass


def database_from(url: str | None, *, data: pathlib.Path, pool_threads: int) -> dict[str, Any]:
    """
    Without a URL, SQLite in the data folder.

    Raises:
        BadDatabaseUrl: neither `sqlite:///PATH` nor `postgresql://USER:PASSWORD@HOST:PORT/NAME`.
    """
    if url is None:
        return _sqlite(data / "teahouse.sqlite3")
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        # What the error quotes may be a part of the password.
        raise BadDatabaseUrl(_CANNOT_BE_READ) from None
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return _sqlite(pathlib.Path(urllib.parse.unquote(parts.path)))
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadDatabaseUrl("DATABASE_URL has to begin with postgresql:// or sqlite:///")
    if parts.netloc.count("@") > 1:
        # We would take the last one and libpq the first: it would look for the rest of the password as a host.
        raise BadDatabaseUrl(_CANNOT_BE_READ)
    options: dict[str, Any] = dict(urllib.parse.parse_qsl(parts.query))
    # One connection a thread, and two for the requests, which take turns: eight such processes leave some of
    # PostgreSQL's usual 100 connections.
    options["pool"] = {
        "min_size": 1,
        "max_size": pool_threads + 4,
        "timeout": _POOL_SECONDS,
        # After that the next one who needs a connection tries at once, instead of after a pause that keeps doubling.
        "reconnect_timeout": 2,
    }
    options["answer_timeout_seconds"] = _ANSWER_SECONDS
    options.setdefault("connect_timeout", 3)
    # A host that is gone without a word is noticed in seconds, not in the kernel's hours.
    for name, value in {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}.items():
        options.setdefault(name, value)
    options.setdefault("tcp_user_timeout", 5_000)
    # Of two values for one name the last holds, so an operator's own come after ours.
    ours = " ".join(f"-c {name}={value}" for name, value in _SERVER_OPTIONS.items())
    options["options"] = f"{ours} {options.get('options', '')}".strip()
    host = options.pop("host", None) or (urllib.parse.unquote(parts.hostname) if parts.hostname else "")
    return {
        "ENGINE": "teahouse.postgresql",
        "NAME": urllib.parse.unquote(parts.path.lstrip("/")),
        "USER": urllib.parse.unquote(parts.username or ""),
        "PASSWORD": urllib.parse.unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def _sqlite(path: pathlib.Path) -> dict[str, Any]:
    return {
        # Its own defaults are what we need; see `teahouse.sqlite.base`.
        "ENGINE": "teahouse.sqlite",
        "NAME": str(path),
        # Threads keep their connection; opening one for each call costs more than the call.
        "CONN_MAX_AGE": None,
    }
