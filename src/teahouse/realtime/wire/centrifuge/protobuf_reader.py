"""
Messages of protobuf into the shapes of `frames.py`: https://protobuf.dev/programming-guides/encoding.

A field that comes twice counts as its last one; messages and maps are merged. Where protobuf leaves it to the reader
we refuse: a known field with the wire type of another kind, and numbers out of the bounds of `frames.py`.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec import inspect

from teahouse.realtime.wire.centrifuge.codec import BadFrame
from teahouse.realtime.wire.centrifuge.frames import NOTHING, SubscribeRequest
from teahouse.realtime.wire.centrifuge.protobuf_fields import SubscribeEntry, TextEntry, fields_of
from teahouse.realtime.wire.centrifuge.varint import read_varint

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_MOST_TAG = 2**32 - 1

# They put what was read into its field.
_PutNumber: TypeAlias = Callable[[msgspec.Struct, int], None]
_PutBytes: TypeAlias = Callable[[msgspec.Struct, bytes], None]


class Reader:
    """Reads messages of one shape."""

    __slots__ = ("_by_bytes", "_by_number", "_known")

    def __init__(self, shape: type[msgspec.Struct]) -> None:
        # By tag: the field's number and its wire type.
        self._by_number: dict[int, _PutNumber] = {}
        self._by_bytes: dict[int, _PutBytes] = {}
        # Field numbers that no unknown field has; 0 is never one.
        self._known = frozenset((0, *(field.number for field in fields_of(shape))))
        for name, number, kind in fields_of(shape):
            tag = number << 3
            if isinstance(kind, inspect.BoolType):
                self._by_number[tag | _VARINT] = _put_flag(name)
            elif isinstance(kind, inspect.IntType):
                self._by_number[tag | _VARINT] = _put_number(name, kind)
            else:
                self._by_bytes[tag | _LENGTH] = _put_bytes(name, kind)

    def read(self, message: msgspec.Struct, data: bytes) -> None:
        """Put what `data` says into `message`. Raises BadFrame, IndexError, Oversized or UnicodeDecodeError."""
        at, end = 0, len(data)
        while at < end:
            tag, at = read_varint(data, at)
            wire_type = tag & 7
            if wire_type == _LENGTH:
                size, start = read_varint(data, at)
                at = start + size
                put_bytes = self._by_bytes.get(tag)
                if put_bytes is None:
                    self._pass_over(tag)
                else:
                    put_bytes(message, data[start:at])
            elif wire_type == _VARINT:
                number, at = read_varint(data, at)
                put_number = self._by_number.get(tag)
                if put_number is None:
                    self._pass_over(tag)
                else:
                    put_number(message, number)
            elif wire_type in (_EIGHT_BYTES, _FOUR_BYTES):
                self._pass_over(tag)
                at += 8 if wire_type == _EIGHT_BYTES else 4
            else:
                raise BadFrame(f"wire type {wire_type}")
        # A field that is longer than what is left took what there was.
        if at != end:
            raise BadFrame("a field is cut off")

    def _pass_over(self, tag: int) -> None:
        if tag >> 3 in self._known or tag > _MOST_TAG:
            raise BadFrame(f"field {tag >> 3} with wire type {tag & 7}")


def _put_flag(name: str) -> _PutNumber:
    def put(message: msgspec.Struct, number: int) -> None:
        setattr(message, name, number != 0)

    return put


def _put_number(name: str, kind: inspect.IntType) -> _PutNumber:
    is_signed = kind.ge is None or kind.ge < 0
    least = -(2**63) if kind.ge is None else kind.ge
    most = 2**63 - 1 if kind.le is None else kind.le

    def put(message: msgspec.Struct, number: int) -> None:
        if is_signed and number >= 2**63:
            number -= 2**64
        if not least <= number <= most:
            raise BadFrame(f"{name} out of bounds")
        setattr(message, name, number)

    return put


def _put_bytes(name: str, kind: inspect.Type) -> _PutBytes:
    match kind:
        case inspect.StrType():
            return lambda message, data: setattr(message, name, str(data, "utf-8"))
        case inspect.RawType():
            return lambda message, data: setattr(message, name, msgspec.Raw(data) if data else NOTHING)
        case inspect.BytesType():
            return lambda message, data: setattr(message, name, data)
        case inspect.StructType(cls=shape):
            return _put_message(name, shape)
        case inspect.DictType(value_type=inspect.StrType()):
            return _put_entry(name, TextEntry)
        case inspect.DictType(value_type=inspect.StructType(cls=shape)) if shape is SubscribeRequest:
            return _put_entry(name, SubscribeEntry)
    raise NotImplementedError(f"{name}: {kind}")


def _put_message(name: str, shape: type[msgspec.Struct]) -> _PutBytes:
    read = Reader(shape).read

    def put(message: msgspec.Struct, data: bytes) -> None:
        value = getattr(message, name)
        if value is None:
            value = shape()
            setattr(message, name, value)
        read(value, data)

    return put


def _put_entry(name: str, shape: type[TextEntry | SubscribeEntry]) -> _PutBytes:
    """A map is a list of entries, which are messages."""
    read = Reader(shape).read

    def put(message: msgspec.Struct, data: bytes) -> None:
        entry = shape()
        read(entry, data)
        entries = getattr(message, name)
        if entries is None:
            entries = {}
            setattr(message, name, entries)
        entries[entry.key] = entry.value

    return put
