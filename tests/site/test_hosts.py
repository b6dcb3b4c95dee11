"""Under which names the server may be asked for."""

import socket

import pytest

from teahouse.site.hosts import allowed_hosts

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


def test_on_loopback_only_the_names_of_loopback() -> None:
    assert LOOPBACK == allowed_hosts(is_loopback=True, configured=[], public_url=None)


@pytest.mark.parametrize(
    ("configured", "public_url", "more"),
    [
        pytest.param(["chat.example"], None, ["chat.example"], id="a name that was configured"),
        pytest.param([], "https://chat.example", ["chat.example"], id="the name of the public address"),
        pytest.param([], "https://Chat.Example:8443/", ["chat.example"], id="without its port, in small letters"),
        pytest.param(["chat.example"], "https://chat.example", ["chat.example"], id="both the same"),
        pytest.param(["localhost"], "", [], id="nothing new"),
        pytest.param([], "chat.example", [], id="an address without a scheme names nothing"),
    ],
)
def test_what_was_configured_is_added_once(configured: list[str], public_url: str | None, more: list[str]) -> None:
    assert LOOPBACK + more == allowed_hosts(is_loopback=True, configured=configured, public_url=public_url)


def test_on_the_network_the_names_of_this_machine_are_added_and_never_every_name() -> None:
    names = allowed_hosts(is_loopback=False, configured=[], public_url=None)

    assert LOOPBACK == names[:3]
    assert socket.gethostname() in names
    assert not {"*", ""} & set(names)
    assert all(name.startswith("[") for name in names if ":" in name)
