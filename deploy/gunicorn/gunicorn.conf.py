"""gunicorn's settings for Teahouse. `run.sh` loads it; options on its command line win."""

import contextlib
import os
import subprocess
import sys
from typing import Any

from teahouse.site import alone, env, figures

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse.site.settings")
os.umask(0o077)
with contextlib.suppress(env.EnvironmentError, OSError):  # on_starting says so.
    # Before the class of the workers is imported, and with it what they count.
    figures.share(env.read().data_path)

bind = "127.0.0.1:8000"
worker_class = "teahouse.realtime.server.worker.TeahouseWorker"
# How long a worker that ends may take: sending its connections elsewhere (5 s) and finishing what runs.
graceful_timeout = 30
# A worker that gives no sign of life for so long is killed. It limits no request.
timeout = 60
keepalive = 30
# Recycling is not needed; if you want it all the same, `--max-requests N` drains the worker before it is replaced.
max_requests = 0
max_requests_jitter = 0
forwarded_allow_ips = "127.0.0.1,::1"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """
    Take the data for this process and its workers, bring the database up to date, and say at once what is missing,
    instead of letting the workers fail.
    """
    try:
        read = env.read()
        read.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (env.EnvironmentError, OSError) as error:
        sys.stderr.write(f"teahouse: {error}\n")
        sys.exit(2)
    if not alone.may_be_many(read):
        # On SIGHUP the new worker starts while the old one sends its people away: neither can hold the lock.
        alone.stay_alone_with_children(read.data_path)
    # In a process of its own: what the master imports, its workers keep when they are reloaded.
    prepared = subprocess.run(
        [sys.executable, "-m", "teahouse.cli", "prepare", "--workers", str(server.cfg.workers)], check=False
    )
    if prepared.returncode != 0:
        sys.exit(prepared.returncode)


def when_ready(server: Any) -> None:
    """It listens, and has no workers yet."""
    figures.forget_ended(env.read().data_path)


def nworkers_changed(server: Any, new_value: int, old_value: int | None) -> None:
    """SIGTTIN, or another number on SIGHUP: one stays one where only one may be."""
    if new_value > 1 and alone.is_held_for_children():
        server.log.warning("teahouse: %s", alone.NEEDS)
        server.num_workers = 1
