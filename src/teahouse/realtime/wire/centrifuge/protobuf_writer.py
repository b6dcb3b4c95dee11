"""Shapes of `frames.py` to messages of protobuf: https://protobuf.dev/programming-guides/encoding."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec import inspect

from teahouse.realtime.wire.centrifuge.protobuf_fields import SHAPES, fields_of
from teahouse.realtime.wire.centrifuge.varint import varint

_VARINT, _LENGTH = 0, 2

# They give a field with its tag, and are not asked for what is empty.
_Write: TypeAlias = Callable[..., bytes]


def write(message: msgspec.Struct) -> bytes:
    """Its fields in the order of its shape, without what is empty."""
    written = b""
    for name, write_field in _FIELDS[type(message)]:
        if value := getattr(message, name):
            written += write_field(value)
    return written


def _writer(number: int, kind: inspect.Type) -> _Write:
    match kind:
        case inspect.BoolType():
            yes = varint(number << 3 | _VARINT) + varint(1)
            return lambda value: yes
        case inspect.IntType():
            tag = varint(number << 3 | _VARINT)
            return lambda value: tag + varint(value)
        case inspect.StrType():
            return _delimited(number, str.encode)
        case inspect.RawType() | inspect.BytesType():
            return _delimited(number, bytes)
        case inspect.StructType():
            return _delimited(number, write)
        case inspect.ListType(item_type=item):
            write_item = _writer(number, item)
            return lambda values: b"".join(map(write_item, values))
        case inspect.DictType(key_type=key, value_type=value):
            write_key, write_value = _writer(1, key), _writer(2, value)
            write_entry = _delimited(number, lambda entry: write_key(entry[0]) + write_value(entry[1]))
            return lambda values: b"".join(map(write_entry, values.items()))
    raise NotImplementedError(f"field {number}: {kind}")


def _delimited(number: int, to_bytes: _Write) -> _Write:
    tag = varint(number << 3 | _LENGTH)

    def write_field(value: object) -> bytes:
        data = to_bytes(value)
        return tag + varint(len(data)) + data

    return write_field


_FIELDS = {
    shape: tuple((field.name, _writer(field.number, field.kind)) for field in fields_of(shape)) for shape in SHAPES
}
