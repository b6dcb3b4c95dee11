"""
The first visit: whether there is an owner yet, and who may become it.

A visitor on this very machine just may, if the server was started for this machine alone. Anybody else needs the code
that the start of the server printed.
"""

import contextlib
import ipaddress
import os
import pathlib
import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied, Throttled

from teahouse.accounts import attempts
from teahouse.accounts.models import User

_FORWARDING_HEADERS = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def is_needed() -> bool:
    return not User.objects.exists()


def is_on_this_machine(request: HttpRequest) -> bool:
    """False also for a proxy on this machine, which would pass on anybody: by its headers and by the name asked for."""
    if any(name.startswith(_FORWARDING_HEADERS) for name in request.META):
        return False
    host = split_domain_port(request.get_host())[0].strip("[]")
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (host == "localhost" or _is_loopback(host))


def is_code_required(request: HttpRequest) -> bool:
    """By what the start said too: a proxy that adds no header looks like a visitor on this machine."""
    return not (settings.TEAHOUSE_AT_HOME and is_on_this_machine(request))


def new_code() -> str:
    """A code for the owner-to-be, kept for all processes of this site until it was used or a new one is made."""
    code = "-".join(f"{secrets.randbelow(10_000):04}" for _ in range(3))
    path = _code_path()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(code)
    return code


def check_code(request: HttpRequest, code: str) -> None:
    """Raises PermissionDenied, or Throttled after ten wrong ones from one address."""
    if not is_code_required(request) or not is_needed():
        return
    address = request.META.get("REMOTE_ADDR", "")
    if not attempts.begin(username="setup code", address=address):
        raise Throttled(detail=_("Too many wrong codes. Try again in 15 minutes."))
    expected = _kept_code()
    if expected is None or not code.strip():
        raise PermissionDenied(
            _(
                "A code is needed. `teahouse up` and `serve` print one when they start, and `teahouse prepare` prints "
                "one for other servers; `teahouse manage createsuperuser` makes the owner's account without a code."
            )
        )
    if not secrets.compare_digest(code.strip().encode(), expected.encode()):
        raise PermissionDenied(_("That is not the code which the start of the server printed."))
    attempts.succeeded(username="setup code", address=address)


def forget_code() -> None:
    with contextlib.suppress(FileNotFoundError):
        _code_path().unlink()


def _kept_code() -> str | None:
    try:
        return _code_path().read_text().strip() or None
    except FileNotFoundError:
        return None


def _code_path() -> pathlib.Path:
    return pathlib.Path(settings.TEAHOUSE_DATA) / "setup-code"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
