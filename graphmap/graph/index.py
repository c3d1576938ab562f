"""Hops as arrays, found by the host they leave and by the host they arrive at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Ids = NDArray[np.int32]
    Moments = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NONE = -1
"""Stands for "no key"."""

SECOND = 1_000_000
"""Microseconds."""

BLOCK = 64
"""Places of `HopIndex.arriving` that `HopIndex.blocks` join."""


class Groups(NamedTuple):
    """Rows gathered by group: those of group g are `rows[offsets[g]:offsets[g + 1]]`, in order of `earliest`."""

    rows: Ids
    offsets: Moments

    def of(self, group: int) -> Ids:
        """The rows of a group."""
        return self.rows[self.offsets[group] : self.offsets[group + 1]]


class Names(NamedTuple):
    """What the ids of an index mean. The ids of sources that are no known host follow those of the hosts."""

    hosts: tuple[str, ...]
    sources: tuple[str, ...]
    accounts: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def nobody(self) -> int:
        """The id of the account that no log names; NONE where each is named."""
        return 0 if self.accounts[:1] == ("",) else NONE

    def node(self, name: str) -> int | None:
        """The id of a host, else of a source; None where there is neither."""
        for names, first in ((self.hosts, 0), (self.sources, len(self.hosts))):
            place = bisect_left(names, name)
            if place < len(names) and names[place] == name:
                return first + place
        return None

    def name(self, node: int) -> str:
        """The name of a host or source."""
        return self.hosts[node] if node < len(self.hosts) else self.sources[node - len(self.hosts)]


@dataclass(frozen=True, slots=True)
class HopIndex:
    """The hops of one table, one array element a hop, in the table's order (which is by start).

    `src` and `dst` are ids of hosts and sources, `account` and `key` of accounts and keys (NONE for no key); `earliest`
    and `open` are microseconds since 1970 (see `graphmap.graph.hops`). No hop arrives at a source that is no known
    host, so no session can be the origin of one that leaves it. 40 bytes a hop.
    """

    names: Names
    src: Ids
    dst: Ids
    account: Ids
    key: Ids
    earliest: Moments
    open: Moments
    leaving: Groups
    arriving: Groups
    blocks: tuple[Moments, Moments]
    """For every BLOCK places of `arriving.rows`: the largest `open` in them; the largest from the first place of their
    host up to their last (of any of their hosts, where they have several)."""

    def __len__(self) -> int:
        return len(self.src)

    def latest(self, row: int) -> int:
        """The last moment at which a hop may have started."""
        stamp = int(self.earliest[row])
        return stamp if stamp % SECOND else stamp + SECOND - 1

    def tied(self, origin: int, hop: int) -> bool:
        """Whether the stamps leave open which of the two started first."""
        return self.latest(origin) >= int(self.earliest[hop])

    def last_hops(self) -> Iterator[int]:
        """The rows that no hop follows whose order with them is sure, in order."""
        for row in range(len(self)):
            place = self._leaving_from(row, self.latest(row) + 1)
            end = self.leaving.offsets[self.dst[row] + 1]
            if place == end or self.earliest[self.leaving.rows[place]] > self.open[row]:
                yield row

    def origins(self, hop: int) -> Iterator[int]:
        """The hops whose session could have been the origin of `hop`, latest first."""
        rows, moment = self.arriving.rows, self.earliest[hop]
        here, before = self.blocks
        begin, end = map(int, self.arriving.offsets[self.src[hop] : self.src[hop] + 2])
        place = bisect_right(rows, self.latest(hop), begin, end, key=self.earliest.__getitem__) - 1
        while place >= begin and before[place // BLOCK] >= moment:
            if here[place // BLOCK] < moment:
                place = place // BLOCK * BLOCK - 1
                continue
            row = int(rows[place])
            if row != hop and self.open[row] >= moment:
                yield row
            place -= 1

    def followers(self, hop: int) -> Iterator[int]:
        """The hops that `hop` could be the origin of, earliest first."""
        # a stamp covers at most its second, so no hop that could follow starts earlier than this
        first = self._leaving_from(hop, int(self.earliest[hop]) - SECOND)
        for place in range(first, int(self.leaving.offsets[self.dst[hop] + 1])):
            row = int(self.leaving.rows[place])
            if self.earliest[row] > self.open[hop]:
                return
            if row != hop and self.latest(row) >= self.earliest[hop]:
                yield row

    def rows_within(self, begin: int, end: int) -> range:
        """The rows that may have started between two moments, both inclusive, and others of the second of `begin`."""
        first = int(np.searchsorted(self.earliest, begin // SECOND * SECOND, side="left"))
        return range(first, max(first, int(np.searchsorted(self.earliest, end, side="right"))))

    def _leaving_from(self, hop: int, moment: int) -> int:
        """Where in `leaving.rows` the hops begin that leave the host of a hop's arrival at a moment or later."""
        begin, end = map(int, self.leaving.offsets[self.dst[hop] : self.dst[hop] + 2])
        return bisect_left(self.leaving.rows, moment, begin, end, key=self.earliest.__getitem__)


def build_index(hops: pl.DataFrame) -> HopIndex:
    """Index a table of hops.

    Parameters
    ----------
    hops
        HOPS, sorted by start as `build_hops` gives them.

    Returns
    -------
    HopIndex with row numbers of `hops`.
    """
    names = Names(*(tuple(names.sort()) for names in names_in(hops)))
    return make_index(names, **columns_of(hops, names))


def names_in(hops: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    """The distinct names of the hosts, sources, accounts and keys of HOPS."""
    known = hops["src_known"]
    return (
        pl.concat([hops["src"].filter(known), hops["dst"]]).unique(),
        hops["src"].filter(~known).unique(),
        hops["account"].unique(),
        hops["key"].drop_nulls().unique(),
    )


def columns_of(hops: pl.DataFrame, names: Names) -> dict[str, Any]:
    """Hops as arrays: what `make_index` takes. The names may be those of more hops."""
    hosts, sources, accounts, keys = (pl.Series(one, dtype=pl.String) for one in names)
    nodes = pl.concat([hosts, sources]).unique().sort()
    ids = hops.select(
        pl.col("src").cast(pl.Enum(nodes)),
        pl.col("dst").cast(pl.Enum(hosts)),
        pl.col("account").cast(pl.Enum(accounts)),
        pl.col("key").cast(pl.Enum(keys)),
    ).select(pl.all().to_physical().cast(pl.Int32).fill_null(NONE))
    # a name may be that of a host at one time and of an unknown source at another
    node = ids["src"].to_numpy()
    known = _places(hosts, nodes)[node]
    unknown = _places(sources, nodes)[node] + np.int32(len(hosts))
    # copies: what polars owns may not be written to, which is another type to compiled code
    columns = {name: np.array(ids[name].to_numpy()) for name in ("dst", "account", "key")}
    return {
        "src": np.where(hops["src_known"].to_numpy(), known, unknown),
        **columns,
        "earliest": np.array(hops["start"].to_physical().to_numpy()),
        "open": _stretched(hops["until"].to_physical().to_numpy()),
    }


def make_index(names: Names, **columns: Any) -> HopIndex:
    """Index hops that are arrays already: `src`, `dst`, `account`, `key`, `earliest` and `open` of a HopIndex.

    Cost: linear, but for `blocks`, whose making takes a step a host.
    """
    nodes = len(names.hosts) + len(names.sources)
    leaving, arriving = _grouped(columns["src"], nodes), _grouped(columns["dst"], nodes)
    return HopIndex(
        names=names, leaving=leaving, arriving=arriving, blocks=_blocks(arriving, columns["open"]), **columns
    )


def _places(names: pl.Series, among: pl.Series) -> Ids:
    """For each name of a sorted list its place in another one, which is sorted, too; NONE where it is not in that."""
    places = np.full(len(among), NONE, np.int32)
    places[among.search_sorted(names).to_numpy()] = np.arange(len(names), dtype=np.int32)
    return places


def _stretched(stamps: Moments) -> Moments:
    """The last moment that each stamp can mean."""
    return stamps + np.where(stamps % SECOND == 0, SECOND - 1, 0)


def _grouped(group: Ids, groups: int) -> Groups:
    """Row numbers by group; rows stay in order. Cost: linear, since numpy sorts numbers of 16 bits by counting."""
    offsets = np.zeros(groups + 1, np.int64)
    np.cumsum(np.bincount(group, minlength=groups), out=offsets[1:])
    rows = np.argsort(group.astype(np.uint16), kind="stable").astype(np.int32)
    if groups > 1 << 16:
        rows = rows[np.argsort((group[rows] >> 16).astype(np.uint16), kind="stable")]
    return Groups(rows, offsets)


def _blocks(arriving: Groups, opens: Moments) -> tuple[Moments, Moments]:
    """See `HopIndex.blocks`."""
    values = opens[arriving.rows]
    if not values.size:
        return values, values
    starts = np.arange(0, values.size, BLOCK)
    here = np.maximum.reduceat(values, starts)
    bounds = arriving.offsets[np.flatnonzero(np.diff(arriving.offsets))].tolist()
    for begin, end in zip(bounds, [*bounds[1:], values.size], strict=True):
        np.maximum.accumulate(values[begin:end], out=values[begin:end])
    return here, np.maximum.reduceat(values, starts)
