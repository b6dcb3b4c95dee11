"""A site's own: its people, and a message that it sends as a part of a transaction."""

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from teahouse.chat import access
from teahouse.chat.services.messages import send_message
from teahouse.realtime.api import connection_token


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def token(request: HttpRequest, username: str) -> JsonResponse:
    user = User.objects.filter(username=username).first() or User.objects.create_user(username, password=username)
    return JsonResponse({"id": user.pk, "token": connection_token(str(user.pk))})


def shipped(request: HttpRequest, username: str) -> JsonResponse:
    """`?then=rollback`: as if what comes behind it in the transaction had failed."""
    author = User.objects.get(username=username)
    with transaction.atomic():
        sent = send_message(
            author=author, room_id=access.lobby().pk, client_key=request.GET["key"], body="Order **42** is on its way."
        )
        transaction.set_rollback("then" in request.GET)
    return JsonResponse({"number": sent.number})
