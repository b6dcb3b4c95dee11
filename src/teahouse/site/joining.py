"""
An invite link for somebody without an account: what it is to, and the account that it makes. The links are the chat's,
the accounts are the accounts'; only the site knows both. Whoever has an account accepts links by the chat's commands.
"""

from typing import Any

from django.contrib.auth import login, logout
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from teahouse.accounts import attempts, backends, services
from teahouse.accounts.api import shapes
from teahouse.accounts.api.authentication import check_csrf
from teahouse.accounts.models import User
from teahouse.chat import access, errors, people
from teahouse.chat.models import InviteLink
from teahouse.chat.selectors.rooms import member_counts
from teahouse.chat.services import invitations


class _BySecret(serializers.Serializer[Any]):
    secret = serializers.CharField(max_length=100)


class _Newcomer(shapes.NewPerson):
    secret = serializers.CharField(max_length=100)


class JoinLookView(APIView):
    """POST: what a link is to. Nobody need be signed in. The secret is in the body, which is in no log."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def post(self, request: Request) -> Response:
        shape = _BySecret(data=request.data)
        shape.is_valid(raise_exception=True)
        link = _open_link_of(shape.validated_data["secret"], _address_of(request))
        room = link.room
        return Response(
            {
                "room": room.name,
                "kind": room.kind,
                "is_lobby": access.is_lobby(room),
                "members": member_counts([room])[room.pk],
                "invited_by": None if link.creator is None else people.name_of(link.creator),
            }
        )


class JoinView(APIView):
    """POST: an account, the membership that the link gives, and the session cookie; all of it or nothing."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def post(self, request: Request) -> Response:
        check_csrf(request)
        shape = _Newcomer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        # Before the password is hashed, which is dear.
        _open_link_of(data["secret"], _address_of(request))
        try:
            user, room_id = join(
                secret=data["secret"], username=data["username"], name=data["name"], password=data["password"]
            )
        except ValidationError as error:
            raise shapes.as_api_error(error) from None
        # Whoever was signed in with this cookie before is signed out, with all that entails.
        logout(request._request)
        login(request._request, user)
        return Response({"user": shapes.me(user), "room": room_id}, status=201)


def join(*, secret: str, username: str, name: str, password: str) -> tuple[User, int]:
    """
    A new person who is a member of the link's room, and the id of the room. In one transaction: when the link is good
    no more by then, there is no account either.

    Raises:
        errors.BadLink, Archived; TryAgain.
        django.core.exceptions.ValidationError: by field; a taken username is one.
        backends.TooBusy: too many others have a password hashed at this moment.
    """
    with backends.place_for_hashing():
        user = services.prepared_person(username=username, name=name, password=password)
    with transaction.atomic():
        services.store_person(user)
        room_id = invitations.accept_invite(actor=user, secret=secret, is_newcomer=True)
    return user, room_id


def _open_link_of(secret: str, address: str) -> InviteLink:
    """
    A good link to a room that takes people in. Raises Throttled, errors.BadLink, errors.Archived.

    Nobody guesses 160 bits; the limit keeps an address from trying all day. It is kept per secret, and over all secrets
    per address, so that a dead link which many people of one office open shuts none of them out from a good one.
    """
    key = f"invite link {secret}"
    if attempts.too_many(username=key, address=address):
        raise Throttled(detail=_("Too many invitations that are not good. Try again in 15 minutes."))
    try:
        link = invitations.good_link_of(secret)
    except errors.BadLink:
        attempts.begin(username=key, address=address)
        raise
    if link.room.archived_at is not None:
        raise errors.Archived
    return link


def _address_of(request: Request) -> str:
    address: str = request._request.META.get("REMOTE_ADDR", "")
    return address
