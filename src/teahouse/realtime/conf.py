"""The engine's settings, `settings.TEAHOUSE_REALTIME`, as one frozen object; checked by `manage.py check`."""

import functools
from typing import Annotated

import msgspec
from django.conf import settings
from django.utils.crypto import salted_hmac

from teahouse.realtime.namespaces import Namespace
from teahouse.realtime.tokens import TokenConf
from teahouse.realtime.wire.session import Limits


class Conf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    # Dotted path of a class without arguments that implements `realtime.application.Application`.
    application: str = "teahouse.realtime.users.UsersApplication"
    # Signs what processes tell each other; at least 32 characters. By default it follows from SECRET_KEY.
    key: Annotated[str, msgspec.Meta(min_length=32)] = msgspec.field(default_factory=lambda: _derived("hints"))
    redis_url: str | None = None
    # In front of every Redis name of ours: two sites may share one Redis.
    redis_prefix: str = "teahouse"
    # Origins beside the page's own from which a browser may open a socket: scheme://host[:port].
    allowed_origins: tuple[str, ...] = ()
    # Also any origin on a loopback name; for a server that listens on loopback only.
    allow_loopback_origins: bool = False
    limits: Limits = Limits()
    # Kinds of channels by the part of their name before the first colon; "" is for names without one.
    namespaces: dict[str, Namespace] = msgspec.field(default_factory=lambda: {"": Namespace()})
    # Without a key of either kind, the HMAC key follows from SECRET_KEY, and those before it from SECRET_KEY_FALLBACKS.
    tokens: TokenConf = msgspec.field(default_factory=TokenConf)
    # Opens `/api/publish` and its like; None: they are closed.
    api_key: Annotated[str, msgspec.Meta(min_length=16)] | None = None
    # Whether one may connect on the native door without a token, as nobody.
    allow_strangers: bool = False
    # Whether every connection hears the channel `#<user>` from the start.
    personal_channels: bool = False
    # Presence of a process that has died without a word ends after so long.
    presence_expiry_seconds: float = 15
    # What one person may send over all connections; more is delayed, not refused.
    sends_per_second: float = 20
    send_burst: int = 100
    # Commands that are kept waiting for one person; beyond that their connections are not read from.
    max_waiting_per_user: int = 256
    # A connection that has this much unsent, or has taken nothing for so long, is closed as slow.
    max_unsent_bytes: int = 1_048_576
    max_unread_seconds: float = 10
    max_connections_per_user: int = 100
    pool_threads: int = 16
    # How often a process asks whether its connections are still welcome.
    welcome_check_seconds: float = 3
    # The server's own pings (RFC 6455 §5.5.2): how often, and how long an answer may take.
    ping_interval_seconds: float = 25
    ping_timeout_seconds: float = 10
    # How long clients are sent away for when other processes are there to take them.
    drain_seconds: float = 5

    def __post_init__(self) -> None:
        if not self.tokens.hmac_key and not self.tokens.public_key:
            msgspec.structs.force_setattr(self, "tokens", _with_derived_keys(self.tokens))


@functools.lru_cache(maxsize=1)
def conf() -> Conf:
    """Raises msgspec.ValidationError for settings that are not of this shape. None at all are fine."""
    return msgspec.convert(getattr(settings, "TEAHOUSE_REALTIME", {}), Conf)


def _with_derived_keys(tokens: TokenConf) -> TokenConf:
    before = (_derived("tokens", secret) for secret in settings.SECRET_KEY_FALLBACKS)
    return msgspec.structs.replace(
        tokens, hmac_key=_derived("tokens"), previous_hmac_keys=(*tokens.previous_hmac_keys, *before)
    )


def _derived(purpose: str, secret: str | bytes | None = None) -> str:
    """From SECRET_KEY, or from another one. Whoever learns it finds out neither that nor what is for other purposes."""
    return salted_hmac(f"teahouse.realtime.{purpose}", "key", secret=secret, algorithm="sha256").hexdigest()
