"""Where the processes of one site put what they count, so that `/metrics` of any of them adds it up."""

import os
import pathlib


def share(data: pathlib.Path) -> None:
    """For workers that import prometheus_client after this, or are forked by a process that has done so after this."""
    folder = _folder(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def forget_ended(data: pathlib.Path) -> None:
    """
    Call it once in the parent, when it is sure to serve and has no workers yet. What processes have counted that are
    gone would be added to what is counted now. So would what the parent has, which nobody asks.

    Others that serve the same data, or run while this one finds its port taken, keep theirs.
    """
    for old in _folder(data).glob("*.db"):
        if not _is_of_another_that_runs(old):
            old.unlink(missing_ok=True)


def _folder(data: pathlib.Path) -> pathlib.Path:
    return data / "metrics"


def _is_of_another_that_runs(file: pathlib.Path) -> bool:
    number = file.stem.rpartition("_")[2]
    if not number.isdecimal() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
