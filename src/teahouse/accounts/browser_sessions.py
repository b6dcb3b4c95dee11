"""The cookie of a browser and the login session behind it, whichever page the person signed in on."""

import uuid

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated

from teahouse.accounts.models import LoginSession, User
from teahouse.accounts.services import end_login_session, start_login_session

_KEY = "sid"


def follow_django_sign_in() -> None:
    """Django's own signals, since its admin has a sign-in page of its own."""
    user_logged_in.connect(_signed_in, dispatch_uid="teahouse.accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="teahouse.accounts.signed_out")


def login_session_of(request: HttpRequest, user: User) -> LoginSession:
    """
    The login session of this cookie. One is started for a cookie that never had one.

    Raises:
        rest_framework.exceptions.NotAuthenticated: it has ended.
    """
    if sid := sid_of(request):
        session = LoginSession.objects.filter(pk=sid, user=user, ended_at=None).first()
        if session is None:
            raise NotAuthenticated
        return session
    return _start(request, user)


def sign_out_if_ended(request: HttpRequest) -> None:
    """Empty a cookie whose login session was ended from elsewhere: by a token, or by a change of the password."""
    if _has_ended(request):
        logout(request)


def renew_if_ended(request: HttpRequest, user: User) -> None:
    """A new login session for a cookie that stays signed in though all login sessions of its person were ended."""
    if _has_ended(request):
        _start(request, user)


def sid_of(request: HttpRequest) -> uuid.UUID | None:
    sid = request.session.get(_KEY)
    return uuid.UUID(sid) if sid else None


def _signed_in(sender: object, request: HttpRequest | None, user: User, **_: object) -> None:
    if request is not None:
        _start(request, user)


def _signed_out(sender: object, request: HttpRequest | None, **_: object) -> None:
    # Django sends this before it empties the cookie's session.
    if request is not None and (sid := sid_of(request)):
        end_login_session(sid=sid)


def _start(request: HttpRequest, user: User) -> LoginSession:
    session = start_login_session(user=user, device=request.headers.get("User-Agent", ""))
    request.session[_KEY] = str(session.id)
    return session


def _has_ended(request: HttpRequest) -> bool:
    sid = sid_of(request)
    return sid is not None and not LoginSession.objects.filter(pk=sid, ended_at=None).exists()
