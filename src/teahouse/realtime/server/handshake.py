"""What a handshake carries: the token in its address, its Origin and Host. Reading only; others decide."""

import urllib.parse

from asgiref.typing import HTTPScope, WebSocketScope
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from teahouse.realtime.conf import Conf
from teahouse.realtime.server.origins import origin_is_allowed
from teahouse.realtime.wire.centrifuge.codec import JSON, Codec
from teahouse.realtime.wire.centrifuge.protobuf import PROTOBUF

# A JWT of ours has about 300 characters; nobody's has more than this.
_MAX_TOKEN_CHARS = 4096
# What Django itself allows while DEBUG is on and ALLOWED_HOSTS is empty.
_DEBUG_HOSTS = [".localhost", "127.0.0.1", "[::1]"]
_SUBPROTOCOLS: dict[str, Codec] = {"centrifuge-protobuf": PROTOBUF, "centrifuge-json": JSON}


def token_in(query_string: bytes) -> str | None:
    """The `token` of a query string (percent-decoded, any order, `Bearer ` stripped); None when there is none."""
    try:
        values = urllib.parse.parse_qs(query_string.decode("latin-1"), max_num_fields=50).get("token")
    except ValueError:
        return None
    if not values:
        return None
    scheme, _, rest = values[0].strip().partition(" ")
    token = rest.strip() if scheme.lower() == "bearer" else values[0].strip()
    return token[:_MAX_TOKEN_CHARS] or None


def header(scope: HTTPScope | WebSocketScope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return None


def own_host(scope: HTTPScope | WebSocketScope) -> str | None:
    """The Host, None when it is no name of ours: a stranger's name may be made to lead here too."""
    host = header(scope, b"host")
    ours = settings.ALLOWED_HOSTS or (_DEBUG_HOSTS if settings.DEBUG else [])
    return host if host is not None and validate_host(split_domain_port(host)[0], ours) else None


def origin_of_scope_is_allowed(scope: HTTPScope | WebSocketScope, conf: Conf) -> bool:
    origins = [value for key, value in scope["headers"] if key == b"origin"]
    if not origins:
        return True
    return len(origins) == 1 and origin_is_allowed(
        origins[0].decode("latin-1"),
        # A page is our own only under a name that is ours.
        host=own_host(scope),
        scheme=scope.get("scheme", "ws"),
        allowed=conf.allowed_origins,
        allow_loopback=conf.allow_loopback_origins,
    )


def codec_for(scope: WebSocketScope) -> tuple[Codec, str | None]:
    """What a native connection speaks, and the subprotocol to agree to; None when none of ours was offered."""
    asked = header(scope, b"sec-websocket-protocol")
    if asked:
        offered = [name.strip() for name in asked.split(",")]
        for name, codec in _SUBPROTOCOLS.items():
            if name in offered:
                return codec, name
    if not scope["query_string"]:
        return JSON, None
    try:
        query = urllib.parse.parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=50)
    except ValueError:
        query = {}
    wants_protobuf = "protobuf" in (*query.get("format", ()), *query.get("cf_protocol", ()))
    return (PROTOBUF if wants_protobuf else JSON), None
