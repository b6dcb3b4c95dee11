"""
One line for a site's `asgi.py`: `application = with_realtime(get_asgi_application())`.

It needs Django set up, which `get_asgi_application` has done by then.
"""

from collections.abc import Sequence
from typing import Any, cast

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path
from django.urls.resolvers import URLPattern

from teahouse.realtime.engine import running_engine, started_engine
from teahouse.realtime.server.consumer import ClassicConsumer, NativeConsumer
from teahouse.realtime.server.http_api import with_server_api
from teahouse.realtime.server.lifespan import lifespan
from teahouse.realtime.server.streams import Streams
from teahouse.realtime.server.unknown import unknown_path


def with_realtime(http: Any, *, websocket: Sequence[URLPattern] = ()) -> ProtocolTypeRouter:
    """
    The site with the engine's doors: `/connection/websocket`, `/connection/http_stream`, `/connection/sse`,
    `/emulation`, `/infra/ws`, and the server API if `api_key` is set.

    `http` is Django's application, with what the site has put around it; `websocket` are routes of the site's own
    consumers.
    """
    return ProtocolTypeRouter(
        {
            "http": cast(Any, _with_engine(Streams(with_server_api(cast(ASGI3Application, http))))),
            "websocket": URLRouter(
                [
                    re_path(r"^infra/ws/?$", ClassicConsumer.as_asgi()),
                    re_path(r"^connection/websocket/?$", NativeConsumer.as_asgi()),
                    *websocket,
                    re_path(r"", cast(Any, unknown_path)),
                ]
            ),
            "lifespan": lifespan,
        }
    )


def _with_engine(http: Any) -> Any:
    async def application(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        # Some servers (daphne) have no lifespan to start it in, and a view may publish before anybody listens.
        if running_engine() is None:
            await started_engine()
        await http(scope, receive, send)

    return application
