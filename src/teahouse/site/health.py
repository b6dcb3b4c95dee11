"""Alive, ready, and the figures: for whoever runs the server."""

import asyncio
import concurrent.futures
import hmac
import os
import pathlib
import threading

import prometheus_client
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from teahouse.accounts.owner_setup import is_on_this_machine
from teahouse.realtime.engine import running_engine
from teahouse.site import durability

_DATABASE_SECONDS = 2.0
_SILENT = "the database does not answer"

_migrated = False
_is_durable = False
# The one thread that asks the database, however many ask us; None while nobody asks.
_asking: concurrent.futures.Future[str | None] | None = None
_asking_mutex = threading.Lock()


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 as soon as requests are served. Asks nobody: a database that is away is no reason to restart us."""
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all that is needed is there, else 503 with the reasons. The database has 2 seconds to answer."""
    reasons = [reason for reason in (await _database(), _broker(), _drain()) if reason]
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


async def _database() -> str | None:
    """
    Whoever asks while another one waits for the answer waits for the same one: a database that hangs has one thread of
    ours, which its limits free (`databases.py`), and the next one to ask begins anew.
    """
    asking = asyncio.wrap_future(_ask())
    # Unlike `wait_for` it does not cancel what others wait for too.
    done, _ = await asyncio.wait([asking], timeout=_DATABASE_SECONDS)
    return asking.result() if done else _SILENT


def _ask() -> concurrent.futures.Future[str | None]:
    global _asking
    with _asking_mutex:
        if _asking is None:
            asking: concurrent.futures.Future[str | None] = concurrent.futures.Future()
            # From now on nobody who gives up can cancel it for the others.
            asking.set_running_or_notify_cancel()
            # A daemon: the process does not wait at its end for a database that hangs.
            threading.Thread(target=_answer, args=[asking], name="teahouse-ready", daemon=True).start()
            _asking = asking
        return _asking


def _answer(asking: concurrent.futures.Future[str | None]) -> None:
    global _asking
    reason: str | None = _SILENT
    try:
        reason = _reason()
    finally:
        with _asking_mutex:
            _asking = None
        asking.set_result(reason)


def _reason() -> str | None:
    global _migrated, _is_durable
    try:
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
            if not _migrated:
                return "the database is not migrated"
        if not _is_durable:
            durability.check(connection, is_unsafe_allowed=settings.ENV.allow_unsafe_database)
            _is_durable = True
        # SQLite answers SELECT 1 without looking into the file.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
            cursor.fetchone()
    except durability.UnsafeDatabase as error:
        return str(error)
    except Error:
        return _SILENT
    finally:
        connection.close()
    return None


def _broker() -> str | None:
    engine = running_engine()
    return None if engine is None or engine.is_broker_up() else "Redis does not answer"


def _drain() -> str | None:
    engine = running_engine()
    return "the server is about to end" if engine is not None and engine.is_draining else None
