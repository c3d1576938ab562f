"""HOPS that need not be in memory: bulk is scanned, and an answer takes the few rows that it shows."""

from __future__ import annotations

from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
import polars as pl

from graphmap.graph.columns import Column
from graphmap.graph.records import Record, Records
from graphmap.tables import HOPS, TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from graphmap.graph.index import HopIndex

T = TypeVar("T")
Rows: TypeAlias = "Mapping[int, Record]"
"""Rows of HOPS by their number."""

AT_ONCE = 500
"""Answers whose rows are taken together."""


class Piece(Protocol):
    """Some rows of a table, in order."""

    @property
    def height(self) -> int:
        """How many."""

    def scan(self) -> pl.LazyFrame:
        """All of them."""

    def take(self, numbers: NDArray[np.int64]) -> list[Record]:
        """Some of them by number, in ascending order."""


class InMemory(NamedTuple):
    """Rows in memory."""

    frame: pl.DataFrame

    @property
    def height(self) -> int:
        """How many."""
        return self.frame.height

    def scan(self) -> pl.LazyFrame:
        """All of them."""
        return self.frame.lazy()

    def take(self, numbers: NDArray[np.int64]) -> list[Record]:
        """Some of them by number."""
        return self.frame[numbers].rows(named=True)


class OnDisk(NamedTuple):
    """Rows in two files: `columns` is Parquet, `records` what `Records.write` wrote."""

    height: int
    columns: Path
    records: Path

    def scan(self) -> pl.LazyFrame:
        """All of them."""
        return pl.scan_parquet(self.columns, glob=False)

    def take(self, numbers: NDArray[np.int64]) -> list[Record]:
        """Some of them by number."""
        return Records(self.records, HOPS).take(numbers)


class HopTable:
    """The rows of HOPS in order, those of one piece after those of another."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._first = np.cumsum([0, *(piece.height for piece in pieces)], dtype=np.int64)
        self._columns: dict[str, Column] = {}

    @classmethod
    def of(cls, hops: pl.DataFrame) -> HopTable:
        """The rows of a frame."""
        return cls([InMemory(hops)])

    def __len__(self) -> int:
        return int(self._first[-1])

    def scan(self) -> pl.LazyFrame:
        """All rows, in order."""
        return pl.concat([piece.scan() for piece in self._pieces])

    def column(self, name: str) -> Column:
        """A column of text as numbers; null is the empty text. Made when it is first asked for; 4 bytes a hop."""
        if name not in self._columns:
            self._columns[name] = Column.of(self.scan(), pl.col(name))
        return self._columns[name]

    def take(self, rows: Iterable[int]) -> Rows:
        """Some rows, by number."""
        wanted = np.unique(np.fromiter(rows, np.int64))
        edges = np.searchsorted(wanted, self._first)
        records = chain.from_iterable(
            piece.take(wanted[begin:end] - first)
            for piece, first, (begin, end) in zip(self._pieces, self._first, pairwise(edges), strict=False)
            if begin < end
        )
        return dict(zip(wanted.tolist(), records, strict=True))

    def each(self, items: Iterable[T], rows_of: Callable[[T], Iterable[int]]) -> Iterator[tuple[T, Rows]]:
        """Each item with the rows that it needs, and others; the rows of many items are taken together."""
        left = iter(items)
        while some := list(islice(left, AT_ONCE)):
            rows = self.take(chain.from_iterable(map(rows_of, some)))
            yield from ((one, rows) for one in some)


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
