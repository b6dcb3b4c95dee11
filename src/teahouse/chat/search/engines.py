"""The index of the database that is in use: `sqlite.py` or `postgresql.py`, and what both take and give."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from django.db import connection

from teahouse.chat.access import MOST_ID
from teahouse.chat.text.terms import Query

# Of several ids one, of several groups all: `("r3", "r7")` is "in room 3 or in room 7". See `documents.marks_of`.
Marks: TypeAlias = tuple[tuple[str, ...], ...]


class Document(NamedTuple):
    """
    A message as it is indexed: `source` is what was divided into `words`, `marks` says whose it is and what it has. All
    is made before the transaction that writes it.
    """

    message_id: int
    room_id: int
    number: int
    marks: str
    source: str
    words: str


class Wanted(NamedTuple):
    """What a hit has to have. Without terms the marks decide alone."""

    query: Query
    marks: Marks


class Part(NamedTuple):
    """
    Where to look: in these rooms, which have so many `messages`, among those with ids from `low` to `high`, both
    included. In the rooms of `first_numbers`, which are of `rooms`, only from that number on.
    """

    rooms: Sequence[int]
    first_numbers: Mapping[int, int]
    messages: int
    low: int = 1
    high: int = MOST_ID


class Engine(Protocol):
    """Writes are to be called in a transaction. What is given for reading is never more than was asked for."""

    def write(self, documents: Sequence[Document], gone: Sequence[int]) -> None:
        """Have these messages in the index as they are here, and those of `gone` not at all. Twice is as once."""

    def clear(self) -> None:
        """Nothing is in the index afterwards."""

    def hits(self, wanted: Wanted, part: Part, *, limit: int) -> list[int]:
        """Ids of messages, the highest first."""

    def hits_and_count(self, wanted: Wanted, part: Part, *, limit: int, most: int) -> tuple[list[int], int]:
        """The same, and how many there are, counted up to `most`, which is more than `limit`."""


def of(vendor: str) -> Engine:
    """For `connection.vendor`; both are imported only when they are in use."""
    if vendor == "sqlite":
        from teahouse.chat.search import sqlite

        return sqlite.ENGINE
    from teahouse.chat.search import postgresql

    return postgresql.ENGINE


def current() -> Engine:
    return of(connection.vendor)
