"""A row of the table: what, how much, how much it may be. And the table as Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Row(NamedTuple):
    what: str
    figure: float | None
    # "≤" or "≥".
    relation: str
    budget: float
    unit: str
    is_met: bool
    # What the figure is made of: spread, single runs, names.
    detail: dict[str, Any]


def at_most(what: str, figure: float | None, budget: float, unit: str, detail: dict[str, Any]) -> Row:
    """Without a figure it is not met."""
    rounded = None if figure is None else round(figure, 1 if figure < 1000 else 0)
    return Row(what, rounded, "≤", budget, unit, figure is not None and figure <= budget, detail)


def at_least(what: str, figure: float | None, budget: float, unit: str, detail: dict[str, Any]) -> Row:
    return Row(what, figure, "≥", budget, unit, figure is not None and figure >= budget, detail)


def spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    figures = {
        "median": statistics.median(ordered),
        "least": ordered[0],
        "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
        "most": ordered[-1],
    }
    return {**{name: round(value, 1) for name, value in figures.items()}, "count": len(ordered)}


def table(rows: Iterable[Row]) -> str:
    lines = ["| what | budget | measured | spread |", "|---|---|---|---|"]
    for row in rows:
        unit = f" {row.unit}" if row.unit else ""
        figure = "–" if row.figure is None else f"{row.figure:g}{unit}"
        figure = figure if row.is_met else f"**{figure}**"
        lines.append(f"| {row.what} | {row.relation} {row.budget:g}{unit} | {figure} | {_spread_text(row.detail)} |")
    return "\n".join(lines) + "\n"


def _spread_text(detail: dict[str, Any]) -> str:
    found = detail.get("spread", detail)
    if "least" not in found:
        return ""
    return f"{found['least']:g} to {found['most']:g}, {found['count']}"
