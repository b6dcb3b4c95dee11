"""Which pages of a browser may open a socket. Pure; programs send no Origin, and for them the token decides."""

import ipaddress
import urllib.parse
from collections.abc import Iterable

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_PAGE_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}

# For the log, with the Origin.
REFUSAL = (
    "A page of %r may not connect here; allowed_origins in TEAHOUSE_REALTIME says who may"
    " (in Teahouse's own site, TEAHOUSE_ALLOWED_ORIGINS)."
)

_Origin = tuple[str, str, int]


def origin_is_allowed(
    origin: str | None,
    *,
    host: str | None,
    scheme: str,
    allowed: Iterable[str] = (),
    allow_loopback: bool = False,
) -> bool:
    """
    Whether a handshake with this Origin header (RFC 6454 §7) may go on; scheme, host and port have to be equal.

    `host` and `scheme` (ws or wss) are the request's own.
    """
    if origin is None:
        return True
    asked = _parsed(origin)
    if asked is None:
        return False
    if host is not None and asked == _parsed(f"{_PAGE_SCHEMES.get(scheme, scheme)}://{host}"):
        return True
    if any(asked == _parsed(entry) for entry in allowed):
        return True
    return allow_loopback and _is_loopback(asked[1]) and _is_loopback(_host_name(host))


def is_origin(text: str) -> bool:
    """Whether `text` is scheme://host[:port], as browsers send it."""
    return _parsed(text) is not None


def _parsed(origin: str) -> _Origin | None:
    if not origin.isprintable():
        return None  # urlsplit takes control characters out.
    try:
        parts = urllib.parse.urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    if parts.path or parts.query or parts.fragment or origin != origin.strip():
        return None
    return parts.scheme, parts.hostname, _DEFAULT_PORTS[parts.scheme] if port is None else port


def _host_name(host: str | None) -> str:
    try:
        return urllib.parse.urlsplit(f"//{host or ''}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
