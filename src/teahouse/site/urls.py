"""Every path over HTTP. The sockets are in `asgi.py`."""

from django.contrib import admin
from django.urls import include, path

from teahouse.site import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/", include("teahouse.accounts.api.urls")),
    path("api/", include("teahouse.chat.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("teahouse.web.urls")),
]
