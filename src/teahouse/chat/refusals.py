"""What each refusal of `chat.errors` is called at the doors: a status over HTTP, an error code over the native door."""

from typing import NamedTuple

from teahouse.chat import errors


class Refusal(NamedTuple):
    """`code` is 1000 to 1999, of an RPC's error; `status` is of HTTP."""

    status: int
    code: int


TRY_AGAIN = Refusal(503, 1000)

_REFUSALS: dict[type[errors.ChatError], Refusal] = {
    errors.ChatError: Refusal(400, 1001),
    errors.BadArgument: Refusal(400, 1002),
    errors.BadBody: Refusal(400, 1003),
    errors.BadFile: Refusal(415, 1004),
    errors.NotFound: Refusal(404, 1010),
    errors.NotAMember: Refusal(404, 1011),
    errors.NoSuchPerson: Refusal(404, 1012),
    errors.NoSuchMessage: Refusal(404, 1013),
    errors.NoSuchFile: Refusal(404, 1014),
    errors.NoSuchNotice: Refusal(404, 1015),
    errors.BadLink: Refusal(404, 1016),
    errors.Gone: Refusal(410, 1017),
    errors.NotAllowed: Refusal(403, 1020),
    errors.Muted: Refusal(403, 1021),
    errors.Banned: Refusal(403, 1022),
    errors.TooLate: Refusal(403, 1023),
    errors.Conflict: Refusal(409, 1030),
    errors.KeyConflict: Refusal(409, 1031),
    errors.Archived: Refusal(409, 1032),
    errors.TooMany: Refusal(409, 1033),
    errors.QuotaExceeded: Refusal(413, 1040),
    errors.TooSoon: Refusal(429, 1041),
}


def refusal_of(error: errors.ChatError) -> Refusal:
    return next(_REFUSALS[kind] for kind in type(error).__mro__ if kind in _REFUSALS)
