"""The database says that it has written, and has only told the kernel: for the test of power loss."""

from teahouse.site import durability
from teahouse.sqlite import base
from tests.faults.broken.seams import replace


def apply() -> None:
    pragmas = tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in base._PRAGMAS)
    replace(base, "_PRAGMAS", pragmas)
    # It would not start.
    replace(durability, "problems", lambda _: [])
