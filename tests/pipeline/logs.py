"""Logs for tests of the pipeline: few connections, in both header formats, with all that ingest must tell apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.config import Settings
from graphmap.pipeline.ingest import IngestReport, ingest
from graphmap.readers.base import ReadOptions
from graphmap.store.lake import Lake
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 23, 58, tzinfo=UTC)
OPTIONS = ReadOptions(year=2026)


def message(number: int) -> str:
    """What sshd says in the n-th line; every seventh line is one that no rule knows."""
    if number % 7 == 6:
        return f"sshd[{number}]: Accepted nonsense {number} from nowhere"
    return f"sshd[{300 + number % 50}]: Accepted password for user{number % 3} from 10.0.0.{number % 5} port {1024 + number} ssh2"


def lines(count: int, *, host: str = "db1", first: int = 0, fine: bool = True, step: float = 2.5) -> list[str]:
    """Lines of one host, `step` seconds apart, over midnight."""
    return [
        f"{_stamp(START + timedelta(seconds=n * step), fine=fine)} {host} {message(n)}\n"
        for n in range(first, first + count)
    ]


def _stamp(time: datetime, *, fine: bool) -> str:
    return time.isoformat(timespec="microseconds") if fine else f"{time:%b} {time.day:2} {time:%H:%M:%S}"


def write(path: Path, content: list[str]) -> Path:
    """Write a log; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(content))
    return path


def take(home: Path, *paths: Path, **options: Any) -> IngestReport:
    """Ingest into this home, bugs escaping."""
    arguments: dict[str, Any] = {"options": OPTIONS} | options
    return ingest(paths, settings=Settings(home=home, debug=True), **arguments)


def table(home: Path, *columns: str) -> list[tuple[Any, ...]]:
    """All events in the lake, sorted; all columns where none are named."""
    return Lake(home / "lake").scan(columns or None).collect().sort(pl.all()).rows()


def content(home: Path) -> list[tuple[Any, ...]]:
    """All events in the lake without the place where each was read."""
    return table(home, *(name for name in EVENTS if name not in {"file", "line"}))


def reject_table(home: Path) -> list[tuple[Any, ...]]:
    """All rejects in the lake, sorted."""
    return Lake(home / "lake").rejects().sort(pl.all()).rows()
