"""Teahouse's own site with one namespace more, in which people who are signed in may publish."""

from teahouse.site.settings import *  # noqa: F403
from teahouse.site.settings import TEAHOUSE_REALTIME

TEAHOUSE_REALTIME = {
    **TEAHOUSE_REALTIME,
    "namespaces": {
        **TEAHOUSE_REALTIME.get("namespaces", {}),
        "bench": {"kind": "plain", "may_subscribe": "signed_in", "may_publish": "subscribers"},
    },
}
