"""Sign-in, tokens and people over HTTP."""

import uuid
from typing import cast

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.core.exceptions import ValidationError
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import AllowAny, DjangoModelPermissions, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from teahouse.accounts import attempts, owner_setup, services, tokens
from teahouse.accounts.api import shapes
from teahouse.accounts.api.authentication import AccessTokenIfGood, check_csrf
from teahouse.accounts.browser_sessions import login_session_of
from teahouse.accounts.models import User
from teahouse.accounts.selectors import people_after


class SetupView(APIView):
    """The first visit: makes the owner's account, once. The site says in `owner_arrived` what else happens then."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def get(self, request: Request) -> Response:
        return Response(
            {
                "needed": owner_setup.is_needed(),
                "code_required": owner_setup.is_code_required(request._request),
            }
        )

    def post(self, request: Request) -> Response:
        check_csrf(request)
        shape = shapes.Setup(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        owner_setup.check_code(request._request, data["code"])
        try:
            user = services.create_owner(username=data["username"], name=data["name"], password=data["password"])
        except ValidationError as error:
            raise shapes.as_api_error(error) from None
        owner_setup.forget_code()
        login(request._request, user)
        self.owner_arrived(user)
        return Response({"user": shapes.me(user)}, status=201)

    def owner_arrived(self, owner: User) -> None:
        """Once, in the language of the owner's browser. Must not raise: the owner is there."""


class SessionView(APIView):
    """
    The browser's sign-in: Django's session cookie. GET also sets the CSRF cookie that every write needs, and has the
    token for the first connection: a page that opens needs both, and each question costs it a round trip.
    """

    permission_classes = [AllowAny]
    authentication_classes = [SessionAuthentication]

    def get(self, request: Request) -> Response:
        get_token(request._request)
        user = request.user
        if not isinstance(user, User):
            return Response({"user": None, "connection_token": None})
        token, _until = tokens.issue_connection_token(user=user, sid=str(login_session_of(request._request, user).pk))
        return Response({"user": shapes.me(user), "connection_token": token})

    def post(self, request: Request) -> Response:
        check_csrf(request)
        user = _signed_in_person(request)
        # Whoever was signed in with this cookie before is signed out, with all that entails.
        logout(request._request)
        login(request._request, user)
        return Response({"user": shapes.me(user)})


class TokenView(APIView):
    """`{username, password}` to `{access, refresh}`, for programs. Each call starts a login session of its own."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def post(self, request: Request) -> Response:
        user = _signed_in_person(request)
        session = services.start_login_session(user=user, device=request.headers.get("User-Agent", ""))
        refresh, access = tokens.issue_tokens(user=user, login_session=session)
        return Response({"access": str(access), "refresh": str(refresh)})


class TokenRefreshView(APIView):
    """`{refresh}` to `{access}`. The refresh token is not replaced: pages keep theirs in an address for weeks."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def post(self, request: Request) -> Response:
        shape = shapes.Refresh(data=request.data)
        shape.is_valid(raise_exception=True)
        try:
            access = tokens.renewed_access_token(shape.validated_data["refresh"])
        except tokens.BadToken:
            raise AuthenticationFailed(_("The refresh token is not valid, or not any more.")) from None
        return Response({"access": str(access)})


class AccessTokenView(APIView):
    """An access token for a page that is signed in by cookie, to open the article's socket with."""

    permission_classes = [IsAuthenticated]
    authentication_classes = [SessionAuthentication]

    def post(self, request: Request) -> Response:
        user = cast(User, request.user)
        session = login_session_of(request._request, user)
        access = tokens.issue_access_token(user=user, login_session=session)
        return Response({"access": str(access), "expires_at": tokens.expiry_of(access).isoformat()})


class ConnectionTokenView(APIView):
    """
    `{token, expires_at}` for the first frame on the native door, by cookie or access token. It is good for five minutes
    and goes with the login session.
    """

    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        user = cast(User, request.user)
        if isinstance(request.auth, tokens.Identity):
            sid = request.auth.sid
        else:
            sid = str(login_session_of(request._request, user).pk)
        token, expires_at = tokens.issue_connection_token(user=user, sid=sid)
        return Response({"token": token, "expires_at": expires_at.isoformat()})


class LogoutView(APIView):
    """
    End the login session of the cookie, of the access token, or of `{refresh}` in the body, with its connections.

    204 whether or not it had ended before; 401 when nothing says which one is meant. A void access token says nothing.
    """

    permission_classes = [AllowAny]
    authentication_classes = [AccessTokenIfGood, SessionAuthentication]

    def post(self, request: Request) -> Response:
        shape = shapes.SignOut(data=request.data)
        shape.is_valid(raise_exception=True)
        named = False
        if refresh := shape.validated_data.get("refresh"):
            services.end_login_session_of_token(text=refresh)
            named = True
        if isinstance(request.auth, tokens.Identity):
            if request.auth.sid is not None:
                services.end_login_session(sid=uuid.UUID(request.auth.sid))
            named = True
        elif settings.SESSION_COOKIE_NAME in request.COOKIES:
            logout(request._request)
            named = True
        if not named:
            raise AuthenticationFailed(_("Nothing says which login session should end."))
        return Response(status=204)


class PeopleView(APIView):
    """Everyone who may sign in, oldest first, at most `limit` (500) a page; POST by those who may add people."""

    permission_classes = [DjangoModelPermissions]
    queryset = User.objects.none()

    def get(self, request: Request) -> Response:
        shape = shapes.Page(data=request.query_params)
        shape.is_valid(raise_exception=True)
        limit = shape.validated_data["limit"]
        people = people_after(shape.validated_data["after"], limit=limit + 1)
        page = people[:limit]
        return Response(
            {
                "results": [shapes.person(user) for user in page],
                "next": str(page[-1].pk) if len(people) > limit else None,
            }
        )

    def post(self, request: Request) -> Response:
        shape = shapes.NewPerson(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        try:
            user = services.create_person(username=data["username"], name=data["name"], password=data["password"])
        except ValidationError as error:
            raise shapes.as_api_error(error) from None
        return Response(shapes.me(user), status=201)


def _signed_in_person(request: Request) -> User:
    shape = shapes.Credentials(data=request.data)
    shape.is_valid(raise_exception=True)
    # As it was kept: a Chinese input method may type full-width letters.
    username = User.normalize_username(shape.validated_data["username"])
    password = shape.validated_data["password"]
    address = request._request.META.get("REMOTE_ADDR", "")
    # The backend holds the limit; this is to say so.
    if attempts.too_many(username=username, address=address):
        raise Throttled(detail=_("Too many failed attempts. Try again in 15 minutes."))
    user = authenticate(request._request, username=username, password=password)
    if not isinstance(user, User):
        raise AuthenticationFailed(_("The username or the password is not right."))
    return user
