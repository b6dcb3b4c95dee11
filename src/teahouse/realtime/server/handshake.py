"""What a handshake carries: the token in its address, its Origin and Host. Reading only; others decide."""

import urllib.parse

from asgiref.typing import WebSocketScope
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from teahouse.realtime.conf import Conf
from teahouse.realtime.server.origins import origin_is_allowed

# A JWT of ours has about 300 characters; nobody's has more than this.
_MAX_TOKEN_CHARS = 4096
# What Django itself allows while DEBUG is on and ALLOWED_HOSTS is empty.
_DEBUG_HOSTS = [".localhost", "127.0.0.1", "[::1]"]


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


def header(scope: WebSocketScope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return None


def origin_of_scope_is_allowed(scope: WebSocketScope, conf: Conf) -> bool:
    if sum(key == b"origin" for key, _ in scope["headers"]) > 1:
        return False
    host = header(scope, b"host")
    # A page is our own only under a name that is ours: a stranger's name may be made to lead here too.
    ours = settings.ALLOWED_HOSTS or (_DEBUG_HOSTS if settings.DEBUG else [])
    if host is not None and not validate_host(split_domain_port(host)[0], ours):
        host = None
    return origin_is_allowed(
        header(scope, b"origin"),
        host=host,
        scheme=scope.get("scheme", "ws"),
        allowed=conf.allowed_origins,
        allow_loopback=conf.allow_loopback_origins,
    )
