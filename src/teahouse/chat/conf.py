"""The chat's settings, `settings.TEAHOUSE_CHAT`, as one frozen object; checked by `manage.py check`."""

import functools

import msgspec
from django.conf import settings


class Conf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    # The room that everyone is in and that the article's broadcasts go to.
    lobby_slug: str = "lobby"
    lobby_name: str = "Lobby"
    max_body_chars: int = 10_000


@functools.lru_cache(maxsize=1)
def conf() -> Conf:
    """Raises msgspec.ValidationError for settings that are not of this shape."""
    return msgspec.convert(getattr(settings, "TEAHOUSE_CHAT", {}), Conf)
