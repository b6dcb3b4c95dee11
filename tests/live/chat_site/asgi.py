"""One line more than Django's own."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.live.chat_site.settings")
django_application = get_asgi_application()

from teahouse.realtime.asgi import with_realtime  # noqa: E402

application = with_realtime(django_application)
