"""Event and reject tables for tests, from the few columns that matter there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from graphmap.tables import EVENTS, REJECTS

START = datetime(2026, 3, 1, 12, tzinfo=UTC)

_EVENT = {
    "time": START,
    "action": "logon",
    "outcome": "success",
    "service": "ssh",
    "kind": "accepted",
    "dst_host": "db1",
    "repeat": 0,
    "reader": "test",
    "file": "a.log",
    "line": 1,
}
_REJECT = {"reason": "odd", "text": "?", "repeat": 0, "reader": "test", "file": "a.log", "line": 1}


def at(seconds: float) -> datetime:
    """That many seconds after START."""
    return START + timedelta(seconds=seconds)


def events(*rows: dict[str, Any]) -> pl.DataFrame:
    """EVENTS with these values; what a row does not say is the same for all."""
    return pl.DataFrame([dict.fromkeys(EVENTS) | _EVENT | row for row in rows], schema=EVENTS)


def rejects(*rows: dict[str, Any]) -> pl.DataFrame:
    """REJECTS with these values."""
    return pl.DataFrame([_REJECT | row for row in rows], schema=REJECTS)


def rows(frame: pl.DataFrame | pl.LazyFrame) -> list[tuple[Any, ...]]:
    """The rows, sorted, nulls first."""
    return frame.lazy().collect().sort(pl.all(), nulls_last=False).rows()
