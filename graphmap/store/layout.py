"""What makes rows unique, and which files can hold them: the lake's reasoning, without Delta."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import polars as pl

from graphmap.tables import EVENT_KEY, EVENTS, REJECTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

PREFIX = 32
"""Delta statistics may cut long text; its first characters are exact (parquet cuts at 64 bytes)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table lies on disk, and what makes a row of it unique.

    Files hold the columns of `schema`; the folders they lie in say those of `partition`. `derived` computes from the
    former what the partition and the key need besides. The Delta log keeps each file's smallest and largest value of
    the columns in `extent`, so that a look-up opens few files; rows are written in their order.
    """

    schema: pl.Schema
    partition: dict[str, pl.DataType]
    key: tuple[str, ...]
    derived: tuple[pl.Expr, ...]
    extent: tuple[str, ...]


EVENT_LAYOUT = Layout(
    schema=EVENTS,
    partition={"day": pl.Date()},
    key=EVENT_KEY,
    derived=(pl.col("time").dt.truncate("1s").alias("second"), pl.col("time").dt.date().alias("day")),
    extent=("dst_host", "time"),
)
REJECT_LAYOUT = Layout(schema=REJECTS, partition={}, key=("reason", "text", "repeat"), derived=(), extent=("text",))


def first_of_each(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The first row of each key, in the same order.

    Rows whose hash is alone have a key of their own; comparing the few others column by column keeps it exact.
    """
    shared = rows.select(key).hash_rows().is_duplicated()
    if not shared.any():
        return rows
    numbered = rows.with_row_index("row")
    doubtful = numbered.filter(shared)
    repeated = doubtful.join(doubtful.unique(key, keep="first", maintain_order=True), on="row", how="anti")
    return numbered.join(repeated, on="row", how="anti", maintain_order="left").drop("row")


def touched(extents: pl.DataFrame, rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The files that can hold a key of `rows`: the same partition, and overlapping extents in it."""
    whole = pl.lit(0).alias("whole")
    span = rows.group_by(whole, *layout.partition).agg(
        expression
        for name in layout.extent
        for expression in (
            pl.col(name).min().alias(f"low.{name}"),
            pl.col(name).max().alias(f"high.{name}"),
            pl.col(name).null_count().alias(f"nulls.{name}"),
        )
    )
    pairs = extents.with_columns(whole).join(
        span,
        left_on=["whole", *(f"partition.{name}" for name in layout.partition)],
        right_on=["whole", *layout.partition],
    )
    overlap = [_overlap(name, pl.col(f"low.{name}"), pl.col(f"high.{name}")) for name in layout.extent]
    nulls = [(pl.col(f"nulls.{name}") > 0) & (pl.col(f"null_count.{name}") > 0) for name in layout.extent]
    return pairs.filter(reduce(and_, (a | b for a, b in zip(overlap, nulls, strict=True))))


def _overlap(name: str, low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Whether a file's column may have values from `low` to `high`; both null means there are none to look for."""
    least, most = pl.col(f"min.{name}"), pl.col(f"max.{name}")
    if name == "time":
        # Statistics are cut to milliseconds, and keys to seconds.
        second = pl.duration(seconds=1)
        overlap = (least <= high + second) & (most + second >= low)
    else:
        cut = [value.str.slice(0, PREFIX) for value in (least, most, low, high)]
        overlap = (cut[0] <= cut[3]) & (cut[1] >= cut[2])
    return (least.is_null() | most.is_null() | overlap).fill_null(value=False)


def between(values: pl.Series) -> pl.Expr:
    """Whether a row's column lies within these values, to the second for times."""
    column = pl.col(values.name)
    low, high = values.min(), values.max()
    if isinstance(low, datetime) and isinstance(high, datetime):
        return column.is_between(low.replace(microsecond=0), high.replace(microsecond=0) + timedelta(seconds=1))
    inside = column.is_between(pl.lit(low, pl.String), pl.lit(high, pl.String))
    return inside | column.is_null() if values.null_count() else inside


def near(since: datetime | None, until: datetime | None, hosts: Collection[str] | None) -> pl.Expr:
    """Which files may hold events of that time and of those hosts."""
    low = pl.lit(since or datetime.min.replace(tzinfo=UTC), EVENTS["time"])
    high = pl.lit(until or datetime.max.replace(tzinfo=UTC) - timedelta(days=1), EVENTS["time"])
    in_time = _overlap("time", low, high)
    if hosts is None:
        return in_time
    ends = (pl.lit(end, pl.String) for end in (min(hosts, default=None), max(hosts, default=None)))
    return in_time & _overlap("dst_host", *ends)


def wanted(
    since: datetime | None, until: datetime | None, allowed: dict[str, Collection[str] | None]
) -> Iterator[pl.Expr]:
    """The conditions on rows that these limits mean; None does not limit, and an empty set allows nothing."""
    if since is not None:
        yield pl.col("time") >= since
    if until is not None:
        yield pl.col("time") < until
    for column, values in allowed.items():
        if values is not None:
            yield pl.col(column).is_in([str(value) for value in values])
