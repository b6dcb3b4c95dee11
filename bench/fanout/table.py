"""From raw figures of all rounds to medians and ratios, and these as text."""

import statistics
from collections.abc import Sequence
from typing import Any

from bench.fanout.measures import Figures, Measure

# rounds[peer][group] is a list of figures, one a round.
Rounds = dict[str, dict[str, list[Figures]]]


def summary(rounds: Rounds, measures: Sequence[Measure], *, against: str) -> dict[str, dict[str, Any]]:
    """By measure and peer: the median, the values of the rounds, and the ratio to the peer `against`, or an error."""
    return {measure.name: _of_measure(rounds, measure, against) for measure in measures}


def _of_measure(rounds: Rounds, measure: Measure, against: str) -> dict[str, Any]:
    rows = {peer: _row(groups.get(measure.group, []), measure) for peer, groups in rounds.items()}
    base = rows.get(against, {}).get("median")
    for row in rows.values():
        if base and "median" in row:
            row["ratio"] = round(row["median"] / base, 3)
    return rows


def _row(figures: Sequence[Figures], measure: Measure) -> dict[str, Any]:
    values, errors = [], []
    for each in figures:
        try:
            values.append(round(measure.value(each), 3))
        except KeyError:
            errors.append(each.get("error") or each.get("behind") or "not measured")
    if not values:
        return {"error": errors[0] if errors else "not measured"}
    row: dict[str, Any] = {"median": statistics.median(values), "values": values}
    notes = sorted({note for each in figures for note in _notes(each, measure)})
    return {**row, "notes": notes} if notes else row


def _notes(figures: Figures, measure: Measure) -> list[str]:
    """What a reader has to know of a figure: saturation, losses, a load generator that had no time left."""
    key = measure.name.split("-")[0] if measure.name.startswith("w") else measure.name
    raw = figures.get(key, {})
    notes = []
    if raw.get("load_busy", 0) > 0.95:
        notes.append("the load generator was busy")
    if raw.get("drained") is False:
        notes.append("30 s later not all had arrived")
    if raw.get("lost") or raw.get("doubled"):
        notes.append(f"{raw['lost']} lost, {raw['doubled']} doubled")
    if raw.get("faults"):
        notes.append(f"{raw['faults']} faults, first: {raw['fault']}")
    if key == "heartbeats" and raw and raw["per_second"] < 4_900:
        scaled = ", scaled to 5,000" if raw["sent_by"] == "server" else ""
        notes.append(f"only {raw['per_second']:.0f} a second answered{scaled}")
    return notes


def text(found: dict[str, dict[str, Any]], measures: Sequence[Measure], *, against: str) -> str:
    lines = []
    for measure in measures:
        sense = "less is better" if measure.less_is_better else "more is better"
        lines += ["", f"{measure.name}: {measure.about} ({measure.unit}, {sense})"]
        rows = found[measure.name]
        for peer, row in sorted(rows.items(), key=lambda item: _rank(item[1], measure)):
            lines.append(f"  {peer:28}{_cells(row, against)}")
    return "\n".join(lines)


def _rank(row: dict[str, Any], measure: Measure) -> tuple[bool, float]:
    value = row.get("median", 0.0)
    return "median" not in row, value if measure.less_is_better else -value


def _cells(row: dict[str, Any], against: str) -> str:
    if "median" not in row:
        return "  " + str(row["error"]).strip().splitlines()[-1][:150]
    ratio = f"{row['ratio']:8.2f} x {against}" if "ratio" in row else ""
    low, high = min(row["values"]), max(row["values"])
    notes = "".join(f"  ! {note[:100]}" for note in row.get("notes", ()))
    return f"{_number(row['median']):>12}  ({_number(low)} to {_number(high)}){ratio}{notes}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}" if value < 1 else f"{value:.1f}"
