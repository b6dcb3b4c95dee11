"""The close codes, number by number: clients depend on them."""

import pytest

from teahouse.realtime.wire.codes import Ending

# On the article's protocol, on the Centrifuge protocol, whether to come back.
TABLE = {
    "NO_TOKEN": (4001, 3500, False),
    "BAD_TOKEN": (4003, 3500, False),
    "SIGNED_OUT": (4003, 3503, False),
    "TOKEN_EXPIRED": (4003, 3005, False),
    "FAULT": (4000, 3004, True),
    "DRAIN": (1012, 3001, True),
    "SLOW": (1013, 3008, True),
    "TOO_MANY": (1013, 3013, True),
    "FRAME_TOO_BIG": (1009, 1009, False),
    "BINARY_FRAME": (1003, 1003, False),
    "SUBSCRIPTION_EXPIRED": (1000, 3006, True),
    "INSUFFICIENT_STATE": (1012, 3010, True),
    "FORCE_RECONNECT": (1012, 3011, True),
    "NO_PONG": (1001, 3012, True),
    "BAD_REQUEST": (1002, 3501, False),
    "STALE": (1001, 3502, False),
    "FORCE_DISCONNECT": (4003, 3503, False),
    "CHANNEL_LIMIT": (1008, 3505, False),
    "NOT_AVAILABLE": (1003, 3508, False),
}


def test_every_ending_has_its_number_and_says_whether_to_come_back() -> None:
    # `__members__` also lists members that are another one's alias, which equal rows of the table would make them.
    assert {
        name: (ending.classic, ending.native, ending.may_return) for name, ending in Ending.__members__.items()
    } == TABLE
    assert len(TABLE) == len(list(Ending))


@pytest.mark.parametrize("ending", list(Ending), ids=lambda ending: ending.name)
def test_the_sentence_fits_a_close_frame(ending: Ending) -> None:
    # RFC 6455 §5.5: 125 bytes, two of which are the code.
    assert len(ending.sentence.encode()) <= 123
    assert ending.sentence.endswith(".")
