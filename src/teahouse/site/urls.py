"""Every path over HTTP. The sockets are in `asgi.py`."""

from django.contrib import admin
from django.urls import include, path

from teahouse.site import api_docs, first_visit, health, joining

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/setup", first_visit.FirstVisitView.as_view()),
    path("api/join", joining.JoinView.as_view()),
    path("api/join/look", joining.JoinLookView.as_view()),
    path("api/", include("teahouse.accounts.api.urls")),
    path("api/", include("teahouse.chat.api.urls")),
    path("api/openapi.json", api_docs.description),
    path("api/docs", api_docs.page),
    path("admin/", admin.site.urls),
    path("", include("teahouse.web.urls")),
]

handler404 = "teahouse.site.problems.not_found"
handler500 = "teahouse.site.problems.fault"
