"""The column is narrower than the messages, and the database cuts them without a word."""

from teahouse.chat.services import sending
from tests.faults.broken.seams import replace

_CHARS = 100


def apply() -> None:
    row_of = sending._row_of
    body = sending._MESSAGE_COLUMNS.index("body")

    def cut_row_of(one: sending._New, at: object) -> tuple[object, ...]:
        row = row_of(one, at)
        return (*row[:body], str(row[body])[:_CHARS], *row[body + 1 :])

    replace(sending, "_row_of", cut_row_of)
