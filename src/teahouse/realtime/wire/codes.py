"""Every close code and error code, one sentence each. Anybody may import this."""

import enum
from typing import NamedTuple

# What a server may close with beside the numbers of RFC 6455, and what a close frame holds beside it (§5.5).
CLOSE_CODES = range(3000, 5000)
MOST_REASON_BYTES = 123


def may_return(code: int) -> bool:
    """Whether native clients come back after a disconnect with this code."""
    return not (3500 <= code < 4000 or 4500 <= code < 5000)


class _Ending(NamedTuple):
    classic: int
    native: int
    may_return: bool
    sentence: str


class Ending(_Ending, enum.Enum):
    """
    Why the server ends a connection.

    `classic` is the close code on the article's protocol (the 4000s are the article's own, the others RFC 6455
    §7.4.1 and the IANA registry). `native` is the one on the Centrifuge protocol, where the number says what a client
    does: below 3500 and from 4000 to 4499 it comes back, from 3500 and from 4500 it stays away. `may_return` says
    whether the same client with the same credential may come back.
    """

    NO_TOKEN = 4001, 3500, False, "The address carries no token."
    BAD_TOKEN = 4003, 3500, False, "The token is not valid, or not any more."
    SIGNED_OUT = 4003, 3503, False, "The login session has ended, or the person may not sign in any more."
    TOKEN_EXPIRED = 4003, 3005, False, "The token has expired; come back with a new one."
    FAULT = 4000, 3004, True, "Something failed on our side; try again."
    DRAIN = 1012, 3001, True, "The server restarts; come back."
    SLOW = 1013, 3008, True, "The connection reads too slowly; come back."
    TOO_MANY = 1013, 3013, True, "Too many connections; come back later."
    FRAME_TOO_BIG = 1009, 1009, False, "A frame was larger than allowed."
    BINARY_FRAME = 1003, 1003, False, "A binary frame came where text is due."
    # Only the native protocol has words for these; the classic numbers are there for the sake of the table.
    SUBSCRIPTION_EXPIRED = 1000, 3006, True, "A subscription of the server's has expired."
    INSUFFICIENT_STATE = 1012, 3010, True, "Something was missed that cannot be filled; come back."
    FORCE_RECONNECT = 1012, 3011, True, "Come back."
    NO_PONG = 1001, 3012, True, "A ping was not answered."
    BAD_REQUEST = 1002, 3501, False, "The protocol was not kept."
    STALE = 1001, 3502, False, "Nobody has connected in time."
    FORCE_DISCONNECT = 4003, 3503, False, "The connection was ended by the server."
    CHANNEL_LIMIT = 1008, 3505, False, "Too many subscriptions of the server's."
    NOT_AVAILABLE = 1003, 3508, False, "Nobody here takes what was sent."


class _Error(NamedTuple):
    code: int
    message: str
    is_temporary: bool = False


class Error(_Error, enum.Enum):
    """Why a command of the Centrifuge protocol failed. 400 to 1999 are for applications."""

    INTERNAL = 100, "internal server error", True
    UNAUTHORIZED = 101, "unauthorized"
    UNKNOWN_CHANNEL = 102, "unknown channel"
    PERMISSION_DENIED = 103, "permission denied"
    METHOD_NOT_FOUND = 104, "method not found"
    ALREADY_SUBSCRIBED = 105, "already subscribed"
    LIMIT_EXCEEDED = 106, "limit exceeded"
    BAD_REQUEST = 107, "bad request"
    NOT_AVAILABLE = 108, "not available"
    TOKEN_EXPIRED = 109, "token expired"
    EXPIRED = 110, "expired"
    TOO_MANY_REQUESTS = 111, "too many requests", True
    UNRECOVERABLE_POSITION = 112, "unrecoverable position"


class Unsubscribed(int, enum.Enum):
    """Why the server took a subscription away: below 2500 the client lets go, from 2500 it subscribes again."""

    SERVER = 2000
    INSUFFICIENT_STATE = 2500
    EXPIRED = 2501
