"""For gunicorn: `-k teahouse.realtime.server.worker.TeahouseWorker`. uvicorn with our options, draining at its end."""

import sys
from typing import Any

import uvicorn
from gunicorn.arbiter import Arbiter
from uvicorn_worker import UvicornWorker

from teahouse.realtime.conf import conf
from teahouse.realtime.server.uvicorn_seam import DrainingServer, options, watch_for_gone_peers


class TeahouseWorker(UvicornWorker):  # type: ignore[misc]
    """
    gunicorn's `--max-requests` ends this worker like a SIGTERM does: it stops accepting, its connections are sent to
    the other workers over a few seconds, and only then does gunicorn start another one in its place.
    """

    async def _serve(self) -> None:
        # The application has been imported by now, and with it Django's settings.
        self.config = uvicorn.Config(self.wsgi, **{**self._gunicorn_options(), **options(conf())})
        for listener in self.sockets:
            watch_for_gone_peers(listener.sock)
        server = DrainingServer(self.config, drain_seconds=conf().drain_seconds if self.cfg.workers > 1 else 0)
        if self.cfg.workers > 1 and conf().redis_url is None:
            self.log.warning(
                "Each of %d workers is by itself: who is connected to one hears nothing of what another publishes,"
                " until there is a Redis (redis_url in TEAHOUSE_REALTIME).",
                self.cfg.workers,
            )
        self._install_sigquit_handler()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def _gunicorn_options(self) -> dict[str, Any]:
        given = self.config
        return {
            "timeout_keep_alive": given.timeout_keep_alive,
            "timeout_notify": given.timeout_notify,
            "callback_notify": given.callback_notify,
            "limit_max_requests": given.limit_max_requests,
            "forwarded_allow_ips": given.forwarded_allow_ips,
            "backlog": given.backlog,
            "ssl_keyfile": given.ssl_keyfile,
            "ssl_certfile": given.ssl_certfile,
            "ssl_keyfile_password": given.ssl_keyfile_password,
            "ssl_version": given.ssl_version,
            "ssl_cert_reqs": given.ssl_cert_reqs,
            "ssl_ca_certs": given.ssl_ca_certs,
            "ssl_ciphers": given.ssl_ciphers,
        }
