"""Hops and refused logons, aggregated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.tables import EDGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    Frame = pl.DataFrame | pl.LazyFrame

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
    """Count, failures, first, last and days of hops and refused logons, by columns that both have.

    Parameters
    ----------
    hops, failures
        HOPS and FAILURES.
    by
        Columns of EDGE_KEY.

    Returns
    -------
    DataFrame of the columns `by`, then `count`, `failures`, `first`, `last` and `days` as in EDGES, sorted by `by`.
    """
    accepted = hops.lazy().select(*by, time="start", success=True)
    refused = (
        failures.lazy().filter(pl.col("src").is_not_null()).rename({"host": "dst"}).select(*by, "time", success=False)
    )
    return (
        pl.concat([accepted, refused])
        .group_by(by)
        .agg(
            count=pl.col("success").sum(),
            failures=(~pl.col("success")).sum(),
            first=pl.col("time").min(),
            last=pl.col("time").max(),
            days=pl.col("time").filter("success").dt.date().n_unique(),
        )
        .cast({"count": pl.UInt32, "failures": pl.UInt32, "days": pl.UInt32})
        .sort(by, nulls_last=True)
        .collect(engine="streaming")
    )
