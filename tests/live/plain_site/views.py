"""What a developer's views do with the engine; the tests call them over HTTP."""

import contextlib
import json
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from teahouse.realtime import api
from tests.live.plain_site.application import add_note


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def token(request: HttpRequest, username: str) -> JsonResponse:
    user, _ = get_user_model().objects.get_or_create(username=username)
    return JsonResponse({"token": api.connection_token(user, info={"name": username}), "id": str(user.pk)})


def subscription(request: HttpRequest, user_id: str, channel: str) -> JsonResponse:
    return JsonResponse({"token": api.subscription_token(user_id, channel)})


def publish(request: HttpRequest, how: str) -> JsonResponse:
    """`how` names the circumstances."""
    body = json.loads(request.body)
    channel, data = body["channel"], body["data"]
    head: Any = None
    try:
        if how == "plainly":
            head = api.publish(channel, data)
        elif how == "committed":
            with transaction.atomic():
                head = api.publish(channel, data)
                get_user_model().objects.count()
        elif how == "rolled-back":
            with contextlib.suppress(ZeroDivisionError), transaction.atomic():
                api.publish(channel, data)
                raise ZeroDivisionError
        elif how == "at-once":
            with contextlib.suppress(ZeroDivisionError), transaction.atomic():
                head = api.publish(channel, data, on_commit=False)
                raise ZeroDivisionError
        elif how == "broadcast":
            heads = api.broadcast([channel, "kept:b"], data)
            return JsonResponse({"heads": [[one.offset, bool(one.epoch)] for one in heads or ()]})
        elif how == "signal":
            api.signal(channel, data)
        elif how == "once":
            head = api.publish(channel, data, idempotency_key=body["key"])
    except (api.NotPublishable, api.UnknownChannel, api.BrokerAway) as error:
        return JsonResponse({"error": type(error).__name__}, status=409)
    return JsonResponse({"head": None if head is None else [head.offset, bool(head.epoch)]})


async def apublish(request: HttpRequest) -> JsonResponse:
    body = json.loads(request.body)
    head = await api.apublish(body["channel"], body["data"])
    heads = await api.abroadcast([body["channel"]], body["data"])
    await api.asignal(body["channel"], body["data"])
    return JsonResponse({"head": [head.offset, bool(head.epoch)], "heads": [one.offset for one in heads]})


async def publish_on_the_loop(request: HttpRequest) -> JsonResponse:
    try:
        api.publish("a", 1)
    except RuntimeError as error:
        return JsonResponse({"error": str(error)})
    return JsonResponse({})


def present(request: HttpRequest, channel: str) -> JsonResponse:
    return JsonResponse({"present": api.who_is_present(channel)})


async def apresent(request: HttpRequest, channel: str) -> JsonResponse:
    return JsonResponse({"present": await api.awho_is_present(channel)})


def position(request: HttpRequest, channel: str) -> JsonResponse:
    head = api.channel_position(channel)
    return JsonResponse({"offset": head.offset, "epoch": head.epoch})


async def aposition(request: HttpRequest, channel: str) -> JsonResponse:
    head = await api.achannel_position(channel)
    return JsonResponse({"offset": head.offset, "epoch": head.epoch})


def disconnect(request: HttpRequest, user_id: str) -> JsonResponse:
    api.disconnect(user_id, **{key: int(value) for key, value in request.GET.items()})
    return JsonResponse({})


def subscribe(request: HttpRequest, user_id: str, channel: str) -> JsonResponse:
    (api.unsubscribe if request.GET.get("undo") else api.subscribe)(user_id, channel)
    return JsonResponse({})


def deactivate(request: HttpRequest, user_id: str) -> JsonResponse:
    get_user_model().objects.filter(pk=user_id).update(is_active=False)
    return JsonResponse({})


def note(request: HttpRequest) -> JsonResponse:
    body = json.loads(request.body)
    return JsonResponse({"offset": add_note(body["board"], body["text"], announced=body.get("announced", True))})
