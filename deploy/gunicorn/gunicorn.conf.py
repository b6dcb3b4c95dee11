"""gunicorn's settings for Teahouse. `run.sh` loads it; options on its command line win."""

import os
import subprocess
import sys
from typing import Any

from teahouse.site import env, figures

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse.site.settings")
os.umask(0o077)
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
    """Bring the database up to date, and say at once what is missing, instead of letting the workers fail."""
    # In a process of its own: what the master imports, its workers keep when they are reloaded.
    prepared = subprocess.run(
        [sys.executable, "-m", "teahouse.cli", "prepare", "--workers", str(server.cfg.workers)], check=False
    )
    if prepared.returncode != 0:
        sys.exit(prepared.returncode)
