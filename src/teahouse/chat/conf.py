"""The chat's settings, `settings.TEAHOUSE_CHAT`, as one frozen object; checked by `manage.py check`."""

import functools
from typing import Annotated

import msgspec
from django.conf import settings

_Count = Annotated[int, msgspec.Meta(ge=1)]


class Conf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    # The room that everyone is in and that the article's broadcasts go to.
    lobby_slug: str = "lobby"
    lobby_name: str = "Lobby"
    max_body_chars: _Count = 10_000
    most_rooms_per_person: _Count = 2_000
    # Of a room of people that is found again by its people, with its founder.
    most_people_in_group: _Count = 16
    # That one person may begin: nobody is asked whether they want to be in one.
    most_groups_begun: _Count = 500
    most_emoji_per_message: _Count = 50
    # With all of them: who reacted is named wherever the message is shown.
    most_reactions_per_message: _Count = 2_000
    most_pins_per_room: _Count = 100
    max_files_per_message: _Count = 10
    max_file_bytes: _Count = 50 * 1024 * 1024
    user_quota_bytes: _Count = 2 * 1024**3
    room_quota_bytes: _Count = 20 * 1024**3


@functools.lru_cache(maxsize=1)
def conf() -> Conf:
    """Raises msgspec.ValidationError for settings that are not of this shape."""
    return msgspec.convert(getattr(settings, "TEAHOUSE_CHAT", {}), Conf)
