"""Log text as a figure may hold it: Plotly reads some HTML in every text that it draws."""

from __future__ import annotations

import unicodedata
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of characters that are not seen or change how others are shown."""

LONGEST = 24
"""Characters of a label."""


def inert(text: str) -> str:
    """Text that is shown letter for letter: no tag, entity, line break or change of direction takes effect."""
    seen = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in HIDDEN else c for c in text)
    return seen.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def label(name: str) -> str:
    """A name short enough to stand beside its node, cut in the middle; not yet inert."""
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST // 2]}…{name[-(LONGEST // 2 - 1) :]}"


def moment(time: datetime) -> str:
    """A moment as figures write it, UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def length(span: timedelta) -> str:
    """How long something took: ``6 m 29 s``, its two largest units."""
    seconds = int(span.total_seconds())
    parts = ((seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "0 s"
