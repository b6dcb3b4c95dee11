"""What people look like over HTTP, in and out."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from teahouse.accounts.models import User

# Who may do both is offered both by the page.
_ADMIN_MAY = ("accounts.add_user", "chat.add_notice")


def person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "name": user.shown_name}


def me(user: User) -> dict[str, Any]:
    return {**person(user), "is_admin": user.has_perms(_ADMIN_MAY)}


class Credentials(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class NewPerson(Credentials):
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class Setup(NewPerson):
    code = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class Refresh(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=4096)


class Page(serializers.Serializer[Any]):
    after = serializers.IntegerField(min_value=0, max_value=2**63 - 1, required=False, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=500, required=False, default=500)


class SignOut(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=4096, required=False)


def as_api_error(error: DjangoValidationError) -> serializers.ValidationError:
    return serializers.ValidationError(error.message_dict)
