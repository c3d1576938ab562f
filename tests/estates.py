"""Small logs, read by the product's own reader, and the estates that they show."""

from __future__ import annotations

import io
from datetime import datetime
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.identity import EMPTY, parse_inventory
from graphmap.pipeline.estate import Estate
from graphmap.readers import READERS, ReadOptions, Source

if TYPE_CHECKING:
    from collections.abc import Iterable


def read(text: str, *, file: str = "auth.log") -> pl.DataFrame:
    """The EVENTS of a log, of 2026 where it names no year; a line that is not understood is a mistake in the test."""
    source = Source(file, lambda: io.BytesIO(dedent(text).lstrip("\n").encode()))
    batches = list(READERS["sshd"].read(source, ReadOptions(year=2026)))
    assert [row for batch in batches for row in batch.rejects.rows()] == []
    return pl.concat([batch.events for batch in batches])


def estate(*logs: str, inventory: str = "") -> Estate:
    """The estate of logs, which are called 1.log, 2.log ..., or auth.log where there is one, and a YAML inventory."""
    names = ["auth.log"] if len(logs) == 1 else [f"{number}.log" for number in range(1, len(logs) + 1)]
    events = pl.concat([read(text, file=name) for text, name in zip(logs, names, strict=True)])
    return Estate(events, parse_inventory(dedent(inventory), "inventory.yaml") if inventory else EMPTY)


def plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries of what is not null; times as text without zone, lines as ``file:line``."""
    return [
        {name: _plain(value) for name, value in row.items() if value is not None} for row in frame.iter_rows(named=True)
    ]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None)}"
    if isinstance(value, dict):
        return f"{value['file']}:{value['line']}"
    return [_plain(one) for one in value] if isinstance(value, list) else value


def rfc3164(lines: Iterable[str]) -> str:
    """The same log as rsyslog's traditional format writes it: no year, no fractions, local time without a zone."""
    return "".join(f"{_short(line.partition(' ')[0])} {line.partition(' ')[2]}\n" for line in lines)


def _short(stamp: str) -> str:
    time = datetime.fromisoformat(stamp)
    return f"{time:%b} {time.day:2} {time:%H:%M:%S}"
