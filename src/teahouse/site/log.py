"""Logging: one line an event, and no token in any line of this process, whoever writes it."""

import logging
import re
import textwrap
from typing import Any

_SECRETS = re.compile(
    # What stands behind `token=` in an address, also when the `=` is percent-encoded, and whatever looks like a JWT.
    # A stretch of letters is looked at once, from its beginning: text of others may be long, and the loop waits here.
    r"((?:token|refresh|access|password|sessionid)(?:=|%3D))[^&\s\"'<>]+"
    r"|(?<![\w-])(?=[\w-]*eyJ)[\w-]++(?:\.|%2E)[\w-]{5,}+(?:\.|%2E)[\w-]*"
    r"|(bearer(?:\s|%20|\+)+)[\w.~+/-]+=*",
    re.IGNORECASE,
)
_BREAKS = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), *range(127, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
_BREAKS_BUT_LINES = {code: shown for code, shown in _BREAKS.items() if code != ord("\n")}


def redacted(text: str) -> str:
    """`text` without what would let a reader of logs sign in."""
    return _SECRETS.sub(lambda match: f"{match[1] or match[2] or ''}[redacted]", text)


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
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "teahouse": plain,
            "django": plain | {"level": "WARNING" if level != "DEBUG" else "INFO"},
            "uvicorn": plain,
            # One line a request is the proxy's to write.
            "uvicorn.access": plain | {"level": "WARNING"},
        },
    }
