"""`python -m tests.faults [run|power|broken] ...`: see docs/reference/faults.md."""

import sys

from tests.faults import power, run

if __name__ == "__main__":
    if sys.argv[1:2] == ["power"]:
        sys.exit(power.main(sys.argv[2:]))
    sys.exit(run.main(sys.argv[1:]))
