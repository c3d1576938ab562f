"""Logs into the lake: every event once, every file accounted for, memory bounded.

Batches are gathered over files before they are written, since every write makes one file for each day in it. The order
is: rejects, events, then the ledger's word that a file is done. So a process that is killed at any moment leaves at
worst events whose file has no word yet; the next run reads that file again and adds only what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import Action, Outcome
from graphmap.pipeline.reading import DAMAGED, UNRECOGNISED, Log, explain, look
from graphmap.readers.base import ReadOptions, Source
from graphmap.readers.sources import find_sources
from graphmap.store.lake import Lake
from graphmap.store.ledger import FileRecord, Ledger
from graphmap.tables import EVENTS, REJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from graphmap.config import Settings
    from graphmap.readers.base import Batch

GATHERED_ROWS = 125_000
"""Events and rejects gathered before they are written."""

_COUNTS: tuple[str, ...] = ("bytes", "lines", "events", "added", "context", "other", "rejects")


class Status(StrEnum):
    """What became of a file."""

    ADDED = "added"
    """Read to its end; its events are in the lake, be they new or known."""
    ALREADY = "already"
    """This very content was ingested before; not read again."""
    UNRECOGNISED = "unrecognised"
    UNREADABLE = "unreadable"
    PARTIAL = "partial"
    """The reading broke off; what came before is in the lake, and the next run tries again."""


class Stage(StrEnum):
    """What an ingest is doing, for its progress."""

    LOOK = "look"
    CHECK = "check"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. Counts are those of this run, and 0 where it was not read; see `FileRecord`.

    `logons` and `failures` are the logons that succeeded and those that were refused among the events; `hosts` are the
    hosts that the events name as their own.
    """

    file: str
    status: Status
    reader: str | None = None
    problem: str | None = None
    lines: int = 0
    events: int = 0
    added: int = 0
    duplicates: int = 0
    context: int = 0
    other: int = 0
    rejects: int = 0
    first: datetime | None = None
    last: datetime | None = None
    logons: int = 0
    failures: int = 0
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReaderReport:
    """What an ingest read by one reader: numbers of files, events, logons and so on, and the time of the events."""

    reader: str
    files: int
    events: int
    logons: int
    failures: int
    rejects: int
    hosts: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, one entry a file in the order in which they were found."""

    files: tuple[FileReport, ...]

    def count(self, status: Status) -> int:
        """How many files have this status."""
        return sum(file.status is status for file in self.files)

    def total(self, column: str) -> int:
        """The sum of a count such as ``added`` over all files."""
        return sum(getattr(file, column) for file in self.files)

    def by_reader(self) -> list[ReaderReport]:
        """What was read by each reader in this run, by its name."""
        read: dict[str, list[FileReport]] = {}
        for file in self.files:
            if file.reader and file.lines:
                read.setdefault(file.reader, []).append(file)
        return [
            ReaderReport(
                reader=name,
                files=len(files),
                events=sum(file.events for file in files),
                logons=sum(file.logons for file in files),
                failures=sum(file.failures for file in files),
                rejects=sum(file.rejects for file in files),
                hosts=len(frozenset().union(*(file.hosts for file in files))),
                first=min((file.first for file in files if file.first), default=None),
                last=max((file.last for file in files if file.last), default=None),
            )
            for name, files in sorted(read.items())
        ]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an ingest stands.

    Parameters
    ----------
    stage, file
        What it is doing, and with which file.
    done, files
        Files dealt with, of how many.
    position
        Decompressed bytes read of this file.
    lines, events
        Read so far over all files.
    """

    stage: Stage
    file: str
    done: int
    files: int
    position: int
    lines: int
    events: int


@dataclass(slots=True)
class Tally:
    """What is known so far of a file that is read; name, reader and the others first as its `Log` has them."""

    name: str
    reader: str
    head: str
    fine: bool
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    first: datetime | None = None
    last: datetime | None = None
    fingerprint: str | None = None
    problem: str | None = None
    logons: int = 0
    failures: int = 0
    hosts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, log: Log) -> Tally:
        """Begin to count a log."""
        return cls(log.source.name, log.reader.name, log.head, log.fine)

    def take(self, batch: Batch) -> None:
        """Count a batch."""
        counts = self.counts
        counts["bytes"] = max(counts["bytes"], batch.position)
        counts["lines"] += batch.lines
        counts["context"] += batch.context
        counts["other"] += batch.other
        counts["events"] += batch.events.height
        counts["rejects"] += batch.rejects.height
        if batch.events.height:
            logon, outcome = pl.col("action") == Action.LOGON, pl.col("outcome")
            low, high, logons, failures = batch.events.select(
                low=pl.col("time").min(),
                high=pl.col("time").max(),
                logons=(logon & (outcome == Outcome.SUCCESS)).sum(),
                failures=(logon & (outcome == Outcome.FAILURE)).sum(),
            ).row(0)
            self.logons += logons
            self.failures += failures
            self.hosts.update(batch.events["dst_host"].drop_nulls().unique())
            self.first = low if self.first is None else min(self.first, low)
            self.last = high if self.last is None else max(self.last, high)

    def record(self, fingerprint: str) -> FileRecord:
        """What the ledger is told of the file, once all its rows are in the lake."""
        return FileRecord(
            fingerprint=fingerprint,
            head=self.head,
            name=self.name,
            reader=self.reader,
            duplicates=self.counts["events"] - self.counts["added"],
            first=self.first,
            last=self.last,
            **self.counts,
        )

    def report(self) -> FileReport:
        """What became of the file."""
        counts = {name: count for name, count in self.counts.items() if name != "bytes"}
        return FileReport(
            file=self.name,
            status=self._status(),
            reader=self.reader,
            problem=self.problem,
            duplicates=counts["events"] - counts["added"],
            first=self.first,
            last=self.last,
            logons=self.logons,
            failures=self.failures,
            hosts=frozenset(self.hosts),
            **counts,
        )

    def _status(self) -> Status:
        if self.problem is None:
            return Status.ADDED
        return Status.PARTIAL if self.counts["lines"] else Status.UNREADABLE


def read_batches(log: Log, tally: Tally, caught: tuple[type[Exception], ...]) -> Iterator[Batch]:
    """Read a log and count what it gives; what breaks the reading off is noted, and is no reason to lose other logs."""

    def done(fingerprint: str) -> None:
        tally.fingerprint = fingerprint

    try:
        for batch in log.read(done):
            tally.take(batch)
            yield batch
    except caught as error:
        tally.problem = explain(error)


def caught_in(settings: Settings) -> tuple[type[Exception], ...]:
    """What of a reader's is reported beside its file; the rest escapes."""
    return DAMAGED if settings.debug else (Exception,)


def ingest(
    paths: Sequence[Path | str],
    *,
    settings: Settings,
    options: ReadOptions | None = None,
    host: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    rows: int = GATHERED_ROWS,
) -> IngestReport:
    """Bring logs into the lake, each event once, whatever was ingested before.

    Sources whose stamps are finer than a second are read first: where a log is there in two forms, the finer time
    stays. Interrupted at any moment, by a signal too, a second call completes the work.

    Parameters
    ----------
    paths
        Files, folders, patterns, and ``-`` for standard input (`graphmap.readers.sources`).
    settings
        Where the stores are.
    options, host
        What the user says about the logs; None for options made from the settings.
    progress
        Called often, with where the work stands.
    rows
        Rows gathered before they are written: memory grows with it, and the number of lake files shrinks.

    Raises
    ------
    InputError
        A path that leads to nothing.
    StoreError
        The lake or the ledger cannot be read or written.
    """
    sources = find_sources(map(str, paths), host=host)
    return ingest_sources(sources, settings=settings, options=options, progress=progress, rows=rows)


def ingest_sources(
    sources: Iterable[Source],
    *,
    settings: Settings,
    options: ReadOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
    rows: int = GATHERED_ROWS,
) -> IngestReport:
    """As `ingest`, of logs that were found before."""
    chosen = options or ReadOptions(zone=settings.timezone)
    named = list({source.name: source for source in sources}.values())
    with Ledger(settings.ledger) as ledger:
        work = _Ingest(Lake(settings.lake), ledger, named, progress, rows, caught_in(settings))
        return work.run(chosen)


class _Ingest:
    """One ingest at work."""

    def __init__(
        self,
        lake: Lake,
        ledger: Ledger,
        sources: list[Source],
        progress: Callable[[Progress], None] | None,
        rows: int,
        caught: tuple[type[Exception], ...],
    ) -> None:
        self.lake = lake
        self.ledger = ledger
        self.sources = sources
        self.rows = rows
        self.caught = caught
        self._progress = progress
        self._reports: dict[str, FileReport] = {}
        self._tallies: dict[str, Tally] = {}
        self._gathered: list[Batch] = []
        self._waiting = 0
        self._finished: list[Tally] = []

    def run(self, options: ReadOptions) -> IngestReport:
        logs = list(self._recognised(options))
        for log in sorted(logs, key=lambda log: not log.fine):
            if not self._known(log):
                self._read(log)
        self._write()
        reports = self._reports | {name: tally.report() for name, tally in self._tallies.items()}
        return IngestReport(tuple(reports[source.name] for source in self.sources))

    def _recognised(self, options: ReadOptions) -> Iterator[Log]:
        for source in self.sources:
            self._tell(Stage.LOOK, source.name)
            try:
                log = look(source, options)
            except self.caught as error:
                self._reports[source.name] = FileReport(source.name, Status.UNREADABLE, problem=explain(error))
                continue
            if log is None:
                self._reports[source.name] = FileReport(source.name, Status.UNRECOGNISED, problem=UNRECOGNISED)
            else:
                yield log

    def _known(self, log: Log) -> bool:
        """Tell whether this very content was ingested before; only content with a known beginning is hashed."""
        if not self.ledger.knows_head(log.head):
            return False
        name = log.source.name
        self._tell(Stage.CHECK, name)
        try:
            record = self.ledger.file(log.fingerprint())
        except DAMAGED:
            return False  # reading it will say what is wrong
        if record is None:
            return False
        self._reports[name] = FileReport(name, Status.ALREADY, log.reader.name, first=record.first, last=record.last)
        return True

    def _read(self, log: Log) -> None:
        tally = self._tallies[log.source.name] = Tally.of(log)
        for batch in read_batches(log, tally, self.caught):
            self._gathered.append(batch)
            self._waiting += batch.events.height + batch.rejects.height
            self._tell(Stage.READ, log.source.name, batch.position)
            if self._waiting >= self.rows:
                self._tell(Stage.WRITE, log.source.name, batch.position)
                self._write()
        if tally.problem is None:
            self._finished.append(tally)

    def _write(self) -> None:
        """Write what was gathered, then note the files that are complete."""
        self.lake.append_rejects(pl.concat([REJECTS.to_frame(), *(batch.rejects for batch in self._gathered)]))
        added = self.lake.append_events(pl.concat([EVENTS.to_frame(), *(batch.events for batch in self._gathered)]))
        self._gathered.clear()
        self._waiting = 0
        for name, count in added.files.items():
            self._tallies[name].counts["added"] += count
        self.ledger.record_files(tally.record(tally.fingerprint) for tally in self._finished if tally.fingerprint)
        self._finished.clear()

    def _tell(self, stage: Stage, file: str, position: int = 0) -> None:
        if self._progress is None:
            return
        tallies = self._tallies.values()
        done = len(self._reports) + len(tallies) - (stage in {Stage.READ, Stage.WRITE})
        lines, events = (sum(tally.counts[name] for tally in tallies) for name in ("lines", "events"))
        self._progress(Progress(stage, file, done, len(self.sources), position, lines, events))
