"""Under which names this server may be asked for, when nobody has said so: those of this machine."""

import contextlib
import socket
import urllib.parse

_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


def allowed_hosts(*, is_loopback: bool, configured: list[str], public_url: str | None) -> list[str]:
    names = [*_LOOPBACK, *configured]
    if public_url and (name := urllib.parse.urlsplit(public_url).hostname):
        names.append(name)
    if not is_loopback:
        names += _names_of_this_machine()
    return list(dict.fromkeys(names))


def _names_of_this_machine() -> list[str]:
    hostname = socket.gethostname()
    names = [hostname, f"{hostname}.local"]
    with contextlib.suppress(OSError):
        names += [str(info[4][0]) for info in socket.getaddrinfo(hostname, None)]
    # The address that the machine would speak from; connecting a datagram socket sends nothing.
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        names.append(probe.getsockname()[0])
    return [f"[{name}]" if ":" in name else name for name in names]
