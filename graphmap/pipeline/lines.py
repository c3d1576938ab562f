"""The records behind an answer, read back from where they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.model import Line, Witness
from graphmap.pipeline.reading import DAMAGED, explain
from graphmap.readers import READERS
from graphmap.readers.base import ReadOptions
from graphmap.readers.quotes import quote as quote_records
from graphmap.readers.sources import STANDARD_INPUT, find_sources
from graphmap.readers.spools import Spools
from graphmap.readers.unpacking import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from graphmap.readers.base import Quote, Reader
    from graphmap.store.lake import Lake

QUARTER = 15 * 60 * 1_000_000
"""Microseconds. Zones are apart by whole quarters of an hour, years by days: what a user may have said of stamps."""

CHARACTERS = 4000
"""How much of a record is shown."""
PIPED = "it was read from standard input, which cannot be read again"
FORGOTTEN = "the lake has no event of it any more"
CHANGED = "the file has been rotated or written anew since: it holds no such event there now"


@dataclass(frozen=True, slots=True)
class Quotation:
    """The text of a record, in one line or several; where it cannot be shown None, and in `problem` why."""

    text: str | None
    problem: str | None = None


class _Held(NamedTuple):
    """What an event has from its record itself."""

    time: datetime
    outcome: str
    user: str | None
    src_ip: str | None
    src_port: int | None
    src_host: str | None
    pid: int | None
    witness: str

    def fits(self, other: _Held) -> bool:
        """Whether `other` can be the same event, read from its record alone: then some of it may be missing."""
        words = ("user", "src_ip", "src_port", "pid", *(() if self.witness == Witness.CLIENT else ("src_host",)))
        pairs = ((getattr(self, name), getattr(other, name)) for name in words)
        apart = round((self.time - other.time).total_seconds() * 1_000_000)
        same = all(mine == theirs for mine, theirs in pairs if mine is not None and theirs is not None)
        return same and self.outcome == other.outcome and apart % QUARTER == 0


def quote(lines: Iterable[Line], lake: Lake, readers: Iterable[Reader] = ()) -> dict[Line, Quotation]:
    """Say of each line what its file has there, if that still is what was read from it.

    A log may have been rotated or written anew since. A record is quoted only where its reader reads every event from
    it that the lake has of it, so that nothing else is ever shown as the proof. Each file is read once, up to its last
    wanted record.

    Parameters
    ----------
    lines
        What to quote.
    lake
        The events that were read from them.
    readers
        The user's own, such as those of mapping files.
    """
    wanted = list(dict.fromkeys(lines))
    held = _held(lake, wanted)
    known = {reader.name: reader for reader in (*READERS, *readers)}
    quoted = dict.fromkeys(wanted, Quotation(None, FORGOTTEN))
    spools = Spools()
    for (file, name), events in held.items():
        if name in known:
            found = _found(known[name], file, events, spools)
        else:
            found = f"the reader {name} is not here: name its mapping with --mapping, or install what it came with"
        for number, told in events.items():
            record = found if isinstance(found, str) else found.get(number)
            quoted[Line(file, number)] = _judged(record, told)
    return quoted


def _held(lake: Lake, lines: list[Line]) -> dict[tuple[str, str], dict[int, list[_Held]]]:
    """What the lake has of lines: by file and reader, then by number."""
    where = pl.DataFrame({"file": [line.file for line in lines], "line": [line.line for line in lines]})
    events = (
        lake.scan(("reader", "file", "line", *_Held._fields))
        .filter(pl.col("file").is_in(where["file"].unique().to_list()))
        .join(where.lazy().cast({"file": pl.String, "line": pl.Int64}), on=["file", "line"], how="semi")
        .collect()
    )
    held: dict[tuple[str, str], dict[int, list[_Held]]] = {}
    for reader, file, line, *told in events.iter_rows():
        held.setdefault((file, reader), {}).setdefault(line, []).append(_Held(*told))
    return held


def _found(reader: Reader, file: str, numbers: Collection[int], spools: Spools) -> dict[int, Quote] | str:
    """The records that a file has; why it has none."""
    if file.partition(SEPARATOR)[0] == STANDARD_INPUT:
        return PIPED
    try:
        return {
            found.line: found
            for source in find_sources([file], spools=spools)
            for found in quote_records(reader, source, ReadOptions(), numbers)
        }
    except DAMAGED as error:
        return f"it cannot be shown: {explain(error)}"


def _judged(record: Quote | str | None, told: list[_Held]) -> Quotation:
    if isinstance(record, str):
        return Quotation(None, record)
    if record is None:
        return Quotation(None, CHANGED)
    there = [_Held(*row) for row in record.events.select(_Held._fields).iter_rows()]
    if not all(any(event.fits(other) for other in there) for event in told):
        return Quotation(None, CHANGED)
    more = len(record.text) - CHARACTERS
    return Quotation(f"{record.text[:CHARACTERS]} ... ({more:,} characters more)" if more > 0 else record.text)
