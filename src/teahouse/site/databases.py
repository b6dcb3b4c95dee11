"""`DATABASE_URL` to Django's settings. SQLite and PostgreSQL, with the options that keep what was acknowledged."""

import pathlib
import urllib.parse
from typing import Any

_SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=5000;PRAGMA cache_size=-16000;"

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
    # PostgreSQL's usual 100 connections. 5 s is longer than any statement of ours may take.
    options["pool"] = {"min_size": 1, "max_size": pool_threads + 2, "timeout": 5}
    options.setdefault("connect_timeout", 5)
    # A host that is gone without a word is noticed in seconds, not in the kernel's hours.
    for name, value in {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}.items():
        options.setdefault(name, value)
    options.setdefault("tcp_user_timeout", 10_000)
    options.setdefault(
        "options", "-c synchronous_commit=on -c statement_timeout=4000 -c lock_timeout=3000 -c timezone=UTC"
    )
    host = options.pop("host", None) or (urllib.parse.unquote(parts.hostname) if parts.hostname else "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": urllib.parse.unquote(parts.path.lstrip("/")),
        "USER": urllib.parse.unquote(parts.username or ""),
        "PASSWORD": urllib.parse.unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def _sqlite(path: pathlib.Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # Threads keep their connection; opening one for each call costs more than the call.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that reads and then writes would otherwise fail when somebody wrote in between.
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": _SQLITE_PRAGMAS,
        },
    }
