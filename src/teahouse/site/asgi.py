"""The composition root: `uvicorn teahouse.site.asgi:application`, and so daphne, hypercorn and gunicorn."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse.site.settings")
_django = get_asgi_application()

# Django has to be set up before these are imported.
from teahouse.realtime.server.consumer import ClassicConsumer, NativeConsumer  # noqa: E402
from teahouse.realtime.server.http_api import with_server_api  # noqa: E402
from teahouse.realtime.server.lifespan import lifespan  # noqa: E402
from teahouse.realtime.server.streams import Streams  # noqa: E402
from teahouse.realtime.server.unknown import unknown_path  # noqa: E402
from teahouse.site import alone  # noqa: E402
from teahouse.web.request_limits import RequestLimits  # noqa: E402
from teahouse.web.static_files import StaticFiles  # noqa: E402

if not alone.may_be_many(settings.ENV):
    alone.stay_alone(settings.ENV.data_path)

# Whoever watches over the server hears that it is alive also while people wait.
_limited = RequestLimits(_django, most_body_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE, apart=["/healthz"])  # type: ignore[arg-type]

application = ProtocolTypeRouter(
    {
        # Streams live long: they take none of the places.
        "http": Streams(StaticFiles(with_server_api(_limited))),  # type: ignore[arg-type]
        "websocket": URLRouter(
            [
                re_path(r"^infra/ws/?$", ClassicConsumer.as_asgi()),
                re_path(r"^connection/websocket/?$", NativeConsumer.as_asgi()),
                re_path(r"", unknown_path),  # type: ignore[arg-type]
            ]
        ),
        "lifespan": lifespan,
    }
)
