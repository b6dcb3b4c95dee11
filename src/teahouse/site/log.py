"""Logging: one line an event, and no token in any line of this process, whoever writes it."""

import logging
import re
import textwrap
from typing import Any

_SECRETS = re.compile(
    # What stands behind `token=` in an address, also when the `=` is percent-encoded, and behind `"token":` in JSON or
    # a dict; the user and the password of an address; whatever looks like a JWT; any long value, by whatever name.
    # A stretch of letters is looked at once, from its beginning: text of others may be long, and the loop waits here.
    r"((?:token|refresh|access|password|sessionid)\d?(?:=|%3D|\\?[\"']\s*+[:=]\s*+)(?:[\[(]?b?\\?([\"']))?)"
    r"(?(2)(?:\\.|(?!\2)[^\\\n])++|[^&\s\"'<>]++)"
    r"|((?:rediss?|postgres(?:ql)?)://)[^\s\"'<>]{1,300}@"
    r"|(://)(?:[^\s/?#@\"'<>]*+@)++"
    r"|(?<![\w-])(?=[\w-]*eyJ)[\w-]++(?:\.|%2E)[\w-]{5,}+(?:\.|%2E)[\w-]*"
    r"|(bearer(?:\s|%20|\+)+)[\w.~+/-]+=*"
    r"|(=|%3D)[^&\s\"'<>]{100,}+"
    # The secret of an invite link, which makes accounts.
    r"|((?:/|%2F)invite(?:/|%2F))[^\s/?#&%\"'<>]{20,}+",
    re.IGNORECASE,
)
_KEPT = (1, 3, 4, 5, 6, 7)
_BREAKS = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), *range(127, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
_BREAKS_BUT_LINES = {code: shown for code, shown in _BREAKS.items() if code != ord("\n")}


def redacted(text: str) -> str:
    """`text` without what would let a reader of logs sign in."""
    return _SECRETS.sub(_without_secret, text)


def _without_secret(match: re.Match[str]) -> str:
    kept = next((match[group] for group in _KEPT if match[group]), "")
    return f"{kept}[redacted]{'@' if kept.endswith('://') else ''}"


class OfOneLine(logging.Filter):
    """A host that is not allowed is told from a fault: without a traceback, and with the variable that allows it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info is None:
            return True  # Django sets logging up each time it is set up itself, and adds this filter each time.
        record.msg = f"{record.getMessage()} Here that is TEAHOUSE_ALLOWED_HOSTS, or TEAHOUSE_PUBLIC_URL."
        record.args = ()
        record.exc_info = None
        return True


class RedactedRecord(logging.LogRecord):
    """Every record of the process is one of these, so that handlers of the server in front are covered too."""

    def getMessage(self) -> str:
        return redacted(super().getMessage())


class LineFormatter(logging.Formatter):
    """Control characters are shown, not obeyed; a traceback follows on lines of its own, which begin with a space."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = record.message.translate(_BREAKS)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        # Indented, since an exception may say what somebody sent: no line of it passes for one of ours.
        return textwrap.indent(redacted(super().formatException(ei)).translate(_BREAKS_BUT_LINES), "  ", bool)


def config(level: str) -> dict[str, Any]:
    """For Django's LOGGING; also takes over what uvicorn says."""
    logging.setLogRecordFactory(RedactedRecord)
    plain = {"handlers": ["stderr"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": LineFormatter, "format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}
        },
        "filters": {"disallowed_host": {"()": OfOneLine}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "teahouse": plain,
            "django": plain | {"level": "WARNING" if level != "DEBUG" else "INFO"},
            "django.security.DisallowedHost": {"filters": ["disallowed_host"]},
            "uvicorn": plain,
            # One line a request is the proxy's to write.
            "uvicorn.access": plain | {"level": "WARNING"},
        },
    }
