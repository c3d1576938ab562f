"""Hops and refused logons, aggregated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.tables import EDGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    Frame = pl.DataFrame | pl.LazyFrame

_DAY, _BITS = 86_400_000_000, 63

EDGE_KEY = ("src", "src_known", "user", "dst", "service", "method")


def build_edges(hops: Frame, failures: Frame) -> pl.DataFrame:
    """Aggregate hops and refused logons by source, account, destination, service and method.

    Parameters
    ----------
    hops
        HOPS.
    failures
        FAILURES. Those without a source are left out.

    Returns
    -------
    DataFrame of schema EDGES, sorted by its key.
    """
    return aggregate(hops, failures, EDGE_KEY).match_to_schema(EDGES, missing_columns="raise")


def aggregate(hops: Frame, failures: Frame, by: Sequence[str]) -> pl.DataFrame:
    """`count_edges` of whole tables, sorted by `by`."""
    return count_edges(hops.lazy(), failures.lazy(), by).sort(by, nulls_last=True).collect(engine="streaming")


def count_edges(hops: pl.LazyFrame, failures: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Count, failures, first, last and days of hops and refused logons, by columns that both have.

    Parameters
    ----------
    hops, failures
        HOPS and FAILURES, or scans of them. Failures without a source are left out.
    by
        Columns of EDGE_KEY.

    Returns
    -------
    LazyFrame of the columns `by`, then `count`, `failures`, `first`, `last` and `days` as in EDGES, in no order.

    Notes
    -----
    One pass that can be streamed: days are the bits of whole numbers, one number for every 63 days. The first and last
    moment are looked up before, from two columns.
    """
    accepted = hops.select(*by, time="start", success=True)
    refused = failures.filter(pl.col("src").is_not_null()).rename({"host": "dst"}).select(*by, "time", success=False)
    attempts = pl.concat([accepted, refused])
    span = pl.concat([hops.select(time="start"), failures.select("time")])
    day = pl.col("time").dt.timestamp("us") // _DAY
    first, last = span.select(first=day.min(), last=day.max()).collect(engine="streaming").row(0)
    day -= first or 0
    masks = {
        f"days{number}": pl.when("success", day // _BITS == number)
        .then(pl.lit(2, pl.Int64).pow(day % _BITS))
        .otherwise(pl.lit(0, pl.Int64))
        for number in range(((last or 0) - (first or 0)) // _BITS + 1)
    }
    return (
        attempts.with_columns(**masks)
        .group_by(by)
        .agg(
            count=pl.col("success").sum(),
            failures=pl.len() - pl.col("success").sum(),
            first=pl.col("time").min(),
            last=pl.col("time").max(),
            days=pl.sum_horizontal(pl.col(name).bitwise_or().bitwise_count_ones() for name in masks),
        )
        .cast({"count": pl.UInt32, "failures": pl.UInt32, "days": pl.UInt32})
    )
