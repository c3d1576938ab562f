"""Tables of bunches of hosts on their way into a folder: merged by time, indexed, written; old files stay files."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from graphmap.evidence.clocks import CLOCKS
from graphmap.graph import stored
from graphmap.graph.hops import TIED
from graphmap.graph.index import Names, columns_of, make_index, names_in
from graphmap.graph.rarity import past
from graphmap.model import Basis
from graphmap.pipeline.made import (
    TABLES,
    Made,
    Manifest,
    Part,
    link_part,
    part_path,
    save_clocks,
    save_part,
    save_standings,
)
from graphmap.pipeline.parts import SLICE_ROWS, Runs
from graphmap.tables import HOPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from graphmap.graph.index import Flags, Ids
    from graphmap.graph.walks import Walks

FILE_ROWS = 1 << 16
"""Rows of a file, at least, but for the last ones: what comes in later leaves most files as they are."""

_NARROW = ("start", "until", "src", "src_known", "dst", "account", "key")
_STANDINGS = pl.Schema({"host": pl.String(), "of": pl.String(), "teller": pl.String(), "standing": pl.Int8()})


class Kept(NamedTuple):
    """A file of a former folder that holds all rows of some time."""

    path: Path
    part: Part
    row: int
    """Place of its first row in the former table."""
    end: datetime
    """No row of it is as late."""

    @property
    def rows(self) -> slice:
        """The places of its rows in the former table."""
        return slice(self.row, self.row + self.part.height)


class Raw:
    """Tables of bunches of hosts, on their way into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._work = folder / "work"
        self._work.mkdir()
        self._runs = {name: self.runs(name) for name in TABLES}
        self._names: tuple[set[str], ...] = tuple(set() for _ in Names._fields)
        self._standings = [_STANDINGS.to_frame()]
        self._clocks = [CLOCKS.to_frame()]
        self._former: Made | None = None
        self._kept: dict[str, list[Kept]] = {name: [] for name in TABLES}

    def runs(self, table: str, use: str = "") -> Runs:
        """Place for sorted frames of a table."""
        return Runs(self._work, f"{use}{table}", *TABLES[table][1:])

    def add(self, sessions: pl.DataFrame, failures: pl.DataFrame, hops: pl.DataFrame) -> None:
        """Take SESSIONS, FAILURES and what `list_hops` gives of hosts that are in no other bunch, all sorted."""
        for name, frame in (("sessions", sessions), ("failures", failures), ("hops", hops)):
            self.add_to(name, frame)

    def add_to(self, table: str, frame: pl.DataFrame) -> None:
        """Take sorted rows of one table; no other frame has any of the same host and time."""
        self._runs[table].add(frame)
        if table == "hops":
            for known, fresh in zip(self._names, names_in(frame), strict=True):
                known.update(fresh)

    def judge(self, standings: pl.DataFrame) -> None:
        """Take what `graphmap.sessions.standings` says of some events."""
        self._standings.append(standings)

    def compare(self, clocks: pl.DataFrame) -> None:
        """Take the CLOCKS that were measured."""
        self._clocks.append(clocks)

    def keep(self, former: Made, kept: dict[str, list[Kept]]) -> None:
        """Take files of a former folder as they are, and the standings of its events."""
        self._former, self._kept = former, kept
        self.judge(former.standings)
        flags = _used(former, kept["hops"])
        for known, names, used in zip(self._names, former.index.names, flags, strict=True):
            known.update(np.array(names, dtype=object)[used])

    def finish(
        self, rows: int = SLICE_ROWS, file_rows: int = FILE_ROWS, lake: Iterable[str] = (), context: str = ""
    ) -> None:
        """Merge all by time, about `rows` at once, index the hops, and write files of `file_rows` or more."""
        folder = self._folder
        names = Names(*(tuple(sorted(names)) for names in self._names))
        walks, sure = self._walks(names, rows)
        counts = (walks.hops.origins, walks.hops.preferred, walks.hops.basis, sure)
        parts = {name: self._write(name, self._in_order(name, rows), file_rows) for name in ("sessions", "failures")}
        parts["hops"] = self._write("hops", self._weighed(rows, counts), file_rows)
        stored.save(folder, walks, sure, past(walks.index))
        standings = pl.concat(self._standings).group_by("host", "of", "teller").agg(pl.col("standing").max())
        save_standings(folder, standings.sort("host", "of", "teller"))
        save_clocks(folder, pl.concat(self._clocks).sort("day", "host", "teller"))
        shutil.rmtree(self._work)
        Manifest(parts, sorted(lake), context).save(folder)

    def _in_order(self, name: str, rows: int, columns: tuple[str, ...] | None = None) -> Iterator[Kept | pl.DataFrame]:
        """Files that are kept and slices of all else, in order of time."""
        kept = self._kept[name]
        time = TABLES[name][1]
        bounds = [moment for one in kept for moment in (one.part.begin, one.end)]
        waiting = iter([*kept, None])
        following = next(waiting)
        for frame in self._runs[name].slices(columns, rows, bounds):
            while following and following.part.begin < frame[time][0]:
                yield following
                following = next(waiting)
            yield frame
        while following:
            yield following
            following = next(waiting)

    def _walks(self, names: Names, rows: int) -> tuple[Walks, Flags]:
        from graphmap.graph.walks import Walks  # noqa: PLC0415 - loads compiled code, which only the making needs

        parts = [columns_of(HOPS.to_frame(), names)]
        renumbered = _Renumbered(self._former, names) if self._former and self._kept["hops"] else None
        for part in self._in_order("hops", rows, _NARROW):
            if not isinstance(part, Kept):
                parts.append(columns_of(part, names))
            elif renumbered:
                parts.append(renumbered.columns(part.rows))
        columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
        return Walks.counted(make_index(names, **columns))

    def _weighed(self, rows: int, counts: tuple[Any, ...]) -> Iterator[Kept | pl.DataFrame]:
        """HOPS with what is known of the origins; a file stays where that has not changed."""
        begin = 0
        former = stored.load_counts(self._former.folder) if self._former else ()
        for part in self._in_order("hops", rows):
            height = part.part.height if isinstance(part, Kept) else part.height
            counted = [array[begin : begin + height] for array in counts]
            begin += height
            if not isinstance(part, Kept):
                yield _with_origins(part, counted)
            elif all(np.array_equal(old[part.rows], new) for old, new in zip(former, counted, strict=True)):
                yield part
            else:
                yield _with_origins(pl.read_parquet(part.path, glob=False), counted)

    def _write(self, name: str, pieces: Iterable[Kept | pl.DataFrame], least: int) -> list[Part]:
        """Write slices as files of their own and link those that are kept."""
        parts: list[Part] = []
        time = TABLES[name][1]
        for piece in pieces:
            if isinstance(piece, Kept):
                link_part(piece.path, part_path(self._folder, name, len(parts)))
                parts.append(piece.part)
                continue
            for frame in _days(piece, time, least):
                save_part(frame, part_path(self._folder, name, len(parts)))
                parts.append(Part.of(frame, time))
        return parts


class _Renumbered:
    """The hops of a former index, with the ids of other names."""

    def __init__(self, former: Made, names: Names) -> None:
        self._index = former.index
        hosts, sources, accounts, keys = (_places(old, new) for old, new in zip(former.index.names, names, strict=True))
        self._nodes = np.concatenate([hosts, sources + np.int32(len(names.hosts))])
        self._accounts = accounts
        self._keys = np.append(keys, np.int32(-1))  # no key is the last one, from the end

    def columns(self, rows: slice) -> dict[str, Any]:
        """What `columns_of` gives of the same hops."""
        index = self._index
        return {
            "src": self._nodes[index.src[rows]],
            "dst": self._nodes[index.dst[rows]],
            "account": self._accounts[index.account[rows]],
            "key": self._keys[index.key[rows]],
            "earliest": index.earliest[rows],
            "open": index.open[rows],
        }


def _places(old: tuple[str, ...], new: tuple[str, ...]) -> Ids:
    """Where old names are among the new ones, both sorted; anything for those that are no more."""
    place = {name: number for number, name in enumerate(new)}
    return np.fromiter((place.get(name, 0) for name in old), np.int32, len(old))


def _used(former: Made, kept: list[Kept]) -> tuple[Flags, ...]:
    """Which names of a former index its kept hops have: hosts, sources, accounts, keys."""
    index = former.index
    nodes = np.zeros(len(index.names.hosts) + len(index.names.sources), np.bool_)
    accounts = np.zeros(len(index.names.accounts), np.bool_)
    keys = np.zeros(len(index.names.keys) + 1, np.bool_)
    for one in kept:
        nodes[index.src[one.rows]] = True
        nodes[index.dst[one.rows]] = True
        accounts[index.account[one.rows]] = True
        keys[index.key[one.rows]] = True
    return nodes[: len(index.names.hosts)], nodes[len(index.names.hosts) :], accounts, keys[:-1]


def _with_origins(hops: pl.DataFrame, counted: list[Any]) -> pl.DataFrame:
    """HOPS with what is known of the origins."""
    origins, preferred, basis, sure = counted
    bases = pl.Series(list(Basis), dtype=pl.String)
    return hops.with_columns(
        origins=pl.Series(origins),
        certainty=pl.Series(np.where(sure, 1.0, TIED) / np.maximum(preferred, 1)),
        basis=bases.gather(basis.astype(np.int64)),
    ).match_to_schema(HOPS)


def _days(frame: pl.DataFrame, time: str, least: int) -> Iterator[pl.DataFrame]:
    """The rows of whole days, at least so many."""
    begin = 0
    midnights = np.flatnonzero(np.diff(frame[time].dt.date().to_physical().to_numpy())) + 1
    for midnight in midnights.tolist():
        if midnight - begin >= least and frame.height - midnight >= least:
            yield frame.slice(begin, midnight - begin)
            begin = midnight
    yield frame.slice(begin)
