"""Logs into the lake by a cluster: executors look at them, read them and compare; the driver commits.

The order is that of `graphmap.pipeline.ingest`: rejects, events, then the ledger's word that a file is done. So a
driver that is killed at any moment leaves at worst events whose file has no word yet, and the next run adds what is
missing.
"""

from __future__ import annotations

from functools import partial
from heapq import heappop, heappush
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from graphmap.errors import InputError
from graphmap.pipeline.ingest import (
    FileReport,
    IngestReport,
    Progress,
    Stage,
    Status,
    Tally,
    caught_in,
)
from graphmap.pipeline.reading import explain
from graphmap.readers.base import ReadOptions, Source
from graphmap.readers.sources import Found, list_files
from graphmap.spark.adding import add
from graphmap.spark.reading import Reading, Seen, Taken, Wanted, look_at, read
from graphmap.spark.staging import staging
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pyspark.sql import SparkSession

    from graphmap.config import Settings

BATCH_BYTES = 1 << 28
"""Bytes of files, as they lie on disk, that one core reads between two commits."""

SLICES = 4
"""Tasks for each core: a slow one holds up the others less."""

GONE = "it was there and is not there any more"

S = TypeVar("S")
T = TypeVar("T")


def ingest(  # noqa: PLR0913 # those of the other ingest, and the session
    spark: SparkSession,
    paths: Sequence[Path | str],
    *,
    settings: Settings,
    options: ReadOptions | None = None,
    host: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    batch_bytes: int = BATCH_BYTES,
) -> IngestReport:
    """Bring logs into the lake as `graphmap.pipeline.ingest.ingest` does, with the same tables in the end.

    Executors must see the paths and the home folder where the driver sees them. A log is read by one task.

    Parameters
    ----------
    spark
        The session.
    paths
        Files, folders, patterns; see `list_files`.
    settings, options, host, progress
        As there.
    batch_bytes
        Bytes of logs that each core reads before there is a commit.

    Raises
    ------
    InputError
        A path that leads to nothing, or to what only this process can read.
    StoreError
        The lake or the ledger cannot be read or written.
    """
    files = list(list_files(map(str, paths), host=host))
    reading = Reading(options or ReadOptions(zone=settings.timezone), host, caught_in(settings))
    with Ledger(settings.ledger) as ledger, staging(settings.home) as folder:
        work = _Ingest(spark, (Lake(settings.lake), ledger), reading, folder, progress)
        return work.run(files, batch_bytes)


class _Ingest:
    """One ingest at work."""

    def __init__(
        self,
        spark: SparkSession,
        stores: tuple[Lake, Ledger],
        reading: Reading,
        folder: Path,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.spark = spark
        self.lake, self.ledger = stores
        self.reading = reading
        self.folder = folder
        self.progress = progress
        self.reports: dict[str, FileReport] = {}
        self.tallies: dict[str, Tally] = {}
        self.files = 0

    def run(self, files: list[Found | Source], batch_bytes: int) -> IngestReport:
        seen = self._look(files)
        tallies = {log.name: log.log for log in seen if isinstance(log.log, Tally)}
        order = [log for log in seen if log.name in tallies]
        order.sort(key=lambda log: not tallies[log.name].fine)
        numbers = {log.name: number for number, log in enumerate(order)}
        for batch in _batches(order, batch_bytes * self._cores()):
            known = self.ledger.known({tallies[log.name].head for log in batch})
            by_file = groupby(sorted(batch, key=_file), _file)
            wanted = [
                Wanted(
                    file,
                    {log.name: numbers[log.name] for log in logs},
                    {log.name: known[head] for log in logs if (head := tallies[log.name].head) in known},
                    max(log.size for log in logs),
                )
                for number, group in by_file
                if (logs := list(group)) and not isinstance(file := files[number], Source)
            ]
            self._take(wanted, [log.name for log in order])
        found = self.reports | {name: tally.report() for name, tally in self.tallies.items()}
        return IngestReport(tuple(found[log.name] for log in seen))

    def _look(self, files: list[Found | Source]) -> list[Seen]:
        """What each log is, in the order in which one machine finds them."""
        self._tell(Stage.LOOK, "")
        there = [(number, file) for number, file in enumerate(files) if not isinstance(file, Source)]
        seen = self._spread(there, partial(look_at, reading=self.reading), self._cores() * SLICES)
        seen += [_unreadable(number, file) for number, file in enumerate(files) if isinstance(file, Source)]
        seen = list({log.name: log for log in sorted(seen, key=_file)}.values())
        self.files = len(seen)
        self.reports = {log.name: log.log for log in seen if isinstance(log.log, FileReport)}
        return seen

    def _take(self, wanted: list[Wanted], names: list[str]) -> None:
        """Read a batch, commit it, and note the files that are complete."""
        self._tell(Stage.READ, names[min(min(item.numbers.values()) for item in wanted)])
        bins = _bins(wanted, self._cores() * SLICES)
        taken = self._spread(bins, partial(read, reading=self.reading, folder=str(self.folder)), len(bins))
        finished = [tally for part in taken for tally in self._judged(part, names)]
        self._tell(Stage.WRITE, names[max(max(item.numbers.values()) for item in wanted)])
        self._add("rejects", taken)
        for name, count in self._add("events", taken).items():
            self.tallies[name].counts["added"] += count
        self.ledger.record_files(tally.record(tally.fingerprint) for tally in finished if tally.fingerprint)
        for path in self.folder.glob("*.parquet"):
            path.unlink()

    def _judged(self, part: Taken, names: list[str]) -> Iterator[Tally]:
        """Keep what became of the logs of a task; give those that were read to their end."""
        for number, what in part.logs.items():
            name = names[number]
            if isinstance(what, Tally):
                self.tallies[name] = what
                if what.problem is None:
                    yield what
                continue
            record = self.ledger.file(what) if what else None
            if record is None:
                self.reports[name] = FileReport(name, Status.UNREADABLE, problem=GONE)
            else:
                told = (Status.ALREADY, record.reader)
                self.reports[name] = FileReport(name, *told, first=record.first, last=record.last)

    def _add(self, table: str, taken: list[Taken]) -> dict[str, int]:
        files = [path for part in taken for path in part.files[table]]
        rows = sum(part.rows[table] for part in taken)
        return add(self.spark, self.lake, table, files, rows)

    def _spread(self, items: Sequence[S], work: Callable[[Iterable[S]], Iterator[T]], slices: int) -> list[T]:
        if not items:
            return []
        return self.spark.sparkContext.parallelize(items, min(slices, len(items))).mapPartitions(work).collect()

    def _cores(self) -> int:
        return self.spark.sparkContext.defaultParallelism

    def _tell(self, stage: Stage, file: str) -> None:
        if self.progress is not None:
            tallies = self.tallies.values()
            lines, events = (sum(tally.counts[name] for tally in tallies) for name in ("lines", "events"))
            done = len(self.reports) + len(tallies)
            self.progress(Progress(stage, file, done, self.files, 0, lines, events))


def _file(log: Seen) -> int:
    return log.file


def _unreadable(number: int, source: Source) -> Seen:
    try:
        source.open().close()
    except InputError as error:
        return Seen(number, source.name, 0, FileReport(source.name, Status.UNREADABLE, problem=explain(error)))
    raise AssertionError(source.name)


def _batches(logs: Sequence[Seen], size: int) -> Iterator[list[Seen]]:
    """Logs in their order, cut where so many bytes are reached."""
    batch: list[Seen] = []
    total = 0
    for log in logs:
        batch.append(log)
        total += log.size
        if total >= size:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _bins(wanted: list[Wanted], count: int) -> list[tuple[Wanted, ...]]:
    """Shares of about equal size: the largest file first, each to the share that has least."""
    shares: list[list[Wanted]] = [[] for _ in range(min(count, len(wanted)))]
    least = [(0, number) for number in range(len(shares))]
    for item in sorted(wanted, key=lambda item: -item.size):
        size, number = heappop(least)
        shares[number].append(item)
        heappush(least, (size + item.size, number))
    return [tuple(share) for share in shares]
