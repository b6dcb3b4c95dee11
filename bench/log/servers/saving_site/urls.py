"""A view that saves each message by itself, without any middleware."""

import json

from django.http import HttpRequest, JsonResponse
from django.urls import path

from bench.log.servers.saving_site.models import Message


def save(request: HttpRequest) -> JsonResponse:
    asked = json.loads(request.body)
    message = Message.objects.create(
        room=asked["room"], author=asked["author"], client_key=asked["client_key"], body=asked["body"]
    )
    response = JsonResponse({"id": asked["id"], "message": message.pk})
    # As CommonMiddleware would.
    response["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("messages", save)]
