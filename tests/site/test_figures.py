"""What is forgotten of the figures of before, and what is kept."""

import os
import pathlib
import subprocess
import sys

import pytest

from teahouse.site import figures


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "before")


def test_the_folder_is_made_for_its_owner_and_named_to_all_processes(tmp_path: pathlib.Path) -> None:
    figures.share(tmp_path / "data")

    assert str(tmp_path / "data" / "metrics") == os.environ["PROMETHEUS_MULTIPROC_DIR"]
    assert (tmp_path / "data" / "metrics").is_dir()


def test_figures_of_processes_that_run_are_kept(tmp_path: pathlib.Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        (tmp_path / "metrics").mkdir()
        for number in (running.pid, ended.pid, os.getpid(), 10**30):
            for kind in ("counter", "gauge_livesum"):
                (tmp_path / "metrics" / f"{kind}_{number}.db").touch()
        figures.forget_ended(tmp_path)
        running.communicate(b"\n")

    # Our own number is that of somebody before: nothing of ours is counted yet.
    kept = {f"counter_{running.pid}.db", f"gauge_livesum_{running.pid}.db"}
    assert kept == {path.name for path in (tmp_path / "metrics").iterdir()}
