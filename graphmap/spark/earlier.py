"""How many of a kind were in all slices of time before each: sums over slices, whatever a host or account has of it.

Each slice counts for itself, and what is alike in all slices comes together in one place: a number a slice, not a hop.
So the busiest host weighs no more than any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.spark.blocks import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.spark.blocks import Blocks, Tables


class Kind(IntEnum):
    """What is counted; beside each, what `a`, `b` and `c` are."""

    WAY = 0
    """Hops by source, account and destination."""
    PAIR = 1
    """Hops by source and destination."""
    ARRIVAL = 2
    """Hops by account and destination."""
    ACCOUNT = 3
    """Hops by account."""
    SOURCE = 4
    """Hops by source."""
    HOST = 5
    """Hops by destination."""
    OPEN = 6
    """Sessions that begin, less those that were closed, by host."""
    OPEN_ACCOUNT = 7
    """The same by host and account."""
    OPEN_KEY = 8
    """The same by host and key."""
    NEW_WAY = 9
    """Hops on ways that nobody took before, by account."""
    NEW_END = 10
    """Hops to where none from their source went before, by source."""
    NEW_HOST = 11
    """Hops to where none went before, all together."""


COUNTS = pl.Schema(
    {
        "kind": pl.UInt8(),
        "a": pl.Int32(),
        "b": pl.Int32(),
        "c": pl.Int32(),
        "number": pl.Int64(),
        "asked": pl.Boolean(),  # whether this slice wants to know what was before it
    }
)
EARLIER = pl.Schema({name: COUNTS[name] for name in ("kind", "a", "b", "c", "number")})
_ALIKE = ("kind", "a", "b", "c")
_PRIMES = (1_000_003, 998_244_353, 1_000_000_007, 2_147_483_647)


def counted(kind: Kind, rows: pl.DataFrame, *columns: str, number: int = 1, asked: bool = True) -> pl.DataFrame:
    """COUNTS of rows that are alike in some columns; each row counts `number`."""
    names = dict(zip("abc", columns, strict=False))
    alike = [pl.col(column).cast(pl.Int32).alias(name) for name, column in names.items()]
    count = (pl.len() * pl.lit(number, pl.Int64)).alias("number")
    grouped = rows.drop_nulls(columns).group_by(alike).agg(count) if names else rows.select(count)
    return grouped.select(
        pl.lit(kind.value, pl.UInt8).alias("kind"),
        *(pl.col(name) if name in names else pl.lit(-1, pl.Int32).alias(name) for name in "abc"),
        pl.col("number"),
        pl.lit(asked).alias("asked"),
    )


def dealt(place: int, counts: pl.DataFrame, buckets: int) -> Iterator[Block]:
    """What a slice counted, by where what is alike comes together."""
    mixed = np.zeros(counts.height, np.uint64)
    for name, prime in zip(_ALIKE, _PRIMES, strict=True):
        mixed = (mixed ^ counts[name].cast(pl.Int64).to_numpy().astype(np.uint64)) * np.uint64(prime)
        mixed ^= mixed >> np.uint64(29)
    rows = counts.with_columns(slice=pl.lit(place, pl.Int32), bucket=pl.Series(mixed % np.uint64(buckets)))
    for (bucket,), part in rows.partition_by("bucket", as_dict=True, include_key=False).items():
        yield Block(int(bucket), "counts", part)


@dataclass(frozen=True)
class _Adding:
    def __call__(self, _bucket: int, tables: Tables) -> Iterator[Block]:
        schema = pl.Schema({**COUNTS, "slice": pl.Int32()})
        counts = tables.get("counts", schema).group_by(*_ALIKE, "slice").agg(
            pl.col("number").sum(), pl.col("asked").any()
        )  # fmt: skip
        before = pl.col("number").cum_sum().over(_ALIKE, order_by="slice") - pl.col("number")
        found = counts.with_columns(number=before).filter("asked", pl.col("number") != 0)
        for (place,), part in found.partition_by("slice", as_dict=True, include_key=False).items():
            yield Block(int(place), "earlier", part.select(EARLIER.names()))


def summed(counts: Blocks, buckets: int) -> Blocks:
    """EARLIER of each slice that asked, by slice, without what is zero."""
    return counts.gathered(buckets, _Adding())


def before(rows: pl.DataFrame, earlier: pl.DataFrame, kind: Kind, *columns: str) -> np.ndarray:
    """Of each row the number that EARLIER has for what it is alike in; 0 where it has none."""
    names = dict(zip(columns, "abc", strict=False))
    told = earlier.filter(pl.col("kind") == kind.value).select(*names.values(), "number").rename(
        {name: column for column, name in names.items()}
    )  # fmt: skip
    asked = rows.select(pl.col(columns).cast(pl.Int32))
    found = asked.join(told, on=columns, how="left", maintain_order="left", nulls_equal=False)["number"]
    return found.fill_null(0).to_numpy()
