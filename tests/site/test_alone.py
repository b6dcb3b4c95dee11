"""One process for data that only one may serve."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest

from teahouse.site import alone
from teahouse.site.databases import database_from
from teahouse.site.env import Env
from tests.services import wait_until

_STAY = """
import pathlib, sys
from teahouse.site import alone
data = pathlib.Path(sys.argv[1])
alone.stay_alone(data)
alone.stay_alone(data)
print("alone", flush=True)
sys.stdin.read()
"""


def process(data: pathlib.Path, code: str = _STAY) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_process_ends_with_one_line_and_a_third_may_after_the_first(tmp_path: pathlib.Path) -> None:
    with process(tmp_path) as first:
        assert first.stdout is not None
        assert "alone\n" == first.stdout.readline()

        with process(tmp_path) as second:
            printed, complained = second.communicate("", timeout=20)
        assert 3 == alone.STARTUP_FAILURE == second.returncode
        assert "" == printed
        assert f"teahouse: another process serves the data in {tmp_path}. {alone.NEEDS}\n" == complained

        # The lock goes with its process, however that ends.
        first.kill()

    with process(tmp_path) as third:
        printed, complained = third.communicate("", timeout=20)
    assert (0, "alone\n", "") == (third.returncode, printed, complained)


def test_each_data_folder_has_a_process_of_its_own(tmp_path: pathlib.Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    with process(folders[0]) as first, process(folders[1]) as second:
        for child in (first, second):
            assert child.stdout is not None
            assert "alone\n" == child.stdout.readline()
            child.communicate("", timeout=20)


_MASTER = """
import os, pathlib, signal, sys
from teahouse.site import alone
data = pathlib.Path(sys.argv[1])
alone.stay_alone_with_children(data)
alone.stay_alone_with_children(data)
assert alone.is_held_for_children()
worker = os.fork()
signal.alarm(30)
if worker == 0:
    alone.stay_alone(data)
    assert not alone.is_held_for_children()
os.write(1, b"worker\\n" if worker == 0 else b"%d\\n" % worker)
os.read(0, 1)
"""


def test_a_master_holds_it_for_its_workers_and_they_until_the_last_has_ended(tmp_path: pathlib.Path) -> None:
    with process(tmp_path, _MASTER) as master:
        assert master.stdin is not None
        assert master.stdout is not None
        printed = {master.stdout.readline(), master.stdout.readline()}
        assert "worker\n" in printed
        (worker,) = (int(line) for line in printed - {"worker\n"})
        assert 3 == ended(process(tmp_path)).returncode
        # Another master too, such as the one that gunicorn starts on SIGUSR2 as a child of the first.
        assert 3 == ended(process(tmp_path, _MASTER)).returncode

        master.kill()
        master.wait()
        assert 3 == ended(process(tmp_path)).returncode
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: ended(process(tmp_path)).returncode == 0)


def test_only_children_of_the_one_that_holds_it_may_rely_on_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with process(tmp_path) as first:
        assert first.stdout is not None
        assert "alone\n" == first.stdout.readline()
        monkeypatch.setenv("_TEAHOUSE_LOCK_PARENT", str(first.pid))

        assert 3 == ended(process(tmp_path)).returncode
        first.communicate("", timeout=20)


def ended(child: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    with child:
        child.communicate("", timeout=20)
    return child


@pytest.mark.parametrize(
    ("database_url", "redis_url", "may"),
    [
        pytest.param(None, None, False, id="neither"),
        pytest.param(None, "redis://h", False, id="Redis only"),
        pytest.param("sqlite:////srv/t.db", "redis://h", False, id="Redis and SQLite"),
        pytest.param("postgresql://h/n", None, False, id="PostgreSQL only"),
        pytest.param("postgresql://h/n", "redis://h", True, id="both"),
        pytest.param("postgres://h/n", "redis://h", True, id="both, by the short scheme"),
    ],
)
def test_many_processes_need_postgresql_and_redis(database_url: str | None, redis_url: str | None, may: bool) -> None:
    env = Env(database_url=database_url, redis_url=redis_url)

    assert may == alone.may_be_many(env)
    database = database_from(database_url, data=pathlib.Path("/srv"), pool_threads=1)
    assert may == (database["ENGINE"].endswith("postgresql") and redis_url is not None)
