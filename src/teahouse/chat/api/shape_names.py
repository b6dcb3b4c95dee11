"""What Structs are called in descriptions: by their own names; where two have the same, with their module's."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

Found = dict[type[msgspec.Struct], inspect.StructType]

# Those of publications keep their names: all else is made of them.
_FIRST = "teahouse.chat.frames"


class TwoOfOneName(Exception):
    """Two different Structs would be called the same all the same."""


def structs_in(types: Iterable[Any]) -> Found:
    """All Structs that these types are made of."""
    found: Found = {}
    for shape in types:
        _collect(inspect.type_info(shape), found)
    return found


def names_of(classes: Iterable[type[msgspec.Struct]]) -> dict[type[msgspec.Struct], str]:
    """
    Raises:
        TwoOfOneName
    """
    different = list(dict.fromkeys(classes))
    count = Counter(_bare(cls) for cls in different)
    names = {
        cls: _bare(cls) if count[_bare(cls)] == 1 or cls.__module__ == _FIRST else _long(cls.__module__, _bare(cls))
        for cls in different
    }
    if doubled := [name for name, times in Counter(names.values()).items() if times > 1]:
        raise TwoOfOneName(", ".join(doubled))
    return names


def shortened(qualified: str) -> str:
    """The name for what msgspec calls by module and name when two are called the same."""
    module, _, name = qualified.rpartition(".")
    return name if module in ("", _FIRST) else _long(module, name)


def _bare(cls: type[msgspec.Struct]) -> str:
    # Of generic ones, the parameters belong to the name.
    return "".join(re.findall(r"\w+", cls.__name__)).lstrip("_")


def _long(module: str, name: str) -> str:
    return "".join(part.capitalize() for part in module.rpartition(".")[2].split("_")) + name


def _collect(info: inspect.Type, found: Found) -> None:
    if isinstance(info, inspect.StructType):
        if info.cls not in found:
            found[info.cls] = info
            for field in info.fields:
                _collect(field.type, found)
        return
    for part in parts_of(info):
        _collect(part, found)


def parts_of(info: inspect.Type) -> tuple[inspect.Type, ...]:
    """The types that a type is put together of."""
    match info:
        case inspect.Metadata(type=inner):
            return (inner,)
        case inspect.UnionType(types=types) | inspect.TupleType(item_types=types):
            return tuple(types)
        case inspect.CollectionType(item_type=item):
            return (item,)
        case inspect.DictType(key_type=key, value_type=value):
            return (key, value)
        case _:
            return ()
