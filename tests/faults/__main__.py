"""`python -m tests.faults [power] ...`: see docs/reference/faults.md."""

import signal
import sys

from tests.faults import power, run


def _end(*_: object) -> None:
    # As Ctrl+C does: servers, databases and disks of the run go with it.
    sys.exit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    if sys.argv[1:2] == ["power"]:
        sys.exit(power.main(sys.argv[2:]))
    sys.exit(run.main(sys.argv[1:]))
