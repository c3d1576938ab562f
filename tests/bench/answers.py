"""What the jobs of a task answer, in one shape for all tools, so that answers can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray


class NotThereYetError(Exception):
    """graphmap has no such function yet, or only one too slow for this size."""


class Moments(NamedTuple):
    """Rows of hops, ascending, and a moment of each (us since 1970)."""

    rows: NDArray[np.int64]
    moments: NDArray[np.int64]


def moments_of(found: Mapping[int, int]) -> Moments:
    """Those of a dictionary from row to moment."""
    rows = np.fromiter(found.keys(), np.int64, len(found))
    return in_order(rows, np.fromiter(found.values(), np.int64, len(found)))


def in_order(rows: Iterable[int] | NDArray[np.int64], moments: Iterable[int] | NDArray[np.int64]) -> Moments:
    """Those of two sequences of one length."""
    found, at = np.asarray(rows, np.int64), np.asarray(moments, np.int64)
    order = np.argsort(found)
    return Moments(found[order], at[order])


def same(one: object, other: object) -> bool:
    """Whether two answers are equal: numbers, arrays, frames, or sequences of them."""
    if isinstance(one, pl.DataFrame):
        return isinstance(other, pl.DataFrame) and one.equals(other)
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other)
    if isinstance(one, (list, tuple)):
        return (
            isinstance(other, (list, tuple))
            and len(one) == len(other)
            and all(same(a, b) for a, b in zip(one, other, strict=True))
        )
    return one == other


WAY = ("src", "account", "dst")


def edge_answer(edges: pl.DataFrame) -> pl.DataFrame:
    """An edge table of any tool: one order, one set of types; times in us since 1970."""
    times = [
        pl.col(name).dt.timestamp("us") if edges.schema[name].is_temporal() else pl.col(name) for name in ("first", "last")
    ]
    numbers = [pl.col(name).cast(pl.Int64) for name in ("count", "failures", "days")]
    return edges.select(*WAY, *numbers, *times).sort(WAY)
