"""The composition root: `uvicorn teahouse.site.asgi:application`, and so daphne, hypercorn and gunicorn."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse.site.settings")
_django = get_asgi_application()

# Django has to be set up before these are imported.
from teahouse.realtime.server.consumer import ClassicConsumer  # noqa: E402
from teahouse.realtime.server.lifespan import lifespan  # noqa: E402
from teahouse.realtime.server.unknown import unknown_path  # noqa: E402
from teahouse.site import alone  # noqa: E402
from teahouse.web.static_files import StaticFiles  # noqa: E402

if not alone.may_be_many():
    alone.stay_alone(settings.ENV.data_path)

application = ProtocolTypeRouter(
    {
        "http": StaticFiles(_django),  # type: ignore[arg-type]
        "websocket": URLRouter(
            [
                re_path(r"^infra/ws/?$", ClassicConsumer.as_asgi()),
                re_path(r"", unknown_path),  # type: ignore[arg-type]
            ]
        ),
        "lifespan": lifespan,
    }
)
