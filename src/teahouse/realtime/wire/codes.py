"""Why a connection ends, and the close code that says so on each protocol. Anybody may import this."""

import enum
from typing import NamedTuple


class _Ending(NamedTuple):
    classic: int
    may_return: bool
    sentence: str


class Ending(_Ending, enum.Enum):
    """
    Why the server ends a connection.

    `classic` is the close code on the article's protocol (the 4000s are the article's own, the others RFC 6455
    §7.4.1 and the IANA registry); `may_return` says whether the same client with the same credential may come back.
    """

    NO_TOKEN = 4001, False, "The address carries no token."
    BAD_TOKEN = 4003, False, "The token is not valid, or not any more."
    SIGNED_OUT = 4003, False, "The login session has ended, or the person may not sign in any more."
    TOKEN_EXPIRED = 4003, False, "The token has expired; come back with a new one."
    FAULT = 4000, True, "Something failed on our side; try again."
    DRAIN = 1012, True, "The server restarts; come back."
    SLOW = 1013, True, "The connection reads too slowly; come back."
    TOO_MANY = 1013, True, "Too many connections; come back later."
    FRAME_TOO_BIG = 1009, False, "A frame was larger than allowed."
    BINARY_FRAME = 1003, False, "A binary frame came where text is due."
