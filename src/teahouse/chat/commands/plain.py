"""What no command takes, whatever its shape says: texts and numbers that some database would fail at."""

import msgspec

from teahouse.chat.access import MOST_ID


def fault_in(value: object, place: str = "") -> tuple[str, str] | None:
    """Where it is, such as `files[1]`, and what; None when there is none. Looks into all that a Struct has."""
    if isinstance(value, str):
        # PostgreSQL takes none in a text.
        return (place, "A text with NUL in it.") if "\0" in value else None
    if isinstance(value, int):
        return None if -MOST_ID - 1 <= value <= MOST_ID else (place, "A number out of range.")
    if isinstance(value, msgspec.Struct):
        dot = f"{place}." if place else ""
        parts = [(getattr(value, name), f"{dot}{name}") for name in value.__struct_fields__]
    elif isinstance(value, list | tuple | set | frozenset):
        parts = [(part, f"{place}[{index}]") for index, part in enumerate(value)]
    elif isinstance(value, dict):
        parts = [(part, f"{place}.{name}") for name, part in value.items()] + [(name, place) for name in value]
    else:
        return None
    return next((fault for part, where in parts if (fault := fault_in(part, where)) is not None), None)
