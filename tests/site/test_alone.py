"""One process for data that only one may serve."""

import pathlib
import subprocess
import sys
from typing import Any

import pytest

from teahouse.site import alone

_STAY = """
import pathlib, sys
from teahouse.site import alone
data = pathlib.Path(sys.argv[1])
alone.stay_alone(data)
alone.stay_alone(data)
print("alone", flush=True)
sys.stdin.read()
"""


def process(data: pathlib.Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _STAY, str(data)],
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


@pytest.mark.parametrize(
    ("database_engine", "redis_url", "may"),
    [
        pytest.param("django.db.backends.sqlite3", None, False, id="neither"),
        pytest.param("django.db.backends.sqlite3", "redis://h", False, id="Redis only"),
        pytest.param("django.db.backends.postgresql", None, False, id="PostgreSQL only"),
        pytest.param("django.db.backends.postgresql", "redis://h", True, id="both"),
    ],
)
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_many_processes_need_postgresql_and_redis(
    settings: Any, database_engine: str, redis_url: str | None, may: bool
) -> None:
    settings.DATABASES = {"default": {**settings.DATABASES["default"], "ENGINE": database_engine}}
    settings.TEAHOUSE_REALTIME = {**settings.TEAHOUSE_REALTIME, "redis_url": redis_url}

    assert may == alone.may_be_many()
