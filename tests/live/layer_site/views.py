"""What views do with the layer: those of threads by `async_to_sync`, those of coroutines directly."""

import json

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def say(request: HttpRequest, group: str) -> HttpResponse:
    async_to_sync(get_channel_layer().group_send)(group, json.loads(request.body))
    return HttpResponse()


async def asay(request: HttpRequest, group: str) -> HttpResponse:
    await get_channel_layer().group_send(group, json.loads(request.body))
    return HttpResponse()


def tell(request: HttpRequest, channel: str) -> HttpResponse:
    async_to_sync(get_channel_layer().send)(channel, json.loads(request.body))
    return HttpResponse()


def add(request: HttpRequest, group: str, channel: str) -> HttpResponse:
    async_to_sync(get_channel_layer().group_add)(group, channel)
    return HttpResponse()


def discard(request: HttpRequest, group: str, channel: str) -> HttpResponse:
    async_to_sync(get_channel_layer().group_discard)(group, channel)
    return HttpResponse()
