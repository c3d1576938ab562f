"""graphmap's own JSON, and what all JSON shapes share."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from graphmap.documents import Document, time_text

if TYPE_CHECKING:
    from graphmap.alerts.message import Message

SCHEMA = "graphmap.alert/1"
"""Raised when a receiver would have to change; fields may be added without."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def alert_document(message: Message) -> Document:
    """``schema, id, output, created, test, findings``; each finding as `graphmap.alerts.message.Item.document`."""
    return {
        "schema": SCHEMA,
        "id": message.key,
        "output": message.output,
        "created": time_text(message.created),
        "test": message.test,
        "findings": [item.document() for item in message.items],
    }


def json_text(document: Document | str) -> str:
    """JSON in one line of ASCII: hidden characters are escapes in it, and half characters, which are none, replaced."""
    whole = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", json.dumps(document, ensure_ascii=False))
    return whole if whole.isascii() and "\x7f" not in whole else _ascii(whole)


def _ascii(text: str) -> str:
    return json.dumps(json.loads(text)).replace("\x7f", "\\u007f")
