"""What the jobs of a task answer, in one shape for all tools, so that answers can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class NotThereYetError(Exception):
    """graphmap has no such function yet."""


class Moments(NamedTuple):
    """Rows of hops, in any order, and a moment of each (us since 1970)."""

    rows: NDArray[np.integer]
    moments: NDArray[np.int64]


def moments_of(found: Mapping[int, int]) -> Moments:
    """Those of a dictionary from row to moment."""
    rows = np.fromiter(found.keys(), np.int64, len(found))
    return Moments(rows, np.fromiter(found.values(), np.int64, len(found)))


WAY = ("src", "account", "dst")


def plain(answer: object) -> object:
    """An answer of any tool in one order and one set of types; times in us since 1970."""
    if isinstance(answer, Moments):
        order = np.argsort(answer.rows)
        return [answer.rows[order].tolist(), answer.moments[order].tolist()]
    if isinstance(answer, pl.DataFrame):
        numbers = [pl.col(name).cast(pl.Int64) for name in ("count", "failures", "days")]
        times = [_microseconds(answer, name) for name in ("first", "last")]
        return answer.select(*WAY, *numbers, *times).sort(WAY)
    if isinstance(answer, list):
        return [plain(one) for one in answer]
    return answer


def _microseconds(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).dt.timestamp("us") if frame.schema[name].is_temporal() else pl.col(name)


def same(one: object, other: object) -> bool:
    """Whether two plain answers are equal."""
    if isinstance(one, pl.DataFrame):
        return isinstance(other, pl.DataFrame) and one.equals(other)
    return one == other
