"""Events become the tables and arrays that questions are asked of, in bounded memory (docs/decisions/0006).

Sessions of a host depend on that host's events only, and on what others saw of it, so bunches of hosts are taken one
after another. What they give is
merged by time, and hops learn their origins last, by compiled code over the arrays.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.evidence.clocks import CLOCKS
from graphmap.graph import stored
from graphmap.graph.hops import TIED, list_hops
from graphmap.graph.index import Names, columns_of, make_index, names_in
from graphmap.graph.rarity import past
from graphmap.graph.table import BLOCK_ROWS, HopTable
from graphmap.model import Basis
from graphmap.pipeline.abroad import Abroad
from graphmap.pipeline.learning import Learned, addressed, learn, seen_abroad
from graphmap.pipeline.parts import SLICE_ROWS, Runs
from graphmap.sessions import SESSION_EVENTS, build_logons
from graphmap.tables import FAILURES, HOPS, SESSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from graphmap.graph.index import Flags, HopIndex
    from graphmap.graph.walks import Hops, Walks
    from graphmap.identity import Identity, Inventory
    from graphmap.store.lake import Snapshot

FORMAT = 2
"""Changes when the files below, or what is in them, do."""

BUNCH_EVENTS = 500_000
"""Events that are taken together, unless one host has more."""

_NARROW = ("start", "until", "src", "src_known", "dst", "account", "key")
_META, _CLOCKS = "heights.json", "clocks.parquet"


class Sizes(NamedTuple):
    """How much is taken at once."""

    bunch: int = BUNCH_EVENTS
    slice: int = SLICE_ROWS


USUAL = Sizes()


def make(snapshot: Snapshot, inventory: Inventory, gap: timedelta, folder: Path, sizes: Sizes = USUAL) -> None:
    """Fill an empty folder with SESSIONS, FAILURES and HOPS as Parquet, the index, and what is known of hosts.

    Memory: that of the events of a bunch, and about 60 bytes a hop for the arrays.
    """
    learned = learn(snapshot, inventory)
    learned.save(folder)
    identity = learned.identity(inventory)
    raw = Raw(folder)
    clocks = [CLOCKS.to_frame()]
    bunches = list(_bunches(snapshot, learned, inventory, identity, sizes.bunch))
    with TemporaryDirectory(dir=folder) as work:
        abroad = Abroad(snapshot, bunches, Path(work)) if learned.reached.height else None
        for number, hosts in enumerate(bunches):
            own = snapshot.scan(SESSION_EVENTS, hosts=hosts).filter(~seen_abroad())
            events = [own, *([abroad.of(number)] if abroad else [])]
            found = build_logons(pl.concat(events).collect(engine="streaming"), identity)
            raw.add(found.sessions, found.failures, list_hops(found.sessions, gap))
            clocks.append(found.clocks)
    pl.concat(clocks).sort("day", "host", "teller").write_parquet(folder / _CLOCKS)
    raw.finish(sizes.slice)


class Raw:
    """Tables of bunches of hosts, on their way into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._work = folder / "work"
        self._work.mkdir()
        self._sessions = Runs(self._work, "sessions", "start", "host")
        self._failures = Runs(self._work, "failures", "time", "host")
        self._hops = Runs(self._work, "hops", "start", "dst")
        self._names: tuple[set[str], ...] = tuple(set() for _ in Names._fields)

    def add(self, sessions: pl.DataFrame, failures: pl.DataFrame, hops: pl.DataFrame) -> None:
        """Take SESSIONS, FAILURES and what `list_hops` gives of hosts that are in no other bunch, all sorted."""
        self._sessions.add(sessions)
        self._failures.add(failures)
        self._hops.add(hops)
        for known, fresh in zip(self._names, names_in(hops), strict=True):
            known.update(fresh)

    def finish(self, rows: int) -> None:
        """Merge all by time, about `rows` at once, and index the hops."""
        folder, hops = self._folder, self._hops
        names = Names(*(tuple(sorted(names)) for names in self._names))
        walks, sure = _walks(hops, names, rows)
        heights = {
            "sessions": _write(folder, "sessions", self._sessions.slices(rows=rows)),
            "failures": _write(folder, "failures", self._failures.slices(rows=rows)),
            "hops": _write(folder, "hops", _weighed(hops.slices(rows=rows), walks.hops, sure)),
        }
        stored.save(folder, walks, past(walks.index))
        shutil.rmtree(self._work)
        (folder / _META).write_text(json.dumps(heights))


class Made:
    """What `make` put into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._heights: dict[str, list[int]] = json.loads((folder / _META).read_text())

    @property
    def learned(self) -> Learned:
        """What is known of hosts."""
        return Learned.load(self.folder)

    def sessions(self) -> pl.LazyFrame:
        """SESSIONS."""
        return self._scan("sessions", SESSIONS)

    def failures(self) -> pl.LazyFrame:
        """FAILURES."""
        return self._scan("failures", FAILURES)

    def clocks(self) -> pl.DataFrame:
        """CLOCKS."""
        return pl.read_parquet(self.folder / _CLOCKS, glob=False)

    def hops(self) -> HopTable:
        """HOPS."""
        parts = [pl.scan_parquet(path, glob=False) for path in self._files("hops")]
        return HopTable(parts or [HOPS.to_frame().lazy()], self._heights["hops"] or [0])

    def index(self) -> HopIndex:
        """The hops as arrays."""
        return stored.load_index(self.folder)

    def _files(self, name: str) -> list[Path]:
        return [_part(self.folder, name, number) for number in range(len(self._heights[name]))]

    def _scan(self, name: str, schema: pl.Schema) -> pl.LazyFrame:
        files = self._files(name)
        return pl.scan_parquet(files, glob=False) if files else schema.to_frame().lazy()


def _bunches(
    snapshot: Snapshot, learned: Learned, inventory: Inventory, identity: Identity, size: int
) -> Iterator[list[str]]:
    """Logged names of hosts; names that may mean one host are in one bunch, neighbours in the alphabet together."""
    bunch: list[str] = []
    events = 0
    counts = Counter(dict(learned.hosts.iter_rows()))
    counts.update(dict(learned.reached.select("dst_ip", "events").iter_rows()))
    for names in _same(snapshot, learned, inventory, identity):
        number = sum(counts[name] for name in names)
        if bunch and events + number > size:
            yield bunch
            bunch, events = [], 0
        bunch += names
        events += number
    if bunch:
        yield bunch


def _same(snapshot: Snapshot, learned: Learned, inventory: Inventory, identity: Identity) -> Iterable[list[str]]:
    """Logged names, those together that may mean one host at some time."""
    names = learned.hosts["dst_host"]
    timed = addressed(names, inventory)
    fixed = learned.hosts.filter(~names.is_in(timed)).select("dst_host", time=pl.lit(None, HOPS["start"]))
    moments = snapshot.scan(["dst_host", "time"], hosts=timed).unique().collect(engine="streaming")
    named = identity.hosts_of(pl.concat([fixed, moments])).select("dst_host", "host")
    pairs = pl.concat([named, identity.possible_hosts(learned.reached["dst_ip"]).rename({"address": "dst_host"})])
    pairs = pairs.unique().sort("dst_host", "host")
    groups: dict[str, list[str]] = {}  # by each host, the names of its group, one list a group
    group_of: dict[str, list[str]] = {}
    for name, host in pairs.iter_rows():
        merged = groups.setdefault(host, [])
        other = group_of.get(name)
        if other is None:
            merged.append(name)
            group_of[name] = merged
        elif other is not merged:
            other += merged
            for moved in merged:
                group_of[moved] = other
            groups = {key: other if value is merged else value for key, value in groups.items()}
    return list({id(group): group for group in group_of.values()}.values())


def _walks(hops: Runs, names: Names, rows: int) -> tuple[Walks, Flags]:
    from graphmap.graph.walks import Walks  # noqa: PLC0415 - loads compiled code, which only the making needs

    parts = [columns_of(HOPS.to_frame(), names), *(columns_of(part, names) for part in hops.slices(_NARROW, rows))]
    columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
    return Walks.counted(make_index(names, **columns))


def _weighed(slices: Iterable[pl.DataFrame], counted: Hops, sure: Flags) -> Iterator[pl.DataFrame]:
    """HOPS with what is known of the origins."""
    bases = pl.Series(list(Basis), dtype=pl.String)
    begin = 0
    for hops in slices:
        rows = slice(begin, begin + hops.height)
        begin += hops.height
        certainty = np.where(sure[rows], 1.0, TIED) / np.maximum(counted.preferred[rows], 1)
        yield hops.with_columns(
            origins=pl.Series(counted.origins[rows]),
            certainty=pl.Series(certainty),
            basis=bases.gather(counted.basis[rows].astype(np.int64)),
        ).match_to_schema(HOPS)


def _write(folder: Path, name: str, slices: Iterable[pl.DataFrame]) -> list[int]:
    """Write slices as files of their own; give their heights."""
    heights = []
    for number, frame in enumerate(slices):
        frame.write_parquet(
            _part(folder, name, number), compression="zstd", compression_level=1, row_group_size=BLOCK_ROWS
        )
        heights.append(frame.height)
    return heights


def _part(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}-{number:06}.parquet"
