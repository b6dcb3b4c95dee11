"""The load generator as a process that connects, then answers one command after the other. It is `load/`, in C."""

import contextlib
import json
import pathlib
import selectors
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from bench.fanout import build, machine
from bench.fanout.peers.base import Target

Answer = dict[str, Any]


class Failed(Exception):
    """The load generator ended, was silent too long, or says that not all connections are there."""


class Generator:
    def __init__(self, process: subprocess.Popen[str], asked: int, errors: pathlib.Path) -> None:
        self._process = process
        self._asked = asked
        self._errors = errors

    def connected(self, seconds: float) -> Answer:
        """How the connecting went. Raises Failed unless every connection is ready."""
        answer = self._answer(seconds + 30)
        if answer["connections"] < self._asked:
            raise Failed(
                f"{answer['connections']} of {self._asked} connections in {answer['seconds']:.0f} s"
                + (f"; {answer['fault']}" if "fault" in answer else "")
            )
        return answer

    def ask(self, command: str, *, seconds: float) -> Answer:
        """`seconds` is how long the answer may take; for commands see `load/phases.c`."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._answer(seconds)

    def _answer(self, seconds: float) -> Answer:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                raise Failed(f"the load generator did not answer within {seconds:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"the load generator ended with {self._process.wait(5)}: {self._errors.read_text()[-300:]}")
        answer: Answer = json.loads(line)
        return answer


@contextlib.contextmanager
def generating(target: Target, *, connections: int, connect_seconds: float, core: int) -> Iterator[Generator]:
    with tempfile.TemporaryDirectory() as folder:
        tokens, errors = pathlib.Path(folder, "tokens"), pathlib.Path(folder, "errors")
        tokens.write_text("\n".join(target.tokens) + "\n")
        command = [str(build.load_program()), "--port", str(target.port), "--path", target.path]
        command += ["--dialect", target.dialect, "--tokens", str(tokens), "--connections", str(connections)]
        command += ["--connect-seconds", str(connect_seconds)]
        if target.channels:
            command += ["--channels", ",".join(target.channels)]
        if target.publish_path:
            command += ["--publish-path", target.publish_path]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with machine.on_core(core), errors.open("w") as log:
            process = subprocess.Popen(command, text=True, stderr=log, **pipes)  # type: ignore[call-overload]
        try:
            yield Generator(process, connections, errors)
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
            # The server sees thousands of ends; let it, before it is measured again or ended.
            time.sleep(0.2)
