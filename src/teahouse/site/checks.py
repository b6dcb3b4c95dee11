"""`manage.py check`, and every start: are the settings of our apps of the right shape?"""

from typing import Any

import msgspec
from django.core.checks import CheckMessage, Error, register

from teahouse.chat.conf import conf


@register()
def chat_settings_are_right(**_: Any) -> list[CheckMessage]:
    try:
        conf()
    except msgspec.ValidationError as error:
        return [Error(f"settings.TEAHOUSE_CHAT: {error}", id="teahouse.E002")]
    return []
