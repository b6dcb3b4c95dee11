"""
What views that are made by hand take and answer, for descriptions: sign-in, people, notices and files over HTTP.
Tests hold the answers to it.
"""

import datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from teahouse.accounts.api import views as accounts
from teahouse.chat import frames
from teahouse.chat.api import files, openapi
from teahouse.chat.api import views as notices
from teahouse.site import first_visit, joining

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=150)]
_Password = Annotated[str, msgspec.Meta(min_length=8, max_length=1000)]
_Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]


class AboutSetup(msgspec.Struct, forbid_unknown_fields=True):
    needed: bool
    code_required: bool


class ListedPerson(msgspec.Struct, forbid_unknown_fields=True):
    id: int
    username: str
    name: str


class Me(ListedPerson, forbid_unknown_fields=True):
    """`is_admin`: may both add people and publish notices."""

    is_admin: bool


class SignedIn(msgspec.Struct, forbid_unknown_fields=True):
    user: Me


class LoginSession(msgspec.Struct, forbid_unknown_fields=True):
    user: Me | None
    connection_token: str | None


class Credentials(msgspec.Struct):
    username: _Name
    password: Annotated[str, msgspec.Meta(max_length=1000)]


class NewPerson(msgspec.Struct):
    username: _Name
    password: _Password
    name: Annotated[str, msgspec.Meta(max_length=80)] = ""


class NewOwner(NewPerson):
    code: str = ""


class LinkSecret(msgspec.Struct):
    secret: _Secret


class Newcomer(msgspec.Struct):
    secret: _Secret
    username: _Name
    password: _Password
    name: Annotated[str, msgspec.Meta(max_length=80)] = ""


class Invitation(msgspec.Struct, forbid_unknown_fields=True):
    """`room` and `invited_by` are names as they are shown, the latter null when that person was deleted."""

    room: str
    kind: str
    is_lobby: bool
    members: int
    invited_by: str | None


class Joined(SignedIn, forbid_unknown_fields=True):
    """`room` is the id of the room of the link."""

    room: int


class Refresh(msgspec.Struct):
    refresh: str


class SignOut(msgspec.Struct):
    refresh: str = ""


class Tokens(msgspec.Struct, forbid_unknown_fields=True):
    access: str
    refresh: str


class Access(msgspec.Struct, forbid_unknown_fields=True):
    access: str


class PageAccess(Access, forbid_unknown_fields=True):
    expires_at: datetime.datetime


class ConnectionToken(msgspec.Struct, forbid_unknown_fields=True):
    token: str
    expires_at: datetime.datetime


class PeoplePage(msgspec.Struct, forbid_unknown_fields=True):
    results: list[ListedPerson]
    next: str | None


class PeopleAfter(msgspec.Struct):
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    limit: _Limit = 500


class NewNotice(msgspec.Struct):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    content: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    type: Literal[1, 2] = 1
    client_key: _Key | None = None


class OneMorePush(msgspec.Struct):
    client_key: _Key | None = None


class PushedNotice(msgspec.Struct, forbid_unknown_fields=True):
    id: int
    title: str
    content: str
    type: Literal[1, 2]
    push_id: int
    pushed_at: datetime.datetime
    created_at: datetime.datetime


class NoticePage(msgspec.Struct, forbid_unknown_fields=True):
    results: list[PushedNotice]
    next: str | None


class Before(msgspec.Struct):
    before: Annotated[int, msgspec.Meta(ge=1)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class Upload(msgspec.Struct):
    client_key: _Key
    name: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class RoomFile(frames.File, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A file, and the message that it is in."""

    message: int
    number: int


class FilePage(msgspec.Struct, forbid_unknown_fields=True):
    results: list[RoomFile]
    next: str | None


class Received(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    received_bytes: int
    file: frames.File | None = None


class Described(NamedTuple):
    """
    `answers` are shapes by status, None for no body and bytes for a file. `security` is as in OpenAPI: an empty
    requirement stands for nobody in particular.
    """

    operation_id: str
    text: str
    answers: dict[int, Any]
    body: Any = None
    query: type[msgspec.Struct] | None = None
    security: list[dict[str, list[str]]] = openapi.SECURITY


_ANYBODY: list[dict[str, list[str]]] = [{}]
_COOKIE: list[dict[str, list[str]]] = [{"cookie": []}]

DESCRIBED: dict[tuple[type[Any], str], Described] = {
    (first_visit.FirstVisitView, "GET"): Described(
        "setupGet", "Whether the owner's account has to be made.", {200: AboutSetup}, security=_ANYBODY
    ),
    (first_visit.FirstVisitView, "POST"): Described(
        "setup", "Make the owner's account, once, and sign in by cookie.", {201: SignedIn}, NewOwner, security=_ANYBODY
    ),
    (joining.JoinLookView, "POST"): Described(
        "joinLook",
        "What an invite link is to, for whoever has it.",
        {200: Invitation},
        LinkSecret,
        security=_ANYBODY,
    ),
    (joining.JoinView, "POST"): Described(
        "join",
        "Make an account by an invite link, join its room, and sign in by cookie. Needs the CSRF token.",
        {201: Joined},
        Newcomer,
        security=_ANYBODY,
    ),
    (accounts.SessionView, "GET"): Described(
        "sessionGet",
        "Who is signed in by cookie, with a token for one connection. Sets the CSRF cookie.",
        {200: LoginSession},
        security=_ANYBODY,
    ),
    (accounts.SessionView, "POST"): Described(
        "signIn", "Sign in by cookie. Needs the CSRF token.", {200: SignedIn}, Credentials, security=_ANYBODY
    ),
    (accounts.TokenView, "POST"): Described(
        "tokenIssue", "Sign in by tokens, for programs.", {200: Tokens}, Credentials, security=_ANYBODY
    ),
    (accounts.TokenRefreshView, "POST"): Described(
        "tokenRefresh", "Another access token. The refresh token stays.", {200: Access}, Refresh, security=_ANYBODY
    ),
    (accounts.AccessTokenView, "POST"): Described(
        "accessTokenIssue",
        "An access token for a page, to open the classic door with.",
        {200: PageAccess},
        security=_COOKIE,
    ),
    (accounts.ConnectionTokenView, "POST"): Described(
        "connectionTokenIssue", "A token to connect on the native door with, for five minutes.", {200: ConnectionToken}
    ),
    (accounts.LogoutView, "POST"): Described(
        "signOut",
        "End the login session of the cookie, the access token or `refresh`.",
        {204: None},
        SignOut,
        security=[*_ANYBODY, *openapi.SECURITY],
    ),
    (accounts.PeopleView, "GET"): Described(
        "peopleList", "Everyone who may sign in, by id.", {200: PeoplePage}, query=PeopleAfter
    ),
    (accounts.PeopleView, "POST"): Described("personAdd", "Needs `accounts.add_user`.", {201: Me}, NewPerson),
    (notices.NoticesView, "GET"): Described(
        "noticesPushed", "Notices, the last pushed first.", {200: NoticePage}, query=Before
    ),
    (notices.NoticesView, "POST"): Described(
        "noticePublishToAll",
        "Keep a notice and push it to everyone online. Needs `chat.add_notice`.",
        {201: PushedNotice},
        NewNotice,
    ),
    (notices.NoticePushView, "POST"): Described(
        "noticePush", "Push it once more. Needs `chat.add_notice`.", {200: PushedNotice}, OneMorePush
    ),
    (files.RoomFilesView, "GET"): Described(
        "roomFiles", "Files of a room's messages, the last uploaded first.", {200: FilePage}, query=Before
    ),
    (files.RoomFilesView, "POST"): Described(
        "fileUpload",
        "Upload a file, or with `Content-Range` a piece of one.",
        {201: frames.File, 202: Received},
        bytes,
        Upload,
    ),
    (files.UploadView, "GET"): Described("uploadGet", "How much of an upload is here.", {200: Received}),
    (files.FileView, "GET"): Described(
        "fileGet", "The bytes, or one range of them.", {200: bytes, 206: bytes, 304: None}
    ),
    (files.ThumbnailView, "GET"): Described("thumbnailGet", "A small WebP of an image.", {200: bytes, 304: None}),
}
