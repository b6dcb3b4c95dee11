"""
A request over HTTP as what a command takes: its path, its query or body, and its Idempotency-Key, in one Struct.

Knows nothing of who asks, and does nothing.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec
from django.http import QueryDict

from teahouse.chat import errors
from teahouse.chat.access import MOST_ID
from teahouse.chat.api.problems import BadField
from teahouse.chat.api.shape_names import parts_of
from teahouse.chat.commands.plain import fault_in

# As msgspec says it: "Expected `int`, got `str` - at `$.files[1]`".
_PLACE = re.compile(r" - at `\$\.?(.*)`\Z", re.DOTALL)
_FIELD = re.compile(r"\AObject (?:missing required|contains unknown) field `(.*)`", re.DOTALL)
_WHOLE = "non_field_errors"
_CLIENT_KEY = "client_key"

_MISSING: dict[str, type[errors.NotFound]] = {
    "room": errors.NotAMember,
    "message": errors.NoSuchMessage,
    "thread": errors.NoSuchMessage,
    "user": errors.NoSuchPerson,
    "file": errors.NoSuchFile,
    "notice": errors.NoSuchNotice,
}


def asked_in_query(shape: type[msgspec.Struct], path: Mapping[str, object], query: QueryDict) -> msgspec.Struct:
    """
    As `asked_in_body`, from a query: values are texts, an empty one of a field that is no text is as if it were not
    there, and only a field that is a list may be named several times.
    """
    given: dict[str, Any] = {}
    kinds = _kinds_of(shape)
    for name, values in query.lists():
        kind = kinds.get(name)
        texts = [value for value in values if isinstance(value, str) and (value != "" or kind == "text")]
        if kind == "list":
            given[name] = texts
        elif len(texts) > 1:
            raise BadField(name, "It is there more than once.")
        elif texts:
            given[name] = texts[0]
    return _asked(shape, path, given, strict=False)


def asked_in_body(
    shape: type[msgspec.Struct], path: Mapping[str, object], body: bytes, key: str | None = None
) -> msgspec.Struct:
    """
    What the path and a JSON body ask for together. `key` is the client key of the header, for a body that has none.

    Raises:
        BadField: no JSON object, a name in it twice, a field that is wrong, too many or missing, or one that says
            something else than the path or the header.
        NotFound: a number in the path that nothing can have.
    """
    given = _object_in(body)
    if key is not None and _CLIENT_KEY in shape.__struct_fields__:
        key = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
        if given.setdefault(_CLIENT_KEY, key) != key:
            raise BadField(_CLIENT_KEY, "The header Idempotency-Key says another one.")
    return _asked(shape, path, given, strict=True)


def _asked(
    shape: type[msgspec.Struct], path: Mapping[str, object], given: dict[str, Any], *, strict: bool
) -> msgspec.Struct:
    for name, value in path.items():
        if isinstance(value, int) and not 0 < value <= MOST_ID:
            raise _MISSING.get(name, errors.NotFound)
        if name in given and not _agrees(given[name], value, strict=strict):
            raise BadField(name, "The path says another one.")
        given[name] = value
    try:
        asked = msgspec.convert(given, shape, strict=strict)
    except (msgspec.ValidationError, RecursionError, ValueError) as error:
        raise bad_field(str(error)) from None
    if (fault := fault_in(asked)) is not None:
        raise BadField(*fault)
    return asked


def _agrees(given: object, in_path: object, *, strict: bool) -> bool:
    return (given == in_path and type(given) is type(in_path)) or (not strict and given == str(in_path))


def _object_in(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        # The first is strict about what a text or a number is, the second sees what is there twice.
        given = msgspec.json.decode(body)
        json.loads(body, object_pairs_hook=_once)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise bad_field(str(error)) from None
    if not isinstance(given, dict):
        raise BadField(_WHOLE, "A JSON object is expected.")
    return given


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("A name is there twice.")


def bad_field(text: str) -> BadField:
    """From what msgspec says of a value that has not the shape."""
    if (found := _PLACE.search(text)) is not None:
        return BadField(found[1] or _WHOLE, text[: found.start()])
    if (found := _FIELD.search(text)) is not None:
        return BadField(found[1], text)
    return BadField(_WHOLE, text)


_kinds: dict[type[msgspec.Struct], dict[str, str]] = {}


def _kinds_of(shape: type[msgspec.Struct]) -> dict[str, str]:
    """The fields that are lists or texts."""
    if shape not in _kinds:
        fields = cast(msgspec.inspect.StructType, msgspec.inspect.type_info(shape)).fields
        _kinds[shape] = {field.encode_name: _kind_of(field.type) for field in fields}
    return _kinds[shape]


def _kind_of(info: msgspec.inspect.Type) -> str:
    if isinstance(info, msgspec.inspect.CollectionType):
        return "list"
    if isinstance(info, msgspec.inspect.StrType):
        return "text"
    return next((kind for part in parts_of(info) if (kind := _kind_of(part))), "")
