"""Who may become the owner: a visitor on this machine, or who has read the code that the server printed."""

import pathlib
import stat
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import RequestFactory
from rest_framework.exceptions import PermissionDenied, Throttled

from teahouse.accounts import owner_setup
from teahouse.accounts.models import User

CODE_PATH = pathlib.Path(settings.TEAHOUSE_DATA) / "setup-code"


def asked(address: str = "127.0.0.1", host: str = "localhost:8000", **headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers={"host": host, **headers}, REMOTE_ADDR=address)


@pytest.fixture(autouse=True)
def _at_home(settings: Any) -> Iterator[None]:
    """By any name, and started for this machine alone."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.TEAHOUSE_AT_HOME = True
    yield
    CODE_PATH.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("request_", "is_here"),
    [
        pytest.param(asked(), True, id="by the name of this machine"),
        pytest.param(asked(host="127.0.0.1:8000"), True, id="by its address"),
        pytest.param(asked(host="127.0.0.1"), True, id="without a port"),
        pytest.param(asked("::1", "[::1]:8000"), True, id="by IPv6"),
        pytest.param(asked("::1", "[::1]"), True, id="by IPv6 without a port"),
        pytest.param(asked("127.9.9.9", "LOCALHOST:8000"), True, id="another address and case"),
        pytest.param(asked("192.168.1.7"), False, id="from the neighbour's machine"),
        pytest.param(asked("10.0.0.1", "127.0.0.1"), False, id="from another machine that says our address"),
        pytest.param(asked(""), False, id="from a socket without an address"),
        pytest.param(asked("localhost"), False, id="from a name"),
        pytest.param(asked(host="chat.example"), False, id="by a name of the world: a proxy, or DNS rebinding"),
        pytest.param(asked(host="localhost.evil.test"), False, id="by a name that begins with ours"),
        pytest.param(asked(host="127.0.0.1.evil.test:8000"), False, id="by a name that begins with our address"),
        pytest.param(asked(host="192.168.1.5:8000"), False, id="by the address of the network"),
        pytest.param(asked(**{"X-Forwarded-For": "127.0.0.1"}), False, id="through a proxy: X-Forwarded-For"),
        pytest.param(asked(**{"X-Forwarded-For": ""}), False, id="through a proxy that says nothing"),
        pytest.param(asked(**{"X-Real-IP": "127.0.0.1"}), False, id="through a proxy: X-Real-IP"),
        pytest.param(asked(Forwarded="for=127.0.0.1"), False, id="through a proxy: Forwarded"),
        pytest.param(asked(Via="1.1 proxy"), False, id="through a proxy: Via"),
        pytest.param(asked(**{"X-Forwarded-Host": "chat.example"}), False, id="through a proxy: X-Forwarded-Host"),
        pytest.param(asked(**{"X-Forwarded-Proto": "https"}), False, id="through a proxy: X-Forwarded-Proto"),
    ],
)
def test_who_is_on_this_machine(request_: HttpRequest, is_here: bool) -> None:
    assert is_here == owner_setup.is_on_this_machine(request_)


def test_a_code_can_be_read_aloud_and_is_kept_for_its_owner_only() -> None:
    code = owner_setup.new_code()

    assert [4, 4, 4] == [len(part) for part in code.split("-") if part.isdigit()]
    assert 0o600 == stat.S_IMODE(CODE_PATH.stat().st_mode)
    assert code != owner_setup.new_code()


def test_a_code_can_be_forgotten_twice() -> None:
    owner_setup.new_code()
    owner_setup.forget_code()
    owner_setup.forget_code()

    assert not CODE_PATH.exists()


@pytest.mark.django_db
def test_a_visitor_on_this_machine_needs_no_code() -> None:
    owner_setup.check_code(asked(), "")


@pytest.mark.django_db
def test_on_a_server_for_others_everybody_needs_the_code_since_a_proxy_may_look_like_this_machine(
    settings: Any,
) -> None:
    settings.TEAHOUSE_AT_HOME = False
    code = owner_setup.new_code()

    assert owner_setup.is_code_required(asked())
    with pytest.raises(PermissionDenied):
        owner_setup.check_code(asked(), "")
    owner_setup.check_code(asked(), code)


@pytest.mark.django_db
@pytest.mark.parametrize("is_printed", [True, False], ids=["a code is printed", "none is"])
def test_who_has_no_code_is_told_where_to_get_one(is_printed: bool) -> None:
    if is_printed:
        owner_setup.new_code()
    with pytest.raises(PermissionDenied, match=r"`teahouse prepare`.*`teahouse manage createsuperuser`"):
        owner_setup.check_code(asked("192.168.1.7"), " ")


@pytest.mark.django_db
def test_anybody_else_needs_the_code() -> None:
    code = owner_setup.new_code()
    owner_setup.check_code(asked("192.168.1.7"), code)
    owner_setup.check_code(asked("192.168.1.7"), f" {code}\n")
    owner_setup.check_code(asked(**{"X-Forwarded-For": "1.2.3.4"}), code)

    for wrong in ("", "0000-0000-0000x", code[:-1], code + "1", "茶"):
        with pytest.raises(PermissionDenied):
            owner_setup.check_code(asked("192.168.1.7"), wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("content", [None, "", "  \n"], ids=["no file", "an empty file", "a blank file"])
def test_without_a_code_no_code_is_right(content: str | None) -> None:
    if content is not None:
        CODE_PATH.write_text(content)
    for code in ("", " ", "None"):
        with pytest.raises(PermissionDenied):
            owner_setup.check_code(asked("192.168.1.7"), code)


@pytest.mark.django_db
def test_an_old_code_is_not_right_any_more() -> None:
    old = owner_setup.new_code()
    owner_setup.new_code()

    with pytest.raises(PermissionDenied):
        owner_setup.check_code(asked("192.168.1.7"), old)


@pytest.mark.django_db
def test_after_ten_wrong_codes_an_address_has_to_wait_even_with_the_right_one() -> None:
    code = owner_setup.new_code()
    for _ in range(10):
        with pytest.raises(PermissionDenied):
            owner_setup.check_code(asked("192.168.1.7"), "1111-2222-3333x")
    with pytest.raises(Throttled):
        owner_setup.check_code(asked("192.168.1.7"), code)

    owner_setup.check_code(asked("192.168.1.8"), code)


@pytest.mark.django_db
def test_with_an_owner_no_code_is_asked_for(alice: User) -> None:
    assert not owner_setup.is_needed()
    owner_setup.check_code(asked("192.168.1.7"), "")
