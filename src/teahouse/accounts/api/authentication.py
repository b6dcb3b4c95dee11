"""Who is asking: an access token in the Authorization header. The browser's cookie is DRF's SessionAuthentication."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from teahouse.accounts import tokens
from teahouse.accounts.models import User


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is then the token's Identity."""

    def authenticate(self, request: Request) -> tuple[User, tokens.Identity] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("The Authorization header has to be: Bearer <access token>."))
        try:
            identity = tokens.verify(parts[1].decode("latin-1"), accept={"access"})
        except tokens.BadToken:
            raise AuthenticationFailed(_("The access token is not valid, or not any more.")) from None
        return identity.user, identity

    def authenticate_header(self, request: Request) -> str:
        # Also what makes DRF answer 401 and not 403 to somebody who is nobody.
        return 'Bearer realm="teahouse"'


class AccessTokenIfGood(AccessTokenAuthentication):
    """As above, but a header that is void says nothing: for what a program does to be rid of its tokens."""

    def authenticate(self, request: Request) -> tuple[User, tokens.Identity] | None:
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            return None


def check_csrf(request: Request) -> None:
    """
    For what signs somebody in. DRF checks it only for those who are signed in already; signing somebody in by force is
    an attack too. Raises rest_framework.exceptions.PermissionDenied.
    """
    SessionAuthentication().enforce_csrf(request)
