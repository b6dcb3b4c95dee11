"""The composition root: `uvicorn teahouse.site.asgi:application`, and so daphne, hypercorn and gunicorn."""

import os
from typing import Any, cast

from django.conf import settings

from teahouse.web.handler import django_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse.site.settings")
_django = django_application()

# Django has to be set up before these are imported.
from teahouse.chat.conf import conf  # noqa: E402
from teahouse.realtime.asgi import with_realtime  # noqa: E402
from teahouse.site import alone, durability  # noqa: E402
from teahouse.web.request_limits import RequestLimits  # noqa: E402
from teahouse.web.static_files import StaticFiles  # noqa: E402

if not alone.may_be_many(settings.ENV):
    alone.stay_alone(settings.ENV.data_path)
durability.end_process_if_unsafe(is_unsafe_allowed=settings.ENV.allow_unsafe_database)

# Whoever watches over the server hears that it is alive also while people wait.
_limited: Any = RequestLimits(
    cast(Any, _django),
    most_body_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    most_upload_bytes=conf().max_file_bytes,
    apart=["/healthz", "/readyz"],
)

application = with_realtime(StaticFiles(_limited))
