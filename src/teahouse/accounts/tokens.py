"""Tokens for programs and for the article's door: issue, verify. The only module that calls simplejwt's classes."""

import datetime
import math
import uuid

import msgspec
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token, UntypedToken

from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.conf import conf
from teahouse.realtime.tokens import connection_token

_CONNECTION_SECONDS = 300
_ACCEPTED_TYPES = {"access", "refresh"}


class BadToken(Exception):
    """The token is no token of ours, or void. The text is for logs, never for the one who sent it."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a token stands for. `issued_at` and `expires_at` are seconds since 1970."""

    user: User
    sid: str | None
    token_id: str | None
    issued_at: float
    expires_at: float


def issue_tokens(*, user: User, login_session: LoginSession) -> tuple[RefreshToken, AccessToken]:
    # Not by `for_user`, which stores the text of every refresh token: the login session is what voids ours.
    refresh = RefreshToken()
    refresh["user_id"] = str(user.pk)
    refresh["sid"] = str(login_session.id)
    return refresh, refresh.access_token


def issue_access_token(*, user: User, login_session: LoginSession) -> AccessToken:
    access = AccessToken.for_user(user)
    access["sid"] = str(login_session.id)
    return access


def issue_connection_token(*, user: User, sid: str | None) -> tuple[str, datetime.datetime]:
    """With its end. Verified without the database, so it lives for five minutes only."""
    token = connection_token(
        conf().tokens,
        user=str(user.pk),
        sid=sid,
        lifetime_seconds=_CONNECTION_SECONDS,
        info={"name": user.get_full_name() or user.get_username()},
    )
    return token, timezone.now() + datetime.timedelta(seconds=_CONNECTION_SECONDS)


def renewed_access_token(refresh_text: str) -> AccessToken:
    """A new access token of the same login session. Raises BadToken. The refresh token stays as it is."""
    verify(refresh_text, accept={"refresh"})
    parsed = RefreshToken(refresh_text, verify=False)  # type: ignore[arg-type]
    return parsed.access_token


def verify(text: str, *, accept: set[str] = _ACCEPTED_TYPES) -> Identity:
    """
    The identity behind a simplejwt token of one of the accepted types.

    A token with a wrong signature or past its term is refused without the database; nothing is ever written.

    Raises:
        BadToken: also for people who are deactivated or deleted, for ended login sessions and blacklisted tokens.
    """
    try:
        # UntypedToken's own lifetime is zero, which matters only for tokens it issues.
        token = UntypedToken(text)  # type: ignore[arg-type]
    except (TokenError, ValueError, OverflowError) as error:  # No text at all, or times that are no dates.
        raise BadToken(str(error)) from None
    if token.get("token_type") not in accept:
        raise BadToken("a token of another type")
    user = _user_of(token)
    sid = token.get("sid")
    if sid is not None and not _login_session_lives(sid, user):
        raise BadToken("the login session has ended")
    token_id = token.get("jti")
    if token_id is not None and BlacklistedToken.objects.filter(token__jti=token_id).exists():
        raise BadToken("blacklisted")
    return Identity(
        user=user,
        sid=sid,
        token_id=token_id,
        issued_at=float(token["iat"]),
        expires_at=float(token["exp"]),
    )


def _user_of(token: Token) -> User:
    try:
        user_id = int(token["user_id"])
        issued_at = int(token["iat"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise BadToken("no user_id or iat") from None
    try:
        user = User.objects.filter(pk=user_id, is_active=True).first()
    except OverflowError:
        user = None
    if user is None:
        raise BadToken("the person is deactivated or deleted")
    # `iat` counts whole seconds, so a token of the same second as the change is given the benefit.
    if issued_at < math.floor(user.credentials_changed_at.timestamp()):
        raise BadToken("the password was changed")
    return user


def _login_session_lives(sid: object, user: User) -> bool:
    try:
        key = uuid.UUID(str(sid))
    except ValueError:
        return False
    return LoginSession.objects.filter(pk=key, user=user, ended_at=None).exists()


def expiry_of(token: Token) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(token["exp"], tz=timezone.get_current_timezone())


def blacklist(text: str) -> None:
    """Void one refresh token, for those that name no login session. Again is harmless; raises BadToken."""
    try:
        RefreshToken(text).blacklist()  # type: ignore[arg-type]
    except TokenError as error:
        raise BadToken(str(error)) from None
