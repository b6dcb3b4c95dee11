"""gunicorn's settings for Teahouse. `run.sh` loads it; options on its command line win."""

import os
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
    """Say at once what is missing for several workers, instead of letting them fail one by one."""
    import django

    django.setup()
    from teahouse.site import alone

    if server.cfg.workers > 1 and not alone.may_be_many():
        sys.stderr.write(f"teahouse: {alone.NEEDS}\n")
        sys.exit(alone.STARTUP_FAILURE)
