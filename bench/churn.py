"""
What is left of people who come and go: `.venv/bin/python -m bench.churn [--visits 100000]`, some minutes.

Half of them come by the native door and subscribe to three channels, one of which is nobody else's, the others by the
article's; half leave by a close frame, half by a reset. The server's memory is flat after a warm-up, and in the end it
knows of nobody.
"""

import argparse
import json
import pathlib
import tempfile
import time
from typing import Any

from bench.report import write
from tests.live.churning import churn, classic_visits, gauges, native_visits, resident_mib
from tests.live.native import NAMESPACES
from tests.live.server import Server, running
from tests.services import wait_until

_STEPS = 10


def _figures(house: Server, visits: int) -> dict[str, Any]:
    native, classic = native_visits(house), classic_visits(house)
    step = visits // _STEPS
    resident = {"0": round(resident_mib(house), 1)}
    began = time.perf_counter()
    for start in range(0, visits, step):
        middle, end = start + step // 2, start + step
        churn(house, native, range(start, middle))
        churn(house, classic, range(middle, end))
        resident[f"{end:,}"] = round(resident_mib(house), 1)
        print(f"{end:>9,}  {resident[f'{end:,}']:8.1f} MiB  {time.perf_counter() - began:6.1f} s", flush=True)
    seconds = time.perf_counter() - began
    wait_until(lambda: not any(gauges(house).values()), what="all have left")
    return {
        "resident_mib": resident,
        "visits_a_second": round(visits / seconds),
        "seconds": round(seconds, 1),
        "gauges at the end": gauges(house),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--visits", type=int, default=100_000)
    visits = parser.parse_args().visits
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TEAHOUSE_NAMESPACES": json.dumps(NAMESPACES), "TEAHOUSE_LOG_LEVEL": "WARNING"}
        with running(pathlib.Path(folder) / "data", **environment) as house:
            figures = _figures(house, visits)
    print(write("churn", figures))


if __name__ == "__main__":
    main()
