"""Tables as CSV (RFC 4180) that spreadsheets show and do not compute."""

from __future__ import annotations

import csv
import unicodedata
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING

from graphmap.documents import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet computes (OWASP, CSV injection)."""

HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Categories of characters that nobody sees and terminals and spreadsheets may obey."""


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV: times as RFC 3339, lists with `; ` between, nothing for None.

    Cells that begin as a formula get an apostrophe before them, characters that nobody sees become U+FFFD.
    """
    text = StringIO()
    write = csv.writer(text)
    write.writerow(columns)
    write.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def inert(text: str) -> str:
    """A text as a cell that is no formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def _cell(value: object) -> object:
    match value:
        case datetime():
            return time_text(value)
        case str():
            return inert("".join("\ufffd" if unicodedata.category(c) in HIDDEN else c for c in value))
        case list() | tuple():
            return _cell("; ".join(map(str, value)))
        case _:
            return value
