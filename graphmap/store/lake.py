"""The lake: events and rejects as Delta tables, each row exactly once. The only door to deltalake.

A row is new when its natural key is not in the table (`tables.EVENT_KEY`; for rejects reason, text and repeat). So the
same log may be given again, grown, renamed, compressed or in another header format, and a killed ingest may be run
again: nothing doubles and nothing is lost. docs/decisions/0003-exactly-once.md has the reasons and the price.
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from graphmap.errors import StoreError
from graphmap.store.additions import Piece, only_new, read_files
from graphmap.store.layout import EVENT_LAYOUT, REJECT_LAYOUT, Layout, first_of_each
from graphmap.store.location import Location
from graphmap.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

_WRITER = "graphmap-ingest"
"""Application id of our transactions: two writers at one version conflict, and the later one looks again."""

_ATTEMPTS = 50
_COMPACT_BYTES = 64 << 20


class Appended(NamedTuple):
    """What became of the rows of one append: `files` has the added ones by their column `file`."""

    added: int
    duplicates: int
    files: dict[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the lake holds of one host; `host` is None for events whose log names none."""

    host: str | None
    first: datetime
    last: datetime
    events: int
    days: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the lake holds. `first` and `last` are None where there are no events."""

    events: int
    rejects: int
    first: datetime | None
    last: datetime | None
    hosts: tuple[Coverage, ...]


class Lake:
    """The tables at one location. Opening costs nothing; a table is made when something is first appended.

    Parameters
    ----------
    place
        A folder, made where it is missing; or an address in an object store.
    pause
        Waits that many seconds before another attempt after losing a race to another writer.

    Raises
    ------
    StoreError
        The folder's name, or that of one above it, has characters that the Delta library cannot cope with.
    """

    def __init__(self, place: Path | str | Location, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.location = Location.of(place)
        self._events = _Table(self.location / "events", EVENT_LAYOUT, pause)
        self._rejects = _Table(self.location / "rejects", REJECT_LAYOUT, pause)

    def append_events(self, frame: pl.DataFrame) -> Appended:
        """Add the events that the lake does not hold, in one commit.

        Of rows with one key the first stays. Cost: one pass over the frame, and over the key columns of those files
        whose days, hosts and times overlap with it. Memory: about five times the frame.

        Parameters
        ----------
        frame
            Schema EVENTS with `repeat` counted (`graphmap.pipeline.repeats`).

        Raises
        ------
        StoreError
            The table cannot be read or written. Nothing of this frame is in it then.
        """
        return self._events.append(frame)

    def append_rejects(self, frame: pl.DataFrame) -> Appended:
        """Add the rejects (schema REJECTS, `repeat` counted) that the lake does not hold. Otherwise as events."""
        return self._rejects.append(frame)

    def prepare(self, table: str) -> Snapshot:
        """Make ready for what others write (`graphmap.store.additions`): the table is made where it is missing.

        Parameters
        ----------
        table
            ``events`` or ``rejects``.

        Raises
        ------
        StoreError
            The table cannot be read or made.
        """
        return self._named(table).prepare()

    def adopt(self, table: str, pieces: Sequence[Piece], version: int | None) -> bool:
        """Take files that others wrote into a table, in one commit.

        Parameters
        ----------
        table
            ``events`` or ``rejects``.
        pieces
            Files below the table whose rows are new to a version of it.
        version
            Which version that was.

        Returns
        -------
        bool
            False where another writer was quicker. What `pieces` hold has to be made anew then. They stay until
            `vacuum`: where the answer to a commit was lost on its way, it may name them all the same.

        Raises
        ------
        StoreError
            The table cannot be read or written.
        """
        return self._named(table).adopt(pieces, version)

    def _named(self, table: str) -> _Table:
        return {"events": self._events, "rejects": self._rejects}[table]

    def scan(
        self,
        columns: Sequence[str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        hosts: Collection[str] | None = None,
        actions: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
    ) -> pl.LazyFrame:
        """As `Snapshot.scan`, of the newest version."""
        return self.snapshot().scan(columns, since=since, until=until, hosts=hosts, actions=actions, kinds=kinds)

    def snapshot(self) -> Snapshot:
        """The events as they are now: what is added later is not in it.

        Raises
        ------
        StoreError
            The table cannot be read.
        """
        return self._events.snapshot()

    def rejects(self, limit: int | None = None) -> pl.DataFrame:
        """Give rejected lines by file and line, at most `limit` of them."""
        with _store_errors(self.location):
            found = self._rejects.scan().sort("file", "line")
            return (found if limit is None else found.head(limit)).collect()

    def count_rejects(self) -> int:
        """How many rejected lines there are, from the table's log alone."""
        return self._rejects.snapshot().events

    def version(self) -> int | None:
        """The version of the events table; it changes when events are added. None where there is no table."""
        return self.snapshot().version

    def summary(self) -> Summary:
        """Say what the lake holds, from three columns of it, streamed."""
        time = pl.col("time")
        with _store_errors(self.location):
            by_host = (
                self.scan(["dst_host", "time"])
                .group_by("dst_host", day=time.dt.date())
                .agg(first=time.min(), last=time.max(), events=pl.len())
                .group_by(host="dst_host")
                .agg(pl.col("first").min(), pl.col("last").max(), pl.col("events").sum(), days=pl.len())
                .sort("host", nulls_last=True)
                .collect(engine="streaming")
            )
        hosts = tuple(Coverage(**row) for row in by_host.to_dicts())
        return Summary(
            events=sum(host.events for host in hosts),
            rejects=self.count_rejects(),
            first=min((host.first for host in hosts), default=None),
            last=max((host.last for host in hosts), default=None),
            hosts=hosts,
        )

    def parts(self) -> tuple[list[Path], int]:
        """The files of the lake as it is now, which may be copied while others write, and how many events they hold.

        Raises
        ------
        StoreError
            The lake cannot be read, or is in an object store.
        """
        events = self._events.snapshot()
        return [*_parts(events), *_parts(self._rejects.snapshot())], events.events

    def compact(self) -> None:
        """Join small files. Readers and writers may go on meanwhile; the old files stay until `vacuum`."""
        self._events.compact()
        self._rejects.compact()

    def forget(self, before: datetime) -> int:
        """Take the events of all UTC days before that of a moment out of the lake; give their number.

        Readers of an older version go on; the files stay until `vacuum`. A log that is given again afterwards, and was
        not known whole, brings its old events in again. Rejects have no time that could be trusted, and stay.
        """
        return self._events.forget(before.date())

    def vacuum(self, keep: timedelta = timedelta(days=7)) -> int:
        """Delete files that no version younger than `keep` uses, also those of killed writers; give their number."""
        return self._events.vacuum(keep) + self._rejects.vacuum(keep)


class _Table:
    """One Delta table whose rows are unique by key."""

    def __init__(self, location: Location, layout: Layout, pause: Callable[[float], None]) -> None:
        self.location = location
        self.layout = layout
        self._pause = pause
        self._open: DeltaTable | None = None

    def append(self, frame: pl.DataFrame) -> Appended:
        if frame.is_empty():
            return Appended(0, 0, {})
        rows = first_of_each(frame.with_columns(self.layout.derived), self.layout.key)
        for attempt in range(_ATTEMPTS):
            with _store_errors(self.location):
                table = self._table() or self._create()
                new = self._not_in(table, rows)
                if self._commit(table, new):
                    files = dict(new.group_by("file").len().iter_rows())
                    return Appended(new.height, frame.height - new.height, files)
            self._open = None
            self._wait(attempt)
        raise self._lost()

    def _wait(self, attempt: int) -> None:
        self._pause(random.uniform(0, 0.05 * (attempt + 1)))  # noqa: S311 # spreads the writers, no secret

    def _lost(self) -> StoreError:
        return StoreError(f"{self.location}: other writers won {_ATTEMPTS} times", hint="run the same command again")

    def scan(self) -> pl.LazyFrame:
        return read_files(self.location, self.snapshot().files, self.layout)

    def snapshot(self) -> Snapshot:
        with _store_errors(self.location):
            table = self._table()
            return Snapshot(None if table is None else table.version(), self.location, self._extents(table))

    def compact(self) -> None:
        with _store_errors(self.location):
            if table := self._table():
                table.optimize.compact(target_size=_COMPACT_BYTES, max_concurrent_tasks=1)

    def forget(self, before: date) -> int:
        for attempt in range(_ATTEMPTS):
            with _store_errors(self.location):
                table = self._table()
                files = self._extents(table)
                old = files.filter(pl.col("partition.day") < before)
                if table is None or old.is_empty():
                    return 0
                try:
                    table.delete(f"day < '{before:%Y-%m-%d}'")
                except CommitFailedError:
                    self._open = None
                else:
                    return int(old["num_records"].sum())
            self._wait(attempt)
        raise self._lost()

    def vacuum(self, keep: timedelta) -> int:
        with _store_errors(self.location):
            table, hours = self._table(), int(keep.total_seconds() // 3600)
            if table is None:
                return 0
            # full: also what no commit ever named
            return len(table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True))

    def _table(self) -> DeltaTable | None:
        """The table at its newest version; None where there is none."""
        if self._open is not None:
            self._open.update_incremental()
            return self._open
        try:
            self._open = self._load()
        except TableNotFoundError:
            return None
        return self._open

    def _load(self) -> DeltaTable:
        return DeltaTable(self.location.place, storage_options=self.location.delta)

    def _create(self) -> DeltaTable:
        self.location.make()
        layout = self.layout
        try:
            DeltaTable.create(
                self.location.place,
                pl.Schema({**layout.schema, **layout.partition}),
                mode="ignore",
                partition_by=list(layout.partition),
                configuration={"delta.dataSkippingStatsColumns": ",".join(layout.extent)},
                storage_options=self.location.delta,
            )
        except CommitFailedError:  # another writer made it between the library's look and its commit
            if (made := self._table()) is not None:
                return made
            raise
        self._open = self._load()
        return self._open

    def _commit(self, table: DeltaTable, new: pl.DataFrame) -> bool:
        """Append the rows to the version that `table` knows; False where another writer was quicker."""
        if new.is_empty():
            return True
        version = (table.transaction_version(_WRITER) or 0) + 1
        try:
            write_deltalake(
                table,
                new.select(*self.layout.schema, *self.layout.partition).sort(self.layout.extent),
                mode="append",
                schema_mode="merge",  # a lake of an older release has not all columns
                commit_properties=CommitProperties(app_transactions=[Transaction(_WRITER, version)]),
                writer_properties=WriterProperties(compression="ZSTD"),
            )
        except CommitFailedError:
            return False
        return True

    def _not_in(self, table: DeltaTable, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows whose key the table does not hold, in the same order."""
        return only_new(rows, self.location, self._extents(table), self.layout)

    def prepare(self) -> Snapshot:
        with _store_errors(self.location):
            table = self._table() or self._create()
            known = {field.name for field in table.schema().fields}
            if known < {*self.layout.schema, *self.layout.partition}:  # a lake of an older release has not all columns
                empty = pl.Schema({**self.layout.schema, **self.layout.partition}).to_frame()
                write_deltalake(table, empty, mode="append", schema_mode="merge")
                table.update_incremental()
            return Snapshot(table.version(), self.location, self._extents(table))

    def adopt(self, pieces: Sequence[Piece], version: int | None) -> bool:
        with _store_errors(self.location):
            table = self._table()
            if table is None or table.version() != version:
                return False
            if not pieces:
                return True
            actions: list[AddAction | RemoveAction] = [
                AddAction(piece.path, piece.size, piece.partition, piece.modified, data_change=True, stats=piece.stats)
                for piece in pieces
            ]
            number = (table.transaction_version(_WRITER) or 0) + 1
            try:
                table.create_write_transaction(
                    actions,
                    "append",
                    table.schema(),
                    list(self.layout.partition),
                    commit_properties=CommitProperties(app_transactions=[Transaction(_WRITER, number)]),
                )
            except CommitFailedError:
                return False
            finally:
                self._open = None
            return True

    def _extents(self, table: DeltaTable | None) -> pl.DataFrame:
        """See `Snapshot.files`. A minimum or maximum is null where a file has only nulls, or the log does not say."""
        actions = pl.DataFrame(table.get_add_actions(flatten=True)) if table else pl.DataFrame()
        columns: dict[str, pl.DataType | type[pl.DataType]] = {"path": pl.String, "num_records": pl.Int64}
        columns |= {f"partition.{name}": dtype for name, dtype in self.layout.partition.items()}
        for name in self.layout.extent:
            dtype = self.layout.schema[name]
            columns |= {f"min.{name}": dtype, f"max.{name}": dtype, f"null_count.{name}": pl.Int64}
        return actions.select(
            (pl.col(name) if name in actions.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in columns.items()
        ).head(actions.height)


def _parts(found: Snapshot) -> list[Path]:
    """The log of a table up to a version, then what it names: no other process takes these away."""
    folder = found.location.folder
    if folder is None:
        raise StoreError(f"{found.location} is in an object store", hint="copy it by that store's own means")
    if found.version is None:
        return []
    log = sorted((folder / "_delta_log").iterdir())
    known = [path for path in log if path.name[:20].isdigit() and int(path.name[:20]) <= found.version]
    return [*known, *(folder / name for name in found.files["path"])]


@contextmanager
def _store_errors(location: Location) -> Iterator[None]:
    """Turn what the file system, the object store and the libraries raise into an error that says what to do."""
    try:
        yield
    except (OSError, DeltaError, pl.exceptions.PolarsError) as error:
        raise location.trouble(error) from error
