"""The environment as one typed struct, read once. No other module reads `os.environ` for settings of ours."""

import os
import pathlib
import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec

from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.server.origins import is_origin


class EnvironmentError(Exception):  # noqa: A001
    """A variable is misspelt or has a value of another type; the text says which."""


_Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]


class Env(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Each field is a variable: `TEAHOUSE_` and the name in capitals, but for those two that all of the world knows by
    another name, `DATABASE_URL` and `REDIS_URL`. `docs/reference/configuration.md` says more about each.
    """

    data: str = "data"
    database_url: str | None = None
    redis_url: str | None = None
    redis_prefix: str = "teahouse"
    # Names under which the server may be asked for, comma-separated; names of this machine always may.
    allowed_hosts: str = ""
    # Origins of other pages that may open a socket here, comma-separated: https://admin.example
    allowed_origins: str = ""
    # What people have in their address bar, e.g. https://chat.example: sets cookies to https only, and more.
    public_url: str | None = None
    # Set by `teahouse up` and `serve`: what the server listens on.
    host: str = "127.0.0.1"
    debug: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    ping_interval_seconds: _Positive = 25
    ping_timeout_seconds: _Positive = 10
    drain_seconds: Annotated[float, msgspec.Meta(ge=0)] = 5
    access_token_minutes: _Positive = 30
    refresh_token_days: _Positive = 30
    lobby_name: str = "Lobby"
    # Opens /api/publish and its like to whoever sends it as X-API-Key.
    api_key: Annotated[str, msgspec.Meta(min_length=16)] | None = None
    # Opens /metrics to a scraper on another machine: Authorization: Bearer ...
    metrics_token: Annotated[str, msgspec.Meta(min_length=16)] | None = None
    # The HMAC key of another system that makes connection and subscription tokens for its own users.
    token_key: Annotated[str, msgspec.Meta(min_length=32)] | None = None
    # Further kinds of channels, as JSON: {"news": {"kind": "kept", "may_subscribe": "anyone"}}
    namespaces: str = "{}"
    # Whether the native door lets in who has no token, as nobody.
    allow_strangers: bool = False
    # Whether everyone hears the channel #<their id> from the start.
    personal_channels: bool = False
    sends_per_second: _Positive = 20
    send_burst: _Count = 100
    max_connections_per_user: _Count = 100
    # Serve from a database that may lose what it has acknowledged, as one with fsync=off: for trying things out.
    allow_unsafe_database: bool = False

    @property
    def data_path(self) -> pathlib.Path:
        return pathlib.Path(self.data).absolute()

    @property
    def is_loopback(self) -> bool:
        return self.host in ("127.0.0.1", "localhost", "::1")


_PREFIX = "TEAHOUSE_"
_PLAIN = ("DATABASE_URL", "REDIS_URL")
_KUBERNETES = re.compile(r"TEAHOUSE_(SERVICE_|PORT(_|$))")
_FIELDS = {
    field.upper() if field.upper() in _PLAIN else f"{_PREFIX}{field.upper()}": field for field in Env.__struct_fields__
}


def read(environ: Mapping[str, str] = os.environ) -> Env:
    """
    Raises:
        EnvironmentError: for a `TEAHOUSE_` variable that is none of ours, or a value of another type.
    """
    ours = (name for name in environ if name in _PLAIN or name.startswith(_PREFIX))
    # Kubernetes puts TEAHOUSE_PORT and TEAHOUSE_SERVICE_HOST into every container beside a Service named teahouse.
    given = {name: environ[name] for name in ours if environ[name] != "" and not _KUBERNETES.match(name)}
    if unknown := sorted(given.keys() - _FIELDS.keys()):
        raise EnvironmentError(f"There is no setting {', '.join(unknown)}.")
    values = {_FIELDS[name]: value for name, value in given.items()}
    try:
        env = msgspec.convert(values, Env, strict=False)
    except msgspec.ValidationError as error:
        raise EnvironmentError(f"The environment is not right, see the variables {_PREFIX}*: {error}") from None
    namespaces_in(env.namespaces)
    for name, text in (("ALLOWED_ORIGINS", env.allowed_origins), ("PUBLIC_URL", env.public_url or "")):
        for origin in listed(text):
            if not is_origin(origin):
                raise EnvironmentError(
                    f"{_PREFIX}{name}: {origin!r} is no origin. That is http(s)://host[:port], without a path or *."
                )
    return env


def namespaces_in(text: str) -> dict[str, Namespace]:
    """Raises EnvironmentError."""
    try:
        return msgspec.json.decode(text, type=dict[str, Namespace])
    except msgspec.DecodeError as error:
        raise EnvironmentError(f"{_PREFIX}NAMESPACES is not right: {error}") from None


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
