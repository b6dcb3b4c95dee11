"""
Files over HTTP: uploading in one piece or several, downloading, thumbnails.

Who may is decided by `services.files` and `selectors.files`. What is sent back can run nothing in a browser, whatever
is in it: only images that were made anew are shown inline.
"""

import hashlib
from collections.abc import Mapping
from typing import IO, Any, cast

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, parse_etags
from django.utils.translation import gettext_lazy as _
from msgspec import to_builtins
from rest_framework import serializers
from rest_framework.exceptions import APIException, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from teahouse.chat import errors
from teahouse.chat.access import room_for
from teahouse.chat.files import media, ranges, storage
from teahouse.chat.models import File
from teahouse.chat.people import Person
from teahouse.chat.refusals import TRY_AGAIN, refusal_of
from teahouse.chat.selectors.files import MOST_PER_PAGE, Received, file_for, files_of_room, received_of
from teahouse.chat.selectors.messages import file_frame_of
from teahouse.chat.services.files import OutOfPlace, receive_file

# A browser asks again after an hour; until then it shows what it has.
_FRESH_SECONDS = 3600
_POLICY = "sandbox; default-src 'none'"
_RETRY_AFTER_SECONDS = 2


class _Refused(APIException):
    def __init__(self, status: int, detail: str) -> None:
        self.status_code = status
        super().__init__(detail or _("That cannot be done."))


class _Busy(APIException):
    status_code = TRY_AGAIN.status
    default_detail = _("Another request is at it. Try again.")
    wait = _RETRY_AFTER_SECONDS


class Unread(BaseParser):
    """
    Takes any body and reads nothing of it: the check of the CSRF token looks for one in the fields of a form, and would
    have the whole body parsed for it.
    """

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> QueryDict:
        return QueryDict()


class ClientKey(serializers.Serializer[Any]):
    client_key = serializers.RegexField(r"\A[!-~]{1,64}\Z", trim_whitespace=False)


class NewFile(ClientKey):
    name = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True, trim_whitespace=False)


class Page(serializers.Serializer[Any]):
    before = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, default=None)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_PER_PAGE, required=False, default=50)


class _FilesAPIView(APIView):
    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, errors.ChatError):
            response = super().handle_exception(_Refused(refusal_of(error).status, error.detail))
            response.data |= {"code": refusal_of(error).code, "slug": error.slug}
            if isinstance(error, OutOfPlace):
                response.data["received_bytes"] = error.received_bytes
            return response
        if isinstance(error, errors.TryAgain):
            response = super().handle_exception(_Busy())
            response.data |= {"code": TRY_AGAIN.code, "slug": "try_again"}
            return response
        return super().handle_exception(error)


class RoomFilesView(_FilesAPIView):
    """
    GET: files of a room's messages, the last uploaded first, `limit` (50, at most 100) a page; `next` is the `before`
    of the next page.

    POST `?client_key=&name=`: upload one. The body is its bytes, of any type but a form's; with
    `Content-Range: bytes 0-99/200` it is a piece of them. 201 FILE when it is complete, else 202 `{"received_bytes"}`.
    """

    parser_classes = [Unread]

    def get(self, request: Request, room_id: int) -> Response:
        access = room_for(user=cast(Person, request.user), room_id=room_id)
        shape = Page(data=request.query_params)
        shape.is_valid(raise_exception=True)
        limit = shape.validated_data["limit"]
        files = files_of_room(access, before=shape.validated_data["before"], limit=limit)
        return Response(
            {
                "results": [
                    {**_file(file), "message": file.message_id, "number": cast(Any, file.message).number}
                    for file in files
                ],
                "next": str(files[-1].pk) if len(files) == limit else None,
            }
        )

    def post(self, request: Request, room_id: int) -> Response:
        media_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if media_type.startswith("multipart/"):
            # It would be kept as it is, with its headers and boundaries.
            raise UnsupportedMediaType(media_type)
        shape = NewFile(data=request.query_params)
        shape.is_valid(raise_exception=True)
        piece = _piece(request)
        received = receive_file(
            user=cast(Person, request.user),
            room_id=room_id,
            client_key=shape.validated_data["client_key"],
            name=shape.validated_data["name"],
            # Not DRF's, which takes a body without Content-Length for an empty one.
            body=request._request,
            first=0 if piece is None else piece.first,
            length=None if piece is None else piece.length,
            total=None if piece is None else piece.total,
        )
        if received.file is None:
            return Response(_received(received), status=202)
        return Response(_file(received.file), status=201)


class UploadView(_FilesAPIView):
    """GET: how many bytes of an upload are here, `{"received_bytes"}`, and `file` once it is complete."""

    def get(self, request: Request, room_id: int, client_key: str) -> Response:
        ClientKey(data={"client_key": client_key}).is_valid(raise_exception=True)
        user = cast(Person, request.user)
        access = room_for(user=user, room_id=room_id)
        return Response(_received(received_of(access, user=user, client_key=client_key)))


class FileView(_FilesAPIView):
    """GET, HEAD: the bytes, all or one range of them (RFC 9110 §14); 304 for who has them already."""

    def get(self, request: Request, file_id: int) -> HttpResponseBase:
        file = file_for(user=cast(Person, request.user), file_id=file_id)
        is_image = file.width is not None and file.media_type in media.IMAGE_TYPES
        return _served(
            request,
            name_in_storage=file.stored_as,
            media_type=file.media_type,
            disposition=content_disposition_header(not is_image, file.name) or "attachment",
        )

    head = get


class ThumbnailView(_FilesAPIView):
    """GET, HEAD: a small WebP of an image; 404 for what is none."""

    def get(self, request: Request, file_id: int) -> HttpResponseBase:
        file = file_for(user=cast(Person, request.user), file_id=file_id)
        return _served(request, name_in_storage=file.thumbnail_stored_as, media_type="image/webp", disposition="inline")

    head = get


def _piece(request: Request) -> ranges.ContentRange | None:
    header = request.META.get("HTTP_CONTENT_RANGE")
    if header is None:
        return None
    piece = ranges.content_range(header)
    if piece is None:
        raise ValidationError({"Content-Range": [_("It is to be like: bytes 0-99/200")]})
    return piece


def _file(file: File) -> dict[str, Any]:
    return cast(dict[str, Any], to_builtins(file_frame_of(file)))


def _received(received: Received) -> dict[str, Any]:
    shown: dict[str, Any] = {"received_bytes": received.received_bytes}
    if received.file is not None:
        shown["file"] = _file(received.file)
    return shown


def _served(request: Request, *, name_in_storage: str, media_type: str, disposition: str) -> HttpResponseBase:
    """The bytes under a name in the storage, which never change, with the headers that hold them harmless."""
    if not name_in_storage:
        raise errors.NoSuchFile
    # Of the name only so much that nobody learns it.
    etag = f'"{hashlib.sha256(name_in_storage.encode()).hexdigest()[:32]}"'
    response = _answer(request, name_in_storage, etag)
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = f"private, max-age={_FRESH_SECONDS}, immutable"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if response.status_code in (200, 206):
        response.headers["Content-Type"] = f"{media_type}; charset=utf-8" if media_type == "text/plain" else media_type
        response.headers["Content-Disposition"] = disposition
    patch_vary_headers(response, ["Authorization", "Cookie"])
    return response


def _answer(request: Request, name: str, etag: str) -> HttpResponseBase:
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if "*" in known or etag in {tag.removeprefix("W/") for tag in known}:
        return HttpResponse(status=304)
    try:
        size_bytes = storage.storage().size(name)
        wanted = _wanted(request, etag, size_bytes)
        length = size_bytes if wanted is None else wanted.length
        first = 0 if wanted is None else wanted.first
        # A HEAD is answered without opening anything.
        content: Any = [] if request.method == "HEAD" else storage.Parts(name, first=first, length=length)
    except FileNotFoundError:
        raise errors.NoSuchFile from None
    except ranges.NotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size_bytes}"})
    response = StreamingHttpResponse(content, status=200 if wanted is None else 206)
    response.headers["Content-Length"] = str(length)
    if wanted is not None:
        response.headers["Content-Range"] = f"bytes {wanted.first}-{wanted.last}/{size_bytes}"
    return response


def _wanted(request: Request, etag: str, size_bytes: int) -> ranges.Range | None:
    """What a `Range` asks for, unless its `If-Range` is of other bytes (RFC 9110 §13.1.5)."""
    header = request.META.get("HTTP_RANGE")
    if header is None or request.META.get("HTTP_IF_RANGE", etag) != etag:
        return None
    return ranges.asked_range(header, size_bytes)
