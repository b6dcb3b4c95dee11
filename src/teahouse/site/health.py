"""Alive, ready, and the figures: for whoever runs the server."""

import hmac
import os
import pathlib

import prometheus_client
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from teahouse.accounts.owner_setup import is_on_this_machine
from teahouse.realtime.engine import running_engine

_migrated = False


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 as soon as requests are served. Asks nobody: a database that is away is no reason to restart us."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all that is needed is there, else 503 with the reasons."""
    reasons = [reason for reason in (_database(), _broker(), _drain()) if reason]
    return JsonResponse({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text form, for a scraper on this machine or with TEAHOUSE_METRICS_TOKEN; 404 for everybody else."""
    if not is_on_this_machine(request) and not _has_metrics_token(request):
        raise Http404
    registry = prometheus_client.REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        _forget_ended_processes(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        registry = prometheus_client.CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(prometheus_client.generate_latest(registry), content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _has_metrics_token(request: HttpRequest) -> bool:
    token: str | None = settings.ENV.metrics_token
    given = request.headers.get("Authorization", "")
    return token is not None and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _forget_ended_processes(folder: str) -> None:
    # Otherwise the connections of a worker that was killed would be counted for ever.
    for path in pathlib.Path(folder).glob("gauge_live*.db"):
        pid = int(path.stem.rsplit("_", 1)[1])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
        except PermissionError:
            continue


def _database() -> str | None:
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "the database does not answer"
    return None if _migrated else "the database is not migrated"


def _broker() -> str | None:
    engine = running_engine()
    return None if engine is None or engine.is_broker_up() else "Redis does not answer"


def _drain() -> str | None:
    engine = running_engine()
    return "the server is about to end" if engine is not None and engine.is_draining else None
