"""
Python reads this at the start of a server under test, whose PYTHONPATH names this folder: it moves the clock by what a
file says (FAULTS_CLOCK), breaks the server on purpose (FAULTS_BROKEN, a module of tests.faults.broken), and has it
serve another build of the client (FAULTS_CLIENT, a folder).
"""

import os


def _move_clock(path: str) -> None:
    """
    time.time, time.time_ns and datetime's now, utcnow and today are moved by the seconds in `path`, a double that may
    change at any time. Monotonic clocks stay.
    """
    import ctypes
    import datetime
    import gc
    import mmap
    import struct
    import time

    with open(path, "rb") as file:
        moved = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    seconds_in = struct.Struct("d").unpack_from
    real_time, real_time_ns, real_now = time.time, time.time_ns, datetime.datetime.now

    def shifted_time() -> float:
        return float(real_time() + seconds_in(moved)[0])

    def shifted_time_ns() -> int:
        return real_time_ns() + int(seconds_in(moved)[0] * 1e9)

    def shifted_now(kind: type[datetime.datetime], tz: datetime.tzinfo | None = None) -> datetime.datetime:
        shifted = real_now(tz) + datetime.timedelta(seconds=seconds_in(moved)[0])
        return shifted if kind is datetime.datetime else kind.fromtimestamp(shifted.timestamp(), tz)

    def shifted_utcnow(kind: type[datetime.datetime]) -> datetime.datetime:
        return kind.fromtimestamp(shifted_time(), datetime.UTC).replace(tzinfo=None)

    time.time, time.time_ns = shifted_time, shifted_time_ns
    # The class is not ours to change in any other way, and everybody has it already.
    methods = gc.get_referents(datetime.datetime.__dict__)[0]
    methods["now"], methods["utcnow"] = classmethod(shifted_now), classmethod(shifted_utcnow)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))


def _break(name: str) -> None:
    import importlib

    import django

    set_up = django.setup

    def set_up_and_break(*, set_prefix: bool = True) -> None:
        # Again is harmless for Django, and would break it twice.
        django.setup = set_up
        set_up(set_prefix=set_prefix)
        importlib.import_module(f"tests.faults.broken.{name}").apply()

    django.setup = set_up_and_break  # type: ignore[assignment]


def _serve_client(folder: str) -> None:
    """Another build of the client in the place of the package's."""
    import pathlib

    import django

    set_up = django.setup

    def set_up_and_serve(*, set_prefix: bool = True) -> None:
        django.setup = set_up
        set_up(set_prefix=set_prefix)
        from django.contrib.staticfiles import finders

        from teahouse.web import manifest

        find = finders.find

        def find_there(name: str, **options: object) -> object:
            prefix, _, rest = name.partition("/")
            return str(pathlib.Path(folder) / rest) if prefix == "teahouse" else find(name, **options)

        manifest.FOLDER = pathlib.Path(folder)
        finders.find = find_there

    django.setup = set_up_and_serve  # type: ignore[assignment]


if _clock := os.environ.get("FAULTS_CLOCK"):
    _move_clock(_clock)
if _name := os.environ.get("FAULTS_BROKEN"):
    _break(_name)
if _folder := os.environ.get("FAULTS_CLIENT"):
    _serve_client(_folder)
