"""Sites of somebody else's (`plain_site`, `layer_site`): how each server runs them, and their code without a server."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def servers_of(site: str) -> dict[str, tuple[str, ...]]:
    """By name: the command of each server that it may be run with, as `Server` takes it."""
    application = f"tests.live.{site}.asgi:application"
    uvicorn = ("uvicorn", application, "--host", "127.0.0.1", "--port", "{port}")
    return {
        "fast": (*uvicorn, "--ws", "teahouse.realtime.server.fast:FastWebSocket"),
        "uvicorn": uvicorn,
        "daphne": ("daphne", "-b", "127.0.0.1", "-p", "{port}", application),
        "hypercorn": ("hypercorn", "-b", "127.0.0.1:{port}", application),
    }


def environment_of(site: str, **more: str) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": f"tests.live.{site}.settings", "PYTHONPATH": str(ROOT), **more}


def python(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Of a process that serves nobody."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
