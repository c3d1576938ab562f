"""What executors do with logs: look at them, and read them into files of rows by the very readers of one machine.

A task may be run again where its executor was lost. So it writes only files of names of their own, and what it wrote
counts only if its answer arrives.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphmap.errors import EngineError
from graphmap.pipeline.ingest import GATHERED_ROWS, FileReport, Status, Tally, read_batches
from graphmap.pipeline.reading import DAMAGED, UNRECOGNISED, explain, look
from graphmap.readers.base import ReadOptions, Source
from graphmap.readers.sources import Found, file_sources, path_text
from graphmap.readers.spools import Spools
from graphmap.spark.staging import LOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphmap.pipeline.reading import Log

TABLES = ("events", "rejects")
ORDER = ("log", "row")
"""Columns that say where a row comes in one machine's order: the number of its log, and its place there."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How logs are read; the same for all of an ingest.

    Parameters
    ----------
    options, host
        What the user says about the logs.
    caught
        What of a reader's is reported beside its file.
    """

    options: ReadOptions
    host: str | None
    caught: tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A log that some executor looked at: its file by number, its name, and its Tally, or why it has none."""

    file: int
    name: str
    size: int
    log: Tally | FileReport


@dataclass(frozen=True, slots=True)
class Wanted:
    """Logs of one file that are to be read: by name the number of each in the order of all, and what is known of it.

    `known` are fingerprints of content that began like this and is in the lake; `size` is that of the file.
    """

    found: Found
    numbers: dict[str, int]
    known: dict[str, frozenset[str]]
    size: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What a task has read: what became of each log by number, and the files with their rows."""

    logs: dict[int, Tally | str | None] = field(default_factory=dict)
    """A fingerprint for content that is in the lake already; None for a log that is not there any more."""
    files: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in TABLES})
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))


def look_at(files: Iterable[tuple[int, Found]], reading: Reading) -> Iterator[Seen]:
    """Find the reader of each log in some files; a file that cannot be looked at is reported."""
    for number, found in files:
        name = path_text(found.path)
        try:
            size = found.path.stat().st_size
            for source in file_sources(found, host=reading.host):
                yield Seen(number, source.name, size, _looked(source, reading))
        except reading.caught as error:
            yield Seen(number, name, 0, FileReport(name, Status.UNREADABLE, problem=explain(error)))


def read(shares: Iterable[tuple[Wanted, ...]], reading: Reading, folder: str) -> Iterator[Taken]:
    """Read logs; their rows go to files in a folder.

    Raises
    ------
    EngineError
        The folder of the driver's is not there.
    """
    if not (Path(folder) / LOCK).exists():
        raise EngineError(f"executors see no {folder}")
    writer = _Writer(Path(folder))
    for item in chain.from_iterable(shares):
        left = dict(item.numbers)
        for source in _sources(item, reading):
            if (number := left.pop(source.name, None)) is not None:
                writer.taken.logs[number] = _read(source, number, item, reading, writer)
        writer.taken.logs.update(dict.fromkeys(left.values()))
    writer.flush()
    yield writer.taken


def _sources(item: Wanted, reading: Reading) -> Iterator[Source]:
    try:
        yield from file_sources(item.found, host=reading.host, spools=Spools())
    except OSError:  # the file is gone
        return


def _looked(source: Source, reading: Reading) -> Tally | FileReport:
    try:
        log = look(source, reading.options)
    except reading.caught as error:
        return FileReport(source.name, Status.UNREADABLE, problem=explain(error))
    return FileReport(source.name, Status.UNRECOGNISED, problem=UNRECOGNISED) if log is None else Tally.of(log)


def _read(source: Source, number: int, item: Wanted, reading: Reading, writer: _Writer) -> Tally | str | None:
    try:
        log = look(source, reading.options)
    except reading.caught:
        return None
    if log is None:
        return None
    fingerprint = _known(log, item.known.get(source.name, frozenset()))
    if fingerprint is not None:
        return fingerprint
    tally = Tally.of(log)
    for batch in read_batches(log, tally, reading.caught):
        writer.add(number, batch.events, batch.rejects)
    return tally


def _known(log: Log, known: frozenset[str]) -> str | None:
    """The fingerprint of content that is in the lake; None where it is not."""
    if not known:
        return None
    try:
        fingerprint = log.fingerprint()
    except DAMAGED:
        return None  # reading it will say what is wrong
    return fingerprint if fingerprint in known else None


class _Writer:
    """Writes rows as they come; memory is that of one gathering."""

    def __init__(self, folder: Path) -> None:
        self.taken = Taken()
        self._folder = folder
        self._gathered: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
        self._rows = dict.fromkeys(TABLES, 0)
        self._next: dict[tuple[str, int], int] = {}

    def add(self, log: int, events: pl.DataFrame, rejects: pl.DataFrame) -> None:
        for name, frame in zip(TABLES, (events, rejects), strict=True):
            if frame.is_empty():
                continue
            first = self._next.get((name, log), 0)
            self._next[name, log] = first + frame.height
            place = (pl.lit(log, pl.Int64).alias("log"), pl.int_range(first, first + frame.height).alias("row"))
            self._gathered[name].append(frame.with_columns(*place))
            self._rows[name] += frame.height
            if self._rows[name] >= GATHERED_ROWS:
                self._write(name)

    def flush(self) -> None:
        for name in self._gathered:
            if self._gathered[name]:
                self._write(name)

    def _write(self, name: str) -> None:
        path = self._folder / f"{name}-{uuid.uuid4().hex}.parquet"
        pl.concat(self._gathered[name]).write_parquet(path, compression="lz4")
        self.taken.files[name].append(str(path))
        self.taken.rows[name] += self._rows[name]
        self._gathered[name].clear()
        self._rows[name] = 0
