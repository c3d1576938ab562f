"""Hops as arrays, found by the host they leave and by the host they arrive at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from graphmap.graph.hops import stamps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NONE = -1
"""Stands for "no host" and "no key"."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Row numbers gathered by group: those of group g are `rows[offsets[g]:offsets[g + 1]]`, in order of `earliest`.

    `earliest` holds the stamps of the rows in the same order, so that a look-up copies nothing.
    """

    rows: Ints
    earliest: Ints
    offsets: Ints

    def of(self, group: int) -> Ints:
        """The rows of a group."""
        return self.rows[self.offsets[group] : self.offsets[group + 1]]

    def place(self, group: int, moment: int, *, after: bool) -> int:
        """Where in `rows` the hops of a group that are earlier than a moment end; with `after`, those up to it."""
        begin, end = self.offsets[group], self.offsets[group + 1]
        side: Literal["left", "right"] = "right" if after else "left"
        return int(begin + np.searchsorted(self.earliest[begin:end], moment, side=side))


@dataclass(frozen=True, slots=True)
class HopIndex:
    """The hops of one table, one array element a hop, in the table's order (which is by start).

    `src` and `dst` are node ids, `account` and `key` ids of their own; `earliest`, `latest` and `open` are
    microseconds since 1970 (see `graphmap.graph.hops`). `src` is NONE for a hop that leaves no known host: no session
    can be its origin. `nodes` gives the names of node ids.
    """

    nodes: tuple[str, ...]
    src: Ints
    dst: Ints
    account: Ints
    key: Ints
    earliest: Ints
    latest: Ints
    open: Ints
    leaving: Grouped
    arriving: Grouped
    longest: Ints
    """Of the sessions that arrive at a host, in the order of `arriving`: the largest `open` up to each."""
    led: Flags
    """Whether some session could be the origin of a hop."""

    def __len__(self) -> int:
        return len(self.src)

    def tied(self, origin: int, hop: int) -> bool:
        """Whether the stamps leave open which of the two started first."""
        return bool(self.latest[origin] >= self.earliest[hop])

    def last_hops(self) -> Ints:
        """The rows that no hop follows whose order with them is sure, in order. Cost: two look-ups a hop."""
        last = np.ones(len(self), dtype=np.bool_)
        for host in range(len(self.nodes)):
            rows = self.arriving.of(host)
            stamps = self.leaving.earliest[self.leaving.offsets[host] : self.leaving.offsets[host + 1]]
            until = np.searchsorted(stamps, self.open[rows], side="right")
            last[rows] = until <= np.searchsorted(stamps, self.latest[rows], side="right")
        return np.flatnonzero(last)

    def origins(self, hop: int) -> Iterator[int]:
        """The hops whose session could have been the origin of `hop`, latest first."""
        host = int(self.src[hop])
        if host == NONE:
            return
        arriving, moment = self.arriving, self.earliest[hop]
        begin = int(arriving.offsets[host])
        for place in range(arriving.place(host, self.latest[hop], after=True) - 1, begin - 1, -1):
            if self.longest[place] < moment:
                return
            row = int(arriving.rows[place])
            if row != hop and self.open[row] >= moment:
                yield row

    def followers(self, hop: int) -> Iterator[int]:
        """The hops that `hop` could be the origin of, earliest first."""
        leaving, host = self.leaving, int(self.dst[hop])
        # a stamp covers at most its second, so no hop that could follow starts earlier than this
        first = leaving.place(host, self.earliest[hop] - 1_000_000, after=False)
        for place in range(first, int(leaving.offsets[host + 1])):
            row = int(leaving.rows[place])
            if self.earliest[row] > self.open[hop]:
                return
            if row != hop and self.latest[row] >= self.earliest[hop]:
                yield row


def build_index(hops: pl.DataFrame) -> HopIndex:
    """Index a table of hops.

    Parameters
    ----------
    hops
        HOPS, sorted by start as `build_hops` gives them.

    Returns
    -------
    HopIndex with row numbers of `hops`. Memory: 9 arrays of 8 bytes a hop, and the names of the nodes.
    """
    nodes = pl.concat([hops["src"].filter(hops["src_known"]), hops["dst"]]).unique().sort()
    names = pl.Enum(nodes)
    times = stamps(hops)
    known = hops.select(pl.when("src_known").then("src").cast(names).to_physical().cast(pl.Int64).fill_null(NONE))
    src = known.to_series().to_numpy()
    dst = hops["dst"].cast(names).to_physical().cast(pl.Int64).to_numpy()
    earliest, open_ = times["earliest"].to_numpy(), times["open"].to_numpy()
    arriving = _grouped(dst, earliest, len(nodes))
    return HopIndex(
        nodes=tuple(nodes),
        src=src,
        dst=dst,
        account=_codes(hops["account"]),
        key=_codes(hops["key"]),
        earliest=earliest,
        latest=times["latest"].to_numpy(),
        open=open_,
        leaving=_grouped(src, earliest, len(nodes)),
        arriving=arriving,
        longest=_running_maximum(open_[arriving.rows], arriving.offsets),
        led=(hops["origins"] > 0).to_numpy(),
    )


def _codes(names: pl.Series) -> Ints:
    """Equal names get equal ids, null gets NONE."""
    return (names.rank("dense").cast(pl.Int64) - 1).fill_null(NONE).to_numpy()


def _grouped(group: Ints, earliest: Ints, groups: int) -> Grouped:
    """Row numbers by group; rows stay in order, and rows of group NONE lie before all groups."""
    rows = np.argsort(group, kind="stable").astype(np.int64)
    offsets = np.searchsorted(group[rows], np.arange(groups + 1), side="left").astype(np.int64)
    return Grouped(rows, earliest[rows], offsets)


def _running_maximum(values: Ints, offsets: Ints) -> Ints:
    """The running maximum of `values`, begun anew in each group."""
    out = values.copy()
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        np.maximum.accumulate(values[begin:end], out=out[begin:end])
    return out
