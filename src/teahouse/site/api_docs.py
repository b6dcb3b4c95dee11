"""The API's description over HTTP, and a page that shows it. Anybody may read how the API looks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def description(request: HttpRequest) -> HttpResponse:
    # Only who asks pays for what describes: tens of megabytes.
    from teahouse.site import openapi

    return HttpResponse(openapi.document(), content_type="application/json", headers={"Cache-Control": "no-store"})


def page(request: HttpRequest) -> HttpResponse:
    """Swagger UI, from this server's own files."""
    response = render(request, "site/api.html")
    response.headers["Cache-Control"] = "no-store"
    return response
