"""The engine's doors, and two consumers of the site's own beside them."""

import os

from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.live.layer_site.settings")
django_application = get_asgi_application()

from teahouse.realtime.asgi import with_realtime  # noqa: E402
from tests.live.layer_site.consumers import News, Talk  # noqa: E402

application = with_realtime(
    django_application, websocket=[path("talk/<group>", Talk.as_asgi()), path("news", News.as_asgi())]
)
