"""`manage.py check`, and every start: is `settings.TEAHOUSE_REALTIME` of the right shape, and are its paths there?"""

from typing import Any

import msgspec
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from teahouse.realtime.conf import Conf, conf
from teahouse.realtime.namespaces import Namespaces


@register()
def realtime_settings_are_right(**_: Any) -> list[CheckMessage]:
    try:
        current = conf()
    except (msgspec.ValidationError, ValueError) as error:
        return [Error(f"settings.TEAHOUSE_REALTIME: {error}", id="teahouse.E001")]
    if current.personal_channels and Namespaces(current.namespaces).of("#1") is None:
        return [
            Error(
                'settings.TEAHOUSE_REALTIME: personal_channels needs a namespace "": names like #1 have no other.',
                id="teahouse.E004",
            )
        ]
    return [
        Error(f"settings.TEAHOUSE_REALTIME: {where}: {problem}", id="teahouse.E003")
        for where, path in _paths_in(current)
        if (problem := _problem_with(path))
    ]


def _paths_in(current: Conf) -> list[tuple[str, str]]:
    paths = [("application", current.application)]
    for name, namespace in current.namespaces.items():
        if "." in namespace.may_subscribe:
            paths.append((f"namespaces[{name!r}].may_subscribe", namespace.may_subscribe))
    return paths


def _problem_with(path: str) -> str | None:
    try:
        return None if callable(import_string(path)) else f"{path} cannot be called"
    except ImportError as error:
        return str(error)
