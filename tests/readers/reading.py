"""Read bytes or messages as a log, and look at the answer."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.readers import READERS, ReadOptions, Source

if TYPE_CHECKING:
    from graphmap.readers import Reader

HEADER = "2026-03-01T10:00:00+00:00 srv sshd[7]: "
MODIFIED = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Reading:
    events: pl.DataFrame
    rejects: pl.DataFrame
    lines: int
    context: int
    other: int

    def rows(self, *columns: str) -> list[dict[str, Any]]:
        """The events, as dictionaries of the columns asked for, or of those that are not null."""
        rows = self.events.to_dicts()
        if columns:
            return [{name: row[name] for name in columns} for row in rows]
        return [{name: value for name, value in row.items() if value is not None} for row in rows]

    def reasons(self) -> list[str]:
        return self.rejects["reason"].to_list()

    def accounted(self) -> int:
        """Lines that are somewhere: each counts once, however many events it stands for."""
        return self.events["line"].n_unique() + len(self.rejects) + self.context + self.other


def source(data: bytes, *, modified: datetime | None = MODIFIED, host: str | None = None) -> Source:
    return Source("x.log", lambda: io.BytesIO(data), modified, host)


def read_source(log: Source, *, reader: Reader | str = "sshd", options: ReadOptions | None = None) -> Reading:
    if isinstance(reader, str):
        reader = READERS[reader]
    batches = list(reader.read(log, options or ReadOptions()))
    return Reading(
        events=pl.concat([batch.events for batch in batches]),
        rejects=pl.concat([batch.rejects for batch in batches]),
        lines=sum(batch.lines for batch in batches),
        context=sum(batch.context for batch in batches),
        other=sum(batch.other for batch in batches),
    )


def read_bytes(data: bytes, **named: Any) -> Reading:
    options = named.pop("options", None)
    reader = named.pop("reader", "sshd")
    return read_source(source(data, **named), reader=reader, options=options)


def read_lines(*lines: str, **named: Any) -> Reading:
    return read_bytes("".join(f"{line}\n" for line in lines).encode(), **named)


def read_messages(*messages: str, program: str = "sshd[7]") -> Reading:
    """Read messages behind a header that says nothing of interest."""
    return read_lines(*(HEADER.replace("sshd[7]", program) + message for message in messages))
