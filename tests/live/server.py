"""A real server in a process of its own, and what a test does to it."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx

from tests.live.client import Client
from tests.services import free_port, wait_until

_BINARIES = pathlib.Path(sys.executable).parent


class Server:
    """
    Starts with `start`; the port and the data stay the same through `stop`, `kill` and `start` again.

    The people are those of `--demo`: admin, alice, bob, carol, dave (ids 1 to 5), each with NAME-teahouse.
    """

    def __init__(self, data: pathlib.Path, *command: str, port: int | None = None, **environment: str) -> None:
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.data = data
        self._command = command or ("teahouse", "up", "--demo")
        self.environment = environment
        self._log_path = data.parent / f"{data.name}-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, dict[str, str]] = {}

    @property
    def log(self) -> str:
        return self._log_path.read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> "Server":
        command = [part.format(port=self.port, data=self.data) for part in self._command]
        command[0] = str(_BINARIES / command[0])
        if pathlib.Path(command[0]).name == "teahouse":
            command += ["--port", str(self.port), "--data", str(self.data)]
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "teahouse.site.settings",
            "TEAHOUSE_DATA": str(self.data),
            **self.environment,
        }
        for name in ("DATABASE_URL", "REDIS_URL"):
            if name not in self.environment:
                environment.pop(name, None)
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, cwd=self.data.parent, start_new_session=True
            )
        if wait:
            self.wait_until_served()
        return self

    def wait_until_served(self) -> None:
        def is_served() -> bool:
            assert self._process is not None
            if (code := self._process.poll()) is not None:
                raise RuntimeError(f"the server ended with {code}:\n{self.log[-4000:]}")
            return httpx.get(f"{self.address}/healthz", timeout=2).status_code == 200

        def is_up() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return is_served()
            return False

        wait_until(is_up, seconds=30, what=f"{self._command} on {self.port}")

    def stop(self, sign: int = signal.SIGTERM, *, seconds: float = 20) -> int:
        """The exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(sign)
        return self._process.wait(seconds)

    def kill(self) -> None:
        """Every process of it at once, as a machine that loses power."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait(self, seconds: float = 20) -> int:
        assert self._process is not None
        return self._process.wait(seconds)

    # As a client.

    def http(self, method: str, path: str, **options: Any) -> httpx.Response:
        return httpx.request(method, self.address + path, timeout=20, **options)

    def tokens(self, name: str) -> dict[str, str]:
        """`{access, refresh}` of a new login session of a demo person."""
        answer = self.http("POST", "/api/auth/token", json={"username": name, "password": f"{name}-teahouse"})
        assert answer.status_code == 200, answer.text
        tokens: dict[str, str] = answer.json()
        return tokens

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens_of(name)['access']}"}

    def connect(self, token: str | None = None, *, path: str = "/infra/ws", **options: Any) -> Client:
        """A connection that is open. With a token that is refused, it is closed by its first `next`."""
        query = "" if token is None else f"?token={token}"
        return Client(f"ws://127.0.0.1:{self.port}{path}{query}", **options)

    def connect_as(self, name: str, **options: Any) -> Client:
        return self.connect(self._tokens_of(name)["refresh"], **options)

    def _tokens_of(self, name: str) -> dict[str, str]:
        # Checking a password takes its time, and most tests are not about signing in.
        if name not in self._tokens:
            self._tokens[name] = self.tokens(name)
        return self._tokens[name]

    def metric(self, name: str, **labels: str) -> float:
        """A figure of /metrics; 0 when it is not there yet."""
        wanted = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        pattern = "(?m)^" + re.escape(name + (f"{{{wanted}}}" if wanted else "")) + r" (\S+)"
        found = re.search(pattern, self.http("GET", "/metrics").text)
        return float(found[1]) if found else 0.0


@contextlib.contextmanager
def running(data: pathlib.Path, *command: str, **environment: str) -> Iterator[Server]:
    server = Server(data, *command, **environment)
    try:
        yield server.start()
    finally:
        server.kill()
