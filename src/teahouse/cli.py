"""The `teahouse` command. It sets what the site reads from the environment, then imports the site."""

import contextlib
import os
import pathlib
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import click

_APPLICATION = "teahouse.site.asgi:application"
# Any number that nobody else uses for a lock of their own in this database.
_MIGRATION_LOCK = 0x7EA4035E


class _Stop(click.ClickException):
    """One clear line on stderr, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"teahouse: {self.message}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="teahouse")
def main() -> None:
    """Teahouse (茶馆): a self-hosted chat and push server."""


def _serving(function: Any) -> Any:
    for option in (
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
        click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535)),
        click.option("--data", type=click.Path(), help="The data folder.  [default: ./data]"),
    ):
        function = option(function)
    return function


@main.command()
@_serving
@click.option("--demo", is_flag=True, help="Make demo people instead of asking for an owner; loopback only.")
def up(host: str, port: int, data: str | None, demo: bool) -> None:
    """Serve in one process; without any settings, with SQLite."""
    env = _environment(host, data)
    if demo and not env.is_loopback:
        raise _Stop("--demo makes people whose passwords anybody can read, so it listens on loopback only.")
    # The setup page asks for no code only then, and only those on this machine.
    os.environ["_TEAHOUSE_AT_HOME"] = "1" if env.is_loopback else ""
    _set_up_django()
    from teahouse.realtime.conf import conf
    from teahouse.realtime.server import uvicorn_seam
    from teahouse.site import alone

    if not alone.may_be_many(env):
        alone.stay_alone(env.data_path)
    listener = _listen(host, port)
    _prepare(env, demo=demo)
    _say_where(host, listener.getsockname()[1], demo=demo)
    uvicorn_seam.run_one(_APPLICATION, listener=listener, conf=conf())


@main.command()
@_serving
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="How many processes.")
def serve(host: str, port: int, data: str | None, workers: int) -> None:
    """Serve in several processes; more than one needs DATABASE_URL (PostgreSQL) and REDIS_URL."""
    env = _environment(host, data)
    _set_up_django()
    from teahouse.realtime.conf import conf
    from teahouse.realtime.server import uvicorn_seam
    from teahouse.site import alone, figures

    if not alone.may_be_many(env):
        if workers > 1:
            raise _Stop(alone.NEEDS)
        alone.stay_alone(env.data_path)
    listener = _listen(host, port)
    _prepare(env, demo=False)
    _say_where(host, listener.getsockname()[1], demo=False)
    if workers == 1:
        uvicorn_seam.run_one(_APPLICATION, listener=listener, conf=conf())
    else:
        # For the workers. This process has imported by now what they count with, so it counts for itself.
        figures.share(env.data_path)
        figures.forget_ended(env.data_path)
        uvicorn_seam.run_many(_APPLICATION, listener=listener, workers=workers, conf=conf())


@main.command()
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="How many there will be.")
def prepare(workers: int) -> None:
    """Do what `up` and `serve` do before they listen: migrate, and say what is missing. For gunicorn."""
    env = _environment(None, None)
    _set_up_django()
    from teahouse.site import alone

    if workers > 1 and not alone.may_be_many(env):
        raise _Stop(alone.NEEDS)
    _prepare(env, demo=False)


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands: `teahouse manage shell`, `teahouse manage createsuperuser`, ..."""
    _environment(None, None)
    from django.conf import settings
    from django.core.management import execute_from_command_line

    try:
        _ = settings.DEBUG
    except (ValueError, OSError) as error:
        raise _Stop(str(error)) from None

    execute_from_command_line(["teahouse manage", *arguments])


@main.group()
def bench() -> None:
    """Tools for measuring and testing Teahouse itself. Nothing here serves people."""


@bench.command()
@click.option("--port", default=9001, show_default=True, type=click.IntRange(0, 65535))
def echo(port: int) -> None:
    """Say back every WebSocket message, on loopback only: for the Autobahn|Testsuite."""
    from teahouse.realtime.server import echo as echo_server

    try:
        listener = echo_server.listen(port)
    except OSError as error:
        raise _Stop(f"127.0.0.1:{port} cannot be listened on: {error.strerror}. Another --port?") from None
    click.echo(f"Echo at ws://127.0.0.1:{listener.getsockname()[1]}  (Ctrl+C closes it)", err=True)
    echo_server.run(listener)


@bench.command()
@click.option("--profile", required=True, type=click.Choice(["js", "python"]), help="Whose suite it is for.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def suites(profile: Any, port: int) -> None:
    """Serve what the test suites of the Centrifuge SDKs expect, on loopback only, and forget it at the end."""
    from teahouse import bench_suites

    with tempfile.TemporaryDirectory(prefix="teahouse-suites-") as data:
        bench_suites.set_environment(profile, data)
        env = _environment("127.0.0.1", data)
        bench_suites.change_settings()
        _set_up_django()
        from teahouse.realtime.conf import conf
        from teahouse.realtime.server import uvicorn_seam

        listener = _listen("127.0.0.1", port)
        _prepare(env, demo=True)
        _say_where("127.0.0.1", listener.getsockname()[1], demo=False)
        uvicorn_seam.run_one(bench_suites.APPLICATION, listener=listener, conf=conf())


def _environment(host: str | None, data: str | None) -> Any:
    # What the server writes is for whoever runs it.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse.site.settings")
    if host is not None:
        os.environ["TEAHOUSE_HOST"] = host
    if data is not None:
        os.environ["TEAHOUSE_DATA"] = str(pathlib.Path(data).absolute())
    from teahouse.site import env

    try:
        read = env.read()
        read.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except env.EnvironmentError as error:
        raise _Stop(str(error)) from None
    except OSError as error:
        raise _Stop(f"The data folder {read.data_path} cannot be made: {error.strerror}.") from None
    if read.debug and not read.is_loopback:
        raise _Stop("TEAHOUSE_DEBUG shows strangers the server's insides, so it is for loopback only.")
    # Workers and commands started from here read the same, wherever they are started.
    os.environ["TEAHOUSE_DATA"] = str(read.data_path)
    return read


def _set_up_django() -> None:
    import django
    from django.core.checks import Error, run_checks

    try:
        django.setup()
    except (ValueError, OSError) as error:
        raise _Stop(str(error)) from None
    if errors := [message for message in run_checks() if isinstance(message, Error)]:
        raise _Stop("\n".join(str(error) for error in errors))


def _listen(host: str, port: int) -> Any:
    from teahouse.realtime.server import uvicorn_seam

    try:
        return uvicorn_seam.listen(host, port)
    except OSError as error:
        raise _Stop(f"{host}:{port} cannot be listened on: {error.strerror}. Another --host or --port?") from None


def _prepare(env: Any, *, demo: bool) -> None:
    """Bring the database up to date, and make the first people or say how the owner is made."""
    from django.core.management import call_command
    from django.db import DatabaseError, connection

    from teahouse.site import durability

    try:
        _check_database(env)
        durability.check(connection, is_unsafe_allowed=env.allow_unsafe_database)
        with _migrating_alone(connection):
            call_command("migrate", interactive=False, verbosity=0)
    except durability.UnsafeDatabase as error:
        raise _Stop(str(error)) from None
    except DatabaseError as error:
        raise _Stop(f"The database cannot be used: {str(error).strip().splitlines()[0]}") from None
    from teahouse.accounts import owner_setup
    from teahouse.chat import access
    from teahouse.site import demo as demo_people

    # A client may subscribe to it before anybody has said anything there.
    access.lobby()

    if demo:
        if demo_people.are_others_here():
            raise _Stop("--demo is for a data folder of its own: there are people in this one.")
        demo_people.make()
    elif owner_setup.is_needed():
        # On this machine `up` asks for it only where somebody seems to come from elsewhere, as through a proxy.
        click.echo(
            "There is no owner's account yet. From another machine, or through a proxy, the setup page asks for this"
            f" code: {owner_setup.new_code()}",
            err=True,
        )
    elif not env.is_loopback and demo_people.may_sign_in():
        raise _Stop("Everybody knows the passwords of --demo: change them, or listen on loopback only.")
    # Nothing of this process's may be open when workers are started.
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]


def _check_database(env: Any) -> None:
    """Ask PostgreSQL once without the pool, which would try for a while and then only say that it has tried."""
    if env.database_url is None or env.database_url.startswith("sqlite"):
        return
    import psycopg
    from django.db import OperationalError

    try:
        psycopg.connect(env.database_url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise OperationalError(str(error)) from None


@contextlib.contextmanager
def _migrating_alone(connection: Any) -> Iterator[None]:
    """Hosts that start at the same moment migrate one after the other, without the limits of everyday statements."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.unlimited(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _say_where(host: str, port: int, *, demo: bool) -> None:
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Teahouse is open at http://{shown}:{port}  (Ctrl+C closes it)", err=True)
    if demo:
        click.echo("People: admin, alice, bob, carol, dave; each one's password is NAME-teahouse.", err=True)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
