"""`manage.py check`, and every start: are the settings of our apps of the right shape?"""

from typing import Any

import msgspec
from django.core.checks import CheckMessage, Error, register

from teahouse.chat.conf import conf as chat_conf
from teahouse.realtime.conf import conf as realtime_conf


@register()
def settings_have_the_right_shape(**_: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    for name, conf, code in (
        ("TEAHOUSE_REALTIME", realtime_conf, "E001"),
        ("TEAHOUSE_CHAT", chat_conf, "E002"),
    ):
        try:
            conf()
        except msgspec.ValidationError as error:
            errors.append(Error(f"settings.{name}: {error}", id=f"teahouse.{code}"))
    return errors
