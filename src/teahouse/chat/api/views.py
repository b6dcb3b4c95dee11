"""Notices over HTTP."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from teahouse.chat import errors
from teahouse.chat.models import Notice, NoticePush
from teahouse.chat.people import Person
from teahouse.chat.selectors.notices import newest_pushes
from teahouse.chat.services.notices import publish_notice, push_notice


class Conflict(APIException):
    status_code = 409
    default_detail = _("This client_key belongs to something else already.")
    default_code = "conflict"


def _key_field() -> serializers.RegexField:
    return serializers.RegexField(
        r"\A[ -~]{1,64}\Z", trim_whitespace=False, required=False, default=None, allow_null=True
    )


def _with_key(request: Request) -> dict[str, Any]:
    """What is in the body; the client key may be a header, which must not say another one."""
    asked = dict(request.data)
    key = request.headers.get("Idempotency-Key")
    if key is not None and asked.setdefault("client_key", key) != key:
        raise ValidationError({"client_key": [_("The header Idempotency-Key says another one.")]})
    return asked


class NewNotice(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    content = serializers.CharField(max_length=20_000, allow_blank=True, required=False, default="")
    type = serializers.ChoiceField(choices=Notice.Type.choices, required=False, default=Notice.Type.NOTICE)
    client_key = _key_field()


class OneMorePush(serializers.Serializer[Any]):
    client_key = _key_field()


class Page(serializers.Serializer[Any]):
    before = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, default=None)
    limit = serializers.IntegerField(min_value=1, max_value=200, required=False, default=50)


class NoticesView(APIView):
    """
    GET: notices for who asks, the last pushed first, `limit` (50, at most 200) a page; `next` is the `before` of the
    next page.

    POST, with Django's permission `chat.add_notice`: keep a notice and push it to everyone online. With a `client_key`,
    sending again is harmless.
    """

    permission_classes = [DjangoModelPermissions]
    queryset = Notice.objects.none()

    def get(self, request: Request) -> Response:
        shape = Page(data=request.query_params)
        shape.is_valid(raise_exception=True)
        limit = shape.validated_data["limit"]
        pushes = newest_pushes(user=cast(Person, request.user), before=shape.validated_data["before"], limit=limit + 1)
        page = pushes[:limit]
        return Response(
            {
                "results": [_notice(push) for push in page],
                "next": str(page[-1].pk) if len(pushes) > limit else None,
            }
        )

    def post(self, request: Request) -> Response:
        shape = NewNotice(data=_with_key(request))
        shape.is_valid(raise_exception=True)
        try:
            notice = publish_notice(author=cast(Person, request.user), **shape.validated_data)
        except errors.KeyConflict:
            raise Conflict from None
        except errors.BadArgument as error:
            raise ValidationError({"title": [str(error)]}) from None
        return Response(_notice(notice.pushes.latest("pk")), status=201)


class NoticePushView(APIView):
    """
    POST, with `chat.add_notice` as well: push a kept notice to everyone who is online now, once more. With a
    `client_key`, sending again is harmless.
    """

    permission_classes = [DjangoModelPermissions]
    queryset = Notice.objects.none()

    def post(self, request: Request, notice_id: int) -> Response:
        shape = OneMorePush(data=_with_key(request))
        shape.is_valid(raise_exception=True)
        notice = get_object_or_404(Notice, pk=notice_id)
        push = push_notice(
            actor=cast(Person, request.user), notice=notice, client_key=shape.validated_data["client_key"]
        )
        return Response(_notice(push))


def _notice(push: NoticePush) -> dict[str, Any]:
    notice = push.notice
    return {
        "id": notice.pk,
        "title": notice.title,
        "content": notice.content,
        "type": notice.type,
        "push_id": push.pk,
        "pushed_at": push.at.isoformat(),
        "created_at": notice.created_at.isoformat(),
    }
