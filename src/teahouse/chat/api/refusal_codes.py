"""The codes of all refusals that there are, for descriptions."""

import inspect

from teahouse.chat import errors
from teahouse.chat.refusals import TRY_AGAIN, refusal_of


def codes_by_slug() -> dict[str, int]:
    """By code; `try_again` among them, which is no refusal."""
    codes = {"try_again": TRY_AGAIN.code}
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.ChatError):
            codes[kind.slug] = refusal_of(kind.__new__(kind)).code
    return dict(sorted(codes.items(), key=lambda slug_and_code: slug_and_code[1]))
