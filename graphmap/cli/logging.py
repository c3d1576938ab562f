"""What programs that stay say while they work: a line each on standard error, as text or as JSON."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from graphmap.documents import time_text


class _Lines(logging.Formatter):
    """Time, level and message; a message never breaks a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one."""
        text = record.getMessage().replace("\n", "\\n")
        return f"{_time(record)} {record.levelname.lower()} {text}"


class _Json(logging.Formatter):
    """One JSON object a line: time, level, logger, message and, where there was one, the exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one."""
        document = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        return json.dumps(document)


def set_up(style: str) -> None:
    """Let the loggers of graphmap speak from INFO on, others from WARNING on; `style` is ``text`` or ``json``."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if style == "json" else _Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("graphmap").setLevel(logging.INFO)


def _time(record: logging.LogRecord) -> str:
    return time_text(datetime.fromtimestamp(record.created, UTC))
