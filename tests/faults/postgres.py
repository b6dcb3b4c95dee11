"""A PostgreSQL of our own that can be killed, stopped and started again on the same data."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
from typing import Any

import psutil
import psycopg

from tests import services
from tests.services import free_port, missing, wait_until

_OPTIONS = {"listen_addresses": "127.0.0.1", "max_connections": "60", "shared_buffers": "32MB"}


class Postgres:
    """`url` is a superuser's. `folder` is or becomes the parent of the data. Root runs it as another user."""

    def __init__(self, folder: pathlib.Path, **options: str) -> None:
        binaries = services.postgres_folder()
        if binaries is None:
            missing("PostgreSQL")
        assert binaries is not None
        self._binaries = binaries
        self.folder = folder
        self.port = free_port()
        self.url = f"postgresql://teahouse@127.0.0.1:{self.port}/postgres"
        self._options = {**_OPTIONS, "unix_socket_directories": str(folder), **options}
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            user = next(u for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody") and u.pw_uid != 0)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        folder.mkdir(parents=True, exist_ok=True)
        self.own()

    def own(self) -> None:
        """The folder belongs to who runs the server, and those above let them through."""
        if self._as_user:
            shutil.chown(self.folder, self._as_user["user"], self._as_user["group"])

    def create(self) -> None:
        self._run(
            "initdb", "-D", self.folder / "data", "-U", "teahouse", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )

    def start(self, *, seconds: float = 60) -> None:
        """Recovers from whatever happened before."""
        # A file of a process that was killed would keep it from starting if another has that id now.
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        options = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port), *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as_user,
            )
        wait_until(self._is_ready, seconds=seconds, what="PostgreSQL")

    def _is_ready(self) -> bool:
        assert self._process is not None
        if (code := self._process.poll()) is not None:
            raise RuntimeError(f"PostgreSQL ended with {code}: {(self.folder / 'log').read_text()[-2000:]}")
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def processes(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        try:
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def signal(self, sign: int) -> None:
        """To every process of it."""
        for process in self.processes():
            if process.is_running():
                try:
                    process.send_signal(sign)
                except psutil.NoSuchProcess:
                    continue

    def kill(self) -> None:
        """All of it, and it is gone when this returns."""
        processes = self.processes()
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        psutil.wait_procs(processes, timeout=10)

    def stop(self) -> None:
        """Fast: transactions are rolled back, everything is written down."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def new_database(self, name: str) -> str:
        """Its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url_of(name)

    def url_of(self, name: str, *, port: int | None = None) -> str:
        return f"postgresql://teahouse@127.0.0.1:{port or self.port}/{name}"

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [self._binaries / program, *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as_user,
        )
