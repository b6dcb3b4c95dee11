"""Where the processes of one site put what they count, so that `/metrics` of any of them adds it up."""

import os
import pathlib


def share(data: pathlib.Path) -> None:
    """
    Call it once in the parent, before anything imports prometheus_client: that looks for the folder only then.

    Counters of processes that are long gone are forgotten, or they would be added to those of now.
    """
    folder = data / "metrics"
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR") == str(folder):
        return  # gunicorn reads its configuration again when it reloads, and the workers of before still write here.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
