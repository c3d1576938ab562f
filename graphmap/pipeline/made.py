"""What was made of events, in a folder: which files there are, and what they were made from."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.graph import stored
from graphmap.graph.edges import EDGE_KEY
from graphmap.graph.records import Records
from graphmap.graph.table import HopTable, InMemory, OnDisk
from graphmap.identity import dump_inventory
from graphmap.pipeline.learning import Learned
from graphmap.tables import FAILURES, HOPS, SESSIONS

if TYPE_CHECKING:
    from pathlib import Path

    from graphmap.graph.index import HopIndex
    from graphmap.identity import Inventory
    from graphmap.store.cache import Entry
    from graphmap.store.snapshot import Snapshot

FORMAT = 6
"""Changes when the files that are kept, or what is in them, do."""

TABLES = {
    "sessions": (SESSIONS, "start", "host"),
    "failures": (FAILURES, "time", "host"),
    "hops": (HOPS, "start", "dst"),
}
"""Of each table that is kept: its schema, and the columns by which it is sorted first."""

_GROUP_ROWS = 8_192
"""Rows that are read together where a question looks at some of them."""
_MANIFEST = "manifest.json"
_STANDINGS, _CLOCKS = "standings.parquet", "clocks.parquet"
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def context_of(inventory: Inventory, gap: timedelta) -> str:
    """A digest of all but the events that tables are made from."""
    return blake2b(repr((FORMAT, dump_inventory(inventory), gap)).encode(), digest_size=12).hexdigest()


class Part(NamedTuple):
    """A file of a table: its number of rows and the time of the first one, us since 1970."""

    height: int
    first: int

    @property
    def begin(self) -> datetime:
        """The time of the first row."""
        return _START + self.first * _MICROSECOND

    @classmethod
    def of(cls, frame: pl.DataFrame, time: str) -> Part:
        """That of some rows, in order of time."""
        return cls.at(frame.height, frame[time][0])

    @classmethod
    def at(cls, height: int, first: datetime) -> Part:
        """That of so many rows from a moment on."""
        return cls(height, (first - _START) // _MICROSECOND)


@dataclass(slots=True)
class Manifest:
    """What is in a folder, and which files of the lake it was made from, with what (`context_of`)."""

    parts: dict[str, list[Part]] = field(default_factory=dict)
    lake: list[str] = field(default_factory=list)
    context: str = ""

    def save(self, folder: Path) -> None:
        """Write it."""
        (folder / _MANIFEST).write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read it back."""
        said = json.loads((folder / _MANIFEST).read_text())
        parts = {name: [Part(*part) for part in parts] for name, parts in said["parts"].items()}
        return cls(parts, said["lake"], said["context"])


class Made:
    """What `graphmap.pipeline.making.make` put into a folder, which stays while this object lives."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self.folder = entry.path
        self.manifest = Manifest.load(entry.path)

    def is_before(self, snapshot: Snapshot, context: str) -> bool:
        """Whether it was made with the same from a part of the files of a snapshot."""
        said = self.manifest
        return bool(said.lake) and said.context == context and set(said.lake) <= set(snapshot.files["path"])

    @property
    def learned(self) -> Learned:
        """What is known of hosts."""
        return Learned.load(self.folder)

    @property
    def standings(self) -> pl.DataFrame:
        """How much each teller can say on each host (`graphmap.sessions.standings`)."""
        return pl.read_parquet(self.folder / _STANDINGS, glob=False)

    def sessions(self) -> pl.LazyFrame:
        """SESSIONS."""
        return self.scan("sessions")

    def failures(self) -> pl.LazyFrame:
        """FAILURES."""
        return self.scan("failures")

    def clocks(self) -> pl.DataFrame:
        """CLOCKS."""
        return pl.read_parquet(self.folder / _CLOCKS, glob=False)

    def edges(self) -> pl.DataFrame | None:
        """EDGES; None where they have not been made: one machine makes them when somebody asks."""
        files = sorted(self.folder.glob("edges-*.parquet"))
        return pl.scan_parquet(files, glob=False).sort(EDGE_KEY, nulls_last=True).collect() if files else None

    def hops(self) -> HopTable:
        """HOPS."""
        pieces = [
            OnDisk(part.height, path, records_path(path))
            for part, path in zip(self.manifest.parts["hops"], self.files("hops"), strict=True)
        ]
        return HopTable(pieces or [InMemory(HOPS.to_frame())])

    @cached_property
    def index(self) -> HopIndex:
        """The hops as arrays."""
        return stored.load_index(self.folder)

    def files(self, name: str) -> list[Path]:
        """The files of a table, in order."""
        return [part_path(self.folder, name, number) for number in range(len(self.manifest.parts[name]))]

    def scan(self, name: str) -> pl.LazyFrame:
        """A table."""
        files = self.files(name)
        return pl.scan_parquet(files, glob=False) if files else TABLES[name][0].to_frame().lazy()


def part_path(folder: Path, name: str, number: int) -> Path:
    """The file of a part of a table."""
    return folder / f"{name}-{number:06}.parquet"


def records_path(part: Path) -> Path:
    """The file of the rows of a part of HOPS, to take them by number (`graphmap.graph.records`)."""
    return part.with_suffix(".records")


def save_part(frame: pl.DataFrame, path: Path) -> None:
    """Write a part of a table; of HOPS the rows as well."""
    frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=_GROUP_ROWS)
    if frame.schema == HOPS:
        Records.write(frame, records_path(path))


def link_part(old: Path, new: Path) -> None:
    """Give the files of a part a second name, or copy them where the file system knows no second names."""
    for one, other in ((old, new), (records_path(old), records_path(new))):
        if not one.exists():
            continue
        try:
            os.link(one, other)
        except OSError:
            shutil.copyfile(one, other)


def save_clocks(folder: Path, clocks: pl.DataFrame) -> None:
    """Write what `Made.clocks` reads."""
    clocks.sort("day", "host", "teller").write_parquet(folder / _CLOCKS)


def save_standings(folder: Path, standings: pl.DataFrame) -> None:
    """Write what `Made.standings` reads: of each teller on each host the best."""
    best = standings.group_by("host", "of", "teller").agg(pl.col("standing").max())
    best.sort("host", "of", "teller").write_parquet(folder / _STANDINGS)
