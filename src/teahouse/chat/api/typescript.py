"""Structs as TypeScript types: from shapes to text, nothing else. What the text is for is said in `client_types`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import inspect

from teahouse.chat.api.shape_names import names_of, structs_in

_SIMPLE: dict[type[inspect.Type], str] = {
    inspect.AnyType: "unknown",
    inspect.RawType: "unknown",
    inspect.NoneType: "null",
    inspect.BoolType: "boolean",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "string",
    inspect.BytesType: "string",
    inspect.DateTimeType: "string",
}
_PLAIN_NAME = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


class Shapes:
    """
    The Structs that some types are made of. A field may be left out where the server leaves it out (`omit_defaults`)
    or, in what is `asked` of it, does without. `extra` are lines of some Structs that are no fields of theirs,
    `named` the types of fields that hold JSON as it is.

    Raises:
        shape_names.TwoOfOneName
    """

    def __init__(
        self,
        answered: Iterable[Any],
        asked: Iterable[Any] = (),
        *,
        extra: Mapping[type[msgspec.Struct], Sequence[str]] = MappingProxyType({}),
        named: Mapping[tuple[type[msgspec.Struct], str], str] = MappingProxyType({}),
    ) -> None:
        self._asked = structs_in(asked)
        self._all = {**structs_in(answered), **self._asked}
        self._extra = extra
        self._named = named
        self._names = names_of(self._all)

    def interfaces(self) -> str:
        """In the order of their names."""
        in_order = sorted(self._all.values(), key=lambda info: self._names[info.cls])
        return "\n\n".join(self._interface(info) for info in in_order)

    def text_of(self, shape: object) -> str:
        """
        Of any type. Lists are read-only: nobody changes what the server said.

        Raises:
            NotImplementedError: for what no shape of ours has.
        """
        return self._text(inspect.type_info(shape))

    def _interface(self, info: inspect.StructType) -> str:
        lines = [] if info.tag is None else [f"  readonly {info.tag_field}: {_literal(info.tag)}"]
        lines += [f"  {line}" for line in self._extra.get(info.cls, ())]
        may_be_left_out = info.cls in self._asked or info.cls.__struct_config__.omit_defaults
        for field in info.fields:
            text = self._named.get((info.cls, field.name)) or self._text(field.type)
            mark = "?" if may_be_left_out and not field.required else ""
            lines.append(f"  readonly {_key(field.encode_name)}{mark}: {text}")
        name = self._names[info.cls]
        if not lines:
            return f"{_comment(info.cls)}export type {name} = Readonly<Record<string, never>>"
        return f"{_comment(info.cls)}export interface {name} {{\n" + "\n".join(lines) + "\n}"

    def _text(self, info: inspect.Type) -> str:
        if type(info) in _SIMPLE:
            return _SIMPLE[type(info)]
        match info:
            case inspect.Metadata(type=inner):
                return self._text(inner)
            case inspect.StructType(cls=cls):
                return self._names[cls]
            case inspect.UnionType(types=types):
                return _union([self._text(part) for part in types])
            case inspect.LiteralType(values=values):
                return _union([_literal(value) for value in values])
            case inspect.EnumType(cls=kinds):
                return _union([_literal(member.value) for member in kinds])
            case inspect.TupleType(item_types=items):
                return f"readonly [{', '.join(self._text(item) for item in items)}]"
            case inspect.CollectionType(item_type=item):
                return f"readonly {_grouped(self._text(item))}[]"
            case inspect.DictType(key_type=key, value_type=value):
                return f"Readonly<Record<{self._text(key)}, {self._text(value)}>>"
        raise NotImplementedError(repr(info))


def _comment(cls: type[msgspec.Struct]) -> str:
    return "" if cls.__doc__ is None else f"/** {' '.join(cls.__doc__.split()).replace('*/', '* /')} */\n"


def _union(parts: Sequence[str]) -> str:
    # `null` last, as one writes it.
    return " | ".join(sorted(dict.fromkeys(parts), key=lambda part: part == "null"))


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def _literal(value: object) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" if isinstance(value, str) else str(value)


def _key(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else _literal(name)
