"""The close codes, number by number: clients depend on them."""

import pytest

from teahouse.realtime.wire.codes import Ending

TABLE = {
    "NO_TOKEN": (4001, False),
    "BAD_TOKEN": (4003, False),
    "SIGNED_OUT": (4003, False),
    "TOKEN_EXPIRED": (4003, False),
    "FAULT": (4000, True),
    "DRAIN": (1012, True),
    "SLOW": (1013, True),
    "TOO_MANY": (1013, True),
    "FRAME_TOO_BIG": (1009, False),
    "BINARY_FRAME": (1003, False),
}


def test_every_ending_has_its_number_and_says_whether_to_come_back() -> None:
    # `__members__` also lists members that are another one's alias, which equal rows of the table would make them.
    assert {name: (ending.classic, ending.may_return) for name, ending in Ending.__members__.items()} == TABLE
    assert len(TABLE) == len(list(Ending))


@pytest.mark.parametrize("ending", list(Ending), ids=lambda ending: ending.name)
def test_the_sentence_fits_a_close_frame(ending: Ending) -> None:
    # RFC 6455 §5.5: 125 bytes, two of which are the code.
    assert len(ending.sentence.encode()) <= 123
    assert ending.sentence.endswith(".")
