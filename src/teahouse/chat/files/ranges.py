"""Pure: which bytes a request asks for, or says that it brings (RFC 9110 §14)."""

import re
from typing import NamedTuple

# More digits than any file has bytes are no number to us, and cost nothing to refuse.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII | re.IGNORECASE)


class Range(NamedTuple):
    """Both included, from 0."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class ContentRange(NamedTuple):
    first: int
    last: int
    total: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class NotSatisfiable(Exception):
    """None of the bytes that are asked for exist."""


def asked_range(header: str, size_bytes: int) -> Range | None:
    """
    Of a `Range` header. None, for the whole, when it has several ranges or is not understood, as §14.2 allows.

    Raises:
        NotSatisfiable
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(0).endswith("=-"):
        return None
    first, last = match.groups()
    if not first:
        # The last so many bytes.
        length = min(int(last), size_bytes)
        if length == 0:
            raise NotSatisfiable
        return Range(size_bytes - length, size_bytes - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size_bytes:
        raise NotSatisfiable
    return Range(int(first), min(int(last), size_bytes - 1) if last else size_bytes - 1)


def content_range(header: str) -> ContentRange | None:
    """Of a `Content-Range` header that names its total; None when it is not understood."""
    match = _CONTENT_RANGE.fullmatch(header.strip())
    if match is None:
        return None
    found = ContentRange(*map(int, match.groups()))
    return found if found.first <= found.last < found.total else None
