"""The pages: each is a shell that loads an entry of the client. Who may see what, the API decides."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views import View

from teahouse.web import manifest


def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("teahouse/favicon.svg"), permanent=True)


class _Page(View):
    entry: str
    # What the entry asks for first: the browser asks while it still loads the scripts.
    fetches: str | None = None
    title: str
    # Of pages whose address has a secret in it; all others have the site's policy.
    referrer_policy: str | None = None

    def get(self, request: HttpRequest, **_in_path: str) -> HttpResponse:
        try:
            entry = manifest.entry(self.entry)
        except manifest.NotBuilt as error:
            return HttpResponse(f"{error}\n", status=503, content_type="text/plain")
        context = {"entry": entry, "title": self.title, "language": get_language(), "fetches": self.fetches}
        response = render(request, "web/page.html", context)
        response["Cache-Control"] = "no-cache"
        if self.referrer_policy is not None:
            response["Referrer-Policy"] = self.referrer_policy
        return response


def _is_set_up() -> bool:
    return get_user_model()._default_manager.exists()


class _PageOfPeople(_Page):
    """Visitors who are not signed in go to the sign-in page and come back, the very first one to the setup."""

    title = "Teahouse 茶馆"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            back = urlencode({"next": request.get_full_path()})
            return redirect(f"{settings.LOGIN_URL}?{back}" if _is_set_up() else "/setup")
        return super().dispatch(request, *args, **kwargs)


class ChatPage(_PageOfPeople):
    """Every address of the chat; which room is meant, the client reads."""

    entry = "src/chat/main.ts"
    fetches = "/api/auth/session"


class ClassicPage(_PageOfPeople):
    """The article's page."""

    entry = "src/classic/main.ts"


class SignInPage(_Page):
    entry = "src/accounts/main.ts"
    title = "Sign in · Teahouse 茶馆"
    # It may say that an invitation comes next.
    referrer_policy = "no-referrer"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _is_set_up():
            return redirect("/setup")
        return super().dispatch(request, *args, **kwargs)


class SetupPage(_Page):
    entry = "src/accounts/main.ts"
    title = "Welcome · Teahouse 茶馆"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _is_set_up():
            return redirect("/")
        return super().dispatch(request, *args, **kwargs)


class InvitePage(_Page):
    """Where an invite link leads, for those who are signed in and for strangers. What it is to, the API says."""

    entry = "src/accounts/main.ts"
    title = "Invitation · Teahouse 茶馆"
    referrer_policy = "no-referrer"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _is_set_up():
            return redirect("/setup")
        return super().dispatch(request, *args, **kwargs)
