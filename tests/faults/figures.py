"""What a record says in numbers: how much was sent and heard, what stayed unknown, how soon it was well again. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from tests.faults.record import (
    Acked,
    Answered,
    Closed,
    Corrected,
    Delivered,
    Event,
    Fault,
    Refused,
    Rejected,
    Sent,
    Shown,
    Subscribed,
    Typed,
    Unknown,
)


class Recovery(msgspec.Struct, frozen=True):
    """
    After a fault's end: seconds until something said then was acknowledged, and until every device had heard it. `what`
    is the kind, or the two kinds that were at once.
    """

    kind: str
    what: str
    acknowledged: float
    heard: float


class Figures(msgspec.Struct, kw_only=True):
    attempts: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    # Keys whose last attempt is unknown: nobody knows about them at the end.
    never_known: int = 0
    deliveries: int = 0
    recovered: int = 0
    not_recovered: int = 0
    rejected: int = 0
    # Of pages: what was typed and corrected in them, how often they were drawn anew.
    typed: int = 0
    corrected: int = 0
    drawn: int = 0
    close_codes: dict[int, int] = {}
    kinds: dict[str, int] = {}

    @property
    def unknown_share(self) -> float:
        return self.unknown / self.attempts if self.attempts else 0.0


def figures_of(events: Iterable[Event]) -> Figures:
    figures = Figures()
    codes: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    key_of: dict[int, tuple[int, str]] = {}
    is_known: dict[tuple[int, str], bool] = {}
    for event in events:
        match event:
            case Sent():
                figures.attempts += 1
                key_of[event.attempt] = (event.person, event.client_key)
                is_known.setdefault(key_of[event.attempt], False)
            case Answered(outcome=Acked() | Refused()):
                figures.acknowledged += isinstance(event.outcome, Acked)
                figures.refused += isinstance(event.outcome, Refused)
                is_known[key_of[event.attempt]] = True
            case Answered(outcome=Unknown()):
                figures.unknown += 1
            case Delivered():
                figures.deliveries += 1
            case Subscribed() if event.asked is not None:
                figures.recovered += event.recovered
                figures.not_recovered += not event.recovered
            case Rejected():
                figures.rejected += 1
            case Closed():
                codes[event.code] += 1
            case Typed():
                figures.typed += 1
            case Corrected():
                figures.corrected += 1
            case Shown():
                figures.drawn += 1
            case Fault(phase="begin"):
                kinds[event.kind] += 1
            case _:
                pass
    figures.never_known = sum(not known for known in is_known.values())
    figures.close_codes = dict(sorted(codes.items()))
    figures.kinds = dict(sorted(kinds.items()))
    return figures


def table(recoveries: Iterable[Recovery]) -> str:
    """Markdown: how often each kind was, and how soon it was over."""
    by_kind: defaultdict[str, list[Recovery]] = defaultdict(list)
    for recovery in recoveries:
        by_kind[recovery.kind].append(recovery)
    lines = [
        "| kind | times | acknowledged again after s (median / longest) | heard by everybody after s |",
        "|---|---|---|---|",
    ]
    for kind, some in sorted(by_kind.items()):
        acknowledged = sorted(recovery.acknowledged for recovery in some)
        heard = sorted(recovery.heard for recovery in some)
        lines.append(
            f"| {kind} | {len(some)} | {_middle(acknowledged):.1f} / {acknowledged[-1]:.1f} "
            f"| {_middle(heard):.1f} / {heard[-1]:.1f} |"
        )
    return "\n".join(lines)


def _middle(ordered: list[float]) -> float:
    return ordered[len(ordered) // 2]
