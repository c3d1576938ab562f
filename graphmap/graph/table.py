"""HOPS that need not be in memory: bulk is scanned, and an answer takes the few rows that it shows."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import polars as pl

from graphmap.graph.columns import Column
from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from graphmap.graph.index import HopIndex, Moments

T = TypeVar("T")
Record: TypeAlias = dict[str, Any]
"""A row of HOPS by column."""
Rows: TypeAlias = "Mapping[int, Record]"
"""Rows of HOPS by their number."""

BLOCK_ROWS = 8_192
"""Rows that are read together where one of them is wanted."""

BLOCKS_AT_ONCE = 16
"""Blocks that are read side by side."""

AT_ONCE = 500
"""Answers whose rows are taken together."""


class HopTable:
    """The rows of HOPS in order.

    Parameters
    ----------
    parts
        Lazy frames of schema HOPS, in order.
    heights
        Their numbers of rows.
    """

    def __init__(self, parts: Sequence[pl.LazyFrame], heights: Sequence[int]) -> None:
        self._parts = parts
        self._first = np.concatenate([[0], np.cumsum(heights, dtype=np.int64)])
        self._columns: dict[str, Column] = {}

    @classmethod
    def of(cls, hops: pl.DataFrame) -> HopTable:
        """The rows of a frame."""
        return cls([hops.lazy()], [hops.height])

    def __len__(self) -> int:
        return int(self._first[-1])

    def scan(self) -> pl.LazyFrame:
        """All rows, in order."""
        return pl.concat(self._parts)

    def column(self, name: str) -> Column:
        """A column of text as numbers; null is the empty text. Made when it is first asked for; 4 bytes a hop."""
        if name not in self._columns:
            self._columns[name] = Column.of(self.scan(), pl.col(name))
        return self._columns[name]

    def take(self, rows: Iterable[int]) -> Rows:
        """Some rows, by number. Cost: for each block of rows that holds one, reading that block."""
        wanted = np.unique(np.fromiter(rows, np.int64))
        if not len(wanted):
            return {}
        blocks = self._blocks(wanted)
        records: list[Record] = []
        while some := list(islice(blocks, BLOCKS_AT_ONCE)):
            frames = pl.collect_all([self._picked(*block) for block in some])
            records += chain.from_iterable(frame.iter_rows(named=True) for frame in frames)
        return dict(zip(wanted.tolist(), records, strict=True))

    def each(self, items: Iterable[T], rows_of: Callable[[T], Iterable[int]]) -> Iterator[tuple[T, Rows]]:
        """Each item with the rows that it needs, and others; the rows of many items are taken together."""
        left = iter(items)
        while some := list(islice(left, AT_ONCE)):
            rows = self.take(chain.from_iterable(map(rows_of, some)))
            yield from ((one, rows) for one in some)

    def _picked(self, part: int, start: int, numbers: Moments) -> pl.LazyFrame:
        """The rows of a block that have some numbers, counted from its start."""
        height = min(BLOCK_ROWS, self._height(part) - start)
        return self._parts[part].slice(start, height).filter(pl.Series(np.isin(np.arange(height), numbers)))

    def _height(self, part: int) -> int:
        return int(self._first[part + 1] - self._first[part])

    def _blocks(self, wanted: Moments) -> Iterator[tuple[int, int, Moments]]:
        """Part, first row in it, and the wanted rows from there on, of each block that has any."""
        parts = np.searchsorted(self._first, wanted, side="right") - 1
        local = wanted - self._first[parts]
        starts = local // BLOCK_ROWS * BLOCK_ROWS
        edges = np.flatnonzero((np.diff(parts, prepend=-1) != 0) | (np.diff(starts, prepend=-1) != 0))
        for begin, end in zip(edges, [*edges[1:], len(wanted)], strict=True):
            yield int(parts[begin]), int(starts[begin]), local[begin:end] - starts[begin]


def ways_of(index: HopIndex, rows: NDArray[np.integer[Any]]) -> pl.DataFrame:
    """What an index knows of some hops by name: `row`, `start`, `src`, `account` and `dst` as in HOPS."""
    names = index.names
    nodes, accounts = (pl.Series(n, dtype=pl.String) for n in ((*names.hosts, *names.sources), names.accounts))
    return pl.DataFrame({
        "row": pl.Series(rows, dtype=pl.Int64),
        "start": pl.Series(index.earliest[rows]).cast(TIME),
        "src": nodes.gather(index.src[rows]),
        "account": accounts.gather(index.account[rows]),
        "dst": nodes.gather(index.dst[rows]),
    })  # fmt: skip
