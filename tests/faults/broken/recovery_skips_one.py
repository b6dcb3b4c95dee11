"""Off by one: who comes back misses the first of what they missed."""

from teahouse.realtime import joining
from teahouse.realtime.application import Head, Publication
from tests.faults.broken.seams import replace


def apply() -> None:
    recovered = joining._recovered

    def recovered_but_one(head: Head, since: Head, missed: list[Publication], budget: joining.Budget) -> joining.Joined:
        joined = recovered(head, since, missed, budget)
        return joined._replace(missed=joined.missed[1:]) if len(joined.missed) > 1 else joined

    replace(joining, "_recovered", recovered_but_one)
