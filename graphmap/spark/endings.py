"""The best chain that ends with each hop, by number of hops: slices of time search side by side, and hand on.

A chain may cross from slice to slice as often as it has links. So each slice first finds the best of its own; then,
round by round, sessions that stay open tell later slices how good the chains are that they end, until nothing changes:
at most as many rounds as a chain has links. Of sessions on one host, of one account and key, only those are handed on
that some hop may prefer: one that others outlive and outdo is not (`graphmap.graph.kernels.chains`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmap.graph.kernels.chains import best_endings
from graphmap.graph.walks import LONGEST, Hops, worth_of
from graphmap.spark.blocks import Block, Blocks
from graphmap.spark.slices import Slices
from graphmap.spark.weighing import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from graphmap.spark.blocks import Tables

_LENGTHS = tuple(f"best{length}" for length in range(LONGEST))
_CARRIED = pl.Schema(
    {**dict.fromkeys(("src", "dst", "account", "key"), pl.Int32()), **dict.fromkeys(("earliest", "open"), pl.Int64()),
     **dict.fromkeys(_LENGTHS, pl.Int32())}
)  # fmt: skip
_ALIKE = ("dst", "account", "key")


@dataclass(frozen=True)
class Endings:
    """The search in the slices `places` that have hops. `left` tells for each host whether some hop leaves it."""

    slices: Slices
    places: tuple[int, ...]
    left: NDArray[np.bool_]

    def run(self, spark: SparkSession) -> tuple[str, int]:
        """Search.

        Returns
        -------
        The name of the arrays of the slices, each of shape (hops, LONGEST), and in how many groups of overlapping
        stamps the search was given up (`graphmap.graph.walks.Walks.best_endings`).
        """
        cut = dict.fromkeys(self.places, 0)
        first = Blocks.of(spark, len(self.places), _First(self))
        cut |= {place: rows["cut"].item() for place, _, rows in first.collected()}
        for number in range(1, LONGEST):
            handed = Blocks.of(spark, len(self.places), _Handing(self, number - 1))
            searched = handed.gathered(len(self.places), _Searching(self, number))
            changed = False
            for place, _, rows in searched.collected():
                cut[place] = rows["cut"].item()
                changed |= rows["changed"].item()
            if not changed:
                return _name(number), sum(cut.values())
        return _name(LONGEST - 1), sum(cut.values())

    def search(self, place: int, number: int, carried: pl.DataFrame) -> tuple[NDArray[np.int32], int]:
        """Search a slice, given the sessions that were open when it began."""
        load = self.slices.load
        own = dict(zip((*WAYS, "joined"), load(place, *WAYS, "joined"), strict=True))
        counted = dict(zip(_COUNTED, load(place, *_COUNTED), strict=True))
        (bits,) = load(place, "surprise")
        known = np.ascontiguousarray(carried.select(_LENGTHS).to_numpy().astype(np.int32, order="C"))
        before = carried.height
        columns: dict[str, Any] = {
            name: np.concatenate([carried[name].to_numpy(), own[name]]) for name in WAYS
        } | {
            name: np.concatenate([np.zeros(before, array.dtype), array])
            for name, array in {"joined": own["joined"], **counted}.items()
        }  # fmt: skip
        worth = np.concatenate([np.zeros(before, np.int32), bits])
        best, cut = best_endings(
            Hops(**columns), len(self.left), LONGEST, worth, worth, worth_of(counted["origins"]), 1, known
        )
        found = np.ascontiguousarray(best[before:])
        self.slices.save(place, **{_name(number): found})
        return found, int(cut)


@dataclass(frozen=True)
class _First:
    """Searches a slice by itself."""

    search: Endings

    def __call__(self, number: int) -> Iterator[Block]:
        place = self.search.places[number]
        _, cut = self.search.search(place, 0, _CARRIED.to_frame())
        yield Block(place, "found", pl.DataFrame({"cut": [cut]}))


@dataclass(frozen=True)
class _Handing:
    """Hands on the sessions of a slice that stay open, with what round `number` found of them."""

    search: Endings
    number: int

    def __call__(self, number: int) -> Iterator[Block]:
        places, slices = self.search.places, self.search.slices
        place = places[number]
        yield Block(place, "here", pl.DataFrame({"here": [True]}))
        if place == places[-1]:
            return
        rows = pl.DataFrame(dict(zip(WAYS, slices.load(place, *WAYS), strict=True)))
        (best,) = slices.load(place, _name(self.number))
        until = slices.of(rows["open"].to_numpy())
        rows = rows.with_columns(
            *(pl.Series(name, best[:, length]) for length, name in enumerate(_LENGTHS)), until=pl.Series(until)
        ).filter(pl.col("until") > place, pl.Series(self.search.left[rows["dst"].to_numpy()]))
        rows = _useful(rows)
        for later in places[number + 1 :]:
            rows = rows.filter(pl.col("until") >= later)
            if rows.is_empty():
                return
            yield Block(later, "carried", rows.select(_CARRIED.names()))


@dataclass(frozen=True)
class _Searching:
    """Searches a slice with what was handed to it in round `number`."""

    search: Endings
    number: int

    def __call__(self, place: int, tables: Tables) -> Iterator[Block]:
        carried = tables.get("carried", _CARRIED)
        slices = self.search.slices
        (before,) = slices.load(place, _name(self.number - 1))
        if carried.is_empty():
            slices.save(place, **{_name(self.number): before})
            return
        found, cut = self.search.search(place, self.number, _useful(carried).sort("earliest"))
        changed = not np.array_equal(found, before)
        yield Block(place, "found", pl.DataFrame({"cut": [cut], "changed": [changed]}))


_COUNTED = ("origins", "preferred", "basis")


def _name(number: int) -> str:
    return f"best-{number}"


def _useful(sessions: pl.DataFrame) -> pl.DataFrame:
    """Those that end a better chain of some length than all that are alike and stay open as long."""
    ordered = sessions.sort(*_ALIKE, "open", descending=[False, False, False, True])
    better = [
        pl.col(name) > pl.col(name).cum_max().shift(1).over(_ALIKE) for name in _LENGTHS
    ]  # fmt: skip
    first = pl.int_range(pl.len()).over(_ALIKE) == 0
    return ordered.filter(first | pl.any_horizontal(better).fill_null(value=False))
