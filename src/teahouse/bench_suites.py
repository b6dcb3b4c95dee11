"""
`teahouse bench suites`: a server for the published test suites of the Centrifuge SDKs, which want certain channels and
keys. Only for the command line; on loopback, on data that is thrown away, and not for anything else: everybody knows
the keys.
"""

import json
import os
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

Profile: TypeAlias = Literal["js", "python"]

APPLICATION = "teahouse.bench_suites:application"

# What the suites have written into them; shorter than anything a site may use.
_TOKEN_KEY = "secret"  # noqa: S105
_API_KEY = b"test-api-key"
_OUR_API_KEY = "k" * 32

_ANYTHING = {
    "may_subscribe": "anyone",
    "may_publish": "anyone",
    "may_read_presence": "anyone",
    "may_read_history": "anyone",
}
_KEPT: Mapping[str, Any] = {"kind": "kept", "history_size": 100, "history_seconds": 300}
_FOR_SUBSCRIBERS = {
    "may_publish": "subscribers",
    "may_read_presence": "subscribers",
    "may_read_history": "subscribers",
}
_NAMESPACES: Mapping[Profile, Mapping[str, Mapping[str, Any]]] = {
    "js": {
        "": {**_KEPT, **_ANYTHING, "presence": True},
        "recovery": {**_KEPT, **_ANYTHING},
        "smallhistory": {**_KEPT, **_ANYTHING, "history_size": 2},
        "delta": {**_KEPT, **_ANYTHING},
    },
    "python": {
        "": {**_KEPT, **_FOR_SUBSCRIBERS, "presence": True, "join_leave": True, "push_join_leave": True},
        "smallhistory": {**_KEPT, **_FOR_SUBSCRIBERS, "history_size": 2},
    },
}


def set_environment(profile: Profile, data: str) -> None:
    """Before Django reads its settings."""
    os.environ.update(
        TEAHOUSE_DATA=data,
        TEAHOUSE_NAMESPACES=json.dumps(_NAMESPACES[profile]),
        TEAHOUSE_TOKEN_KEY=_TOKEN_KEY.ljust(32, "."),
        TEAHOUSE_API_KEY=_OUR_API_KEY,
        TEAHOUSE_ALLOW_STRANGERS="true" if profile == "js" else "false",
        TEAHOUSE_PERSONAL_CHANNELS="true" if profile == "python" else "false",
        TEAHOUSE_SENDS_PER_SECOND="1000",
        TEAHOUSE_SEND_BURST="10000",
        TEAHOUSE_MAX_CONNECTIONS_PER_USER="10000",
    )


def change_settings() -> None:
    """Before anybody has read them: to a key that the environment would not take."""
    from django.conf import settings

    realtime = cast(dict[str, Any], settings.TEAHOUSE_REALTIME)
    realtime["tokens"] = {**realtime["tokens"], "hmac_key": _TOKEN_KEY}


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The site, with the suites' API key in place of its own."""
    from teahouse.site.asgi import application as site

    if scope["type"] == "http":
        headers = [
            (name, _OUR_API_KEY.encode() if (name, value) == (b"x-api-key", _API_KEY) else value)
            for name, value in scope["headers"]
        ]
        scope = {**scope, "headers": headers}
    site_: ASGI3Application = site
    await site_(scope, receive, send)
