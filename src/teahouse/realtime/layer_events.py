"""
Events of the Channels layer to JSON and back. Bytes, which JSON has no word for, are `{"$bytes": "<base64>"}`, and
floats that are no number `{"$float": "nan"}`: consumers get them back, native clients see them so. Pure.
"""

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
from channels.exceptions import MessageTooLarge
from django.utils.functional import Promise

Event: TypeAlias = dict[str, Any]

MOST_EVENT_BYTES = 2_097_152
_BYTES, _FLOAT = "$bytes", "$float"
# A dict that only looks like one of ours has one more `$` on its way.
_MARKS = ("bytes", "float")


class _Typed(msgspec.Struct):
    type: str


def encoded(event: Mapping[str, object]) -> bytes:
    """
    Raises:
        TypeError: for what is no event: a dict with a text `type`, of text, bytes, numbers, booleans, None, lists and
            dicts with keys of text.
        MessageTooLarge: for more than 2 MiB of JSON.
    """
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise TypeError("An event is a dict with a text `type`.")
    data = msgspec.json.encode(_boxed(event))
    if len(data) > MOST_EVENT_BYTES:
        raise MessageTooLarge(f"An event may have {MOST_EVENT_BYTES} bytes, this one has {len(data)}.")
    return data


def decoded(data: bytes) -> Event:
    event: Event = msgspec.json.decode(data)
    if b'"$' in data:
        event = {key: _unboxed(value) for key, value in event.items()}
    return event


def is_event(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=_Typed)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False
    return True


def _boxed(value: object) -> object:
    match value:
        case None | bool():
            return value
        case str():
            # Also of an enumeration of texts, and of a text that is marked as safe.
            return str.__str__(value)
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else {_FLOAT: repr(float(value))}
        case bytes() | bytearray() | memoryview():
            return {_BYTES: base64.b64encode(value).decode()}
        case list() | tuple():
            return [_boxed(item) for item in value]
        case dict():
            return _boxed_dict(value)
        case Promise():
            return str(value)
    raise TypeError(f"{type(value).__name__} is nothing that an event can hold")


def _boxed_dict(value: dict[object, object]) -> dict[str, object]:
    boxed = {_key(key): _boxed(item) for key, item in value.items()}
    return {f"${key}": item for key, item in boxed.items()} if _is_marked(boxed) else boxed


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} of a dict in an event is no text")
    return str.__str__(key)


def _is_marked(value: Mapping[str, object]) -> bool:
    if len(value) != 1:
        return False
    (key,) = value
    return key.startswith("$") and key.lstrip("$") in _MARKS


def _unboxed(value: Any) -> Any:
    if isinstance(value, list):
        return [_unboxed(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not _is_marked(value):
        return {key: _unboxed(item) for key, item in value.items()}
    ((key, item),) = value.items()
    try:
        if key == _BYTES:
            return base64.b64decode(item, validate=True)
        if key == _FLOAT:
            return float(item)
    except (TypeError, ValueError, binascii.Error):
        # Not written here.
        return value
    return {key[1:]: _unboxed(item)}
