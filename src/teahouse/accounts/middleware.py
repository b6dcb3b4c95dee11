"""A browser's cookie ends with its login session, wherever that was ended. What that means is in `browser_sessions`."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from teahouse.accounts import browser_sessions
from teahouse.accounts.models import User

_Answer = HttpResponseBase | Awaitable[HttpResponseBase]


@sync_and_async_middleware
def end_with_login_session(get_response: Callable[[HttpRequest], _Answer]) -> Callable[[HttpRequest], _Answer]:
    """Has to come after AuthenticationMiddleware. Without a session cookie it does nothing."""

    def follow(request: HttpRequest) -> HttpResponseBase:
        passed_on = cast(Callable[[HttpRequest], HttpResponseBase], get_response)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return passed_on(request)
        digest = _before(request)
        response = passed_on(request)
        _after(request, digest)
        return response

    async def follow_in_loop(request: HttpRequest) -> HttpResponseBase:
        passed_on = cast(Callable[[HttpRequest], Awaitable[HttpResponseBase]], get_response)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return await passed_on(request)
        digest = await sync_to_async(_before)(request)
        response = await passed_on(request)
        await sync_to_async(_after)(request, digest)
        return response

    return follow_in_loop if iscoroutinefunction(get_response) else follow


def _before(request: HttpRequest) -> str | None:
    browser_sessions.sign_out_if_ended(request)
    return cast(str | None, request.session.get(HASH_SESSION_KEY))


def _after(request: HttpRequest, digest: str | None) -> None:
    # Django keeps a cookie signed in (`update_session_auth_hash`) whose own person has just changed the password.
    if request.session.get(HASH_SESSION_KEY) != digest and isinstance(request.user, User):
        browser_sessions.renew_if_ended(request, request.user)
