"""Polars' answers: lazy frames on the streaming engine; the range joins by buckets of time. All are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tests.bench.answers import WAY, Moments
from tests.bench.inputs import Columns

if TYPE_CHECKING:
    from tests.bench.inputs import Inputs, Question

SECOND = 1_000_000
BUCKET = 10 * 60 * SECOND
"""As DuckDB's."""


def load(inputs: Inputs) -> pl.DataFrame:
    """The hops as numbers, in order of start."""
    return pl.read_parquet(inputs.codes).select(Columns._fields).with_row_index("row")


def reach(hops: pl.DataFrame, asked: Question) -> Moments:
    """Forward reach of a host: a join for each step, of the hops whose moment became earlier with all of the time."""
    inside = hops.filter(pl.col("earliest") <= asked.end, pl.col("latest") >= asked.begin)
    news = inside.filter(pl.col("src") == asked.host).select(
        "row", "dst", "open", moment=pl.max_horizontal("earliest", pl.lit(asked.begin))
    )
    best = news
    while news.height:
        later = (
            inside.lazy()
            .join(news.lazy(), left_on="src", right_on="dst", suffix="_before", coalesce=False)
            .filter(
                pl.col("earliest") <= pl.col("open_before"),
                pl.col("moment") <= pl.min_horizontal("latest", "open_before"),
                pl.col("row") != pl.col("row_before"),
            )
            .select("row", "dst", "open", moment=pl.max_horizontal("earliest", "moment"))
            .group_by("row", "dst", "open")
            .agg(pl.col("moment").min())
        )
        known = best.lazy().select("row", known="moment")
        news = (
            later.join(known, on="row", how="left")
            .filter((pl.col("moment") < pl.col("known")).fill_null(value=True))
            .drop("known")
            .collect(engine="streaming")
        )
        best = pl.concat([best.join(news, on="row", how="anti"), news])
    return Moments(best["row"].to_numpy(), best["moment"].to_numpy())


def chains(inputs: Inputs) -> int:
    """How many chains of three hops a file has."""

    def latest(stamp: str) -> pl.Expr:
        time = pl.col(stamp).dt.timestamp("us")
        return time + pl.when(time % SECOND == 0).then(SECOND - 1).otherwise(0)

    hop = pl.scan_parquet(inputs.table, row_index_name="row").select(
        "row",
        "dst",
        src=pl.when("src_known").then("src"),
        earliest=pl.col("start").dt.timestamp("us"),
        latest=latest("start"),
        open=latest("until"),
    )
    first, last = (pl.col("earliest") - (SECOND - 1)) // BUCKET, pl.col("open") // BUCKET
    a = hop.select(
        "earliest", "latest", "open", a="row", host="dst", bucket=pl.int_ranges(first, last + 1)
    ).explode("bucket")  # fmt: skip
    b = hop.select("earliest", "latest", b="row", host="src", bucket=pl.col("earliest") // BUCKET)
    pair = (
        a.join(b, on=["host", "bucket"], suffix="_b")
        .filter(
            pl.col("earliest_b") <= pl.col("open"),
            pl.col("latest_b") >= pl.col("earliest"),
            pl.col("a") != pl.col("b"),
        )
        .select("a", "b", "earliest", latest="latest_b", tied=pl.col("latest") >= pl.col("earliest_b"))
        .collect(engine="streaming")
        .lazy()
    )
    before = pair.group_by(row="b").agg(before=pl.len().cast(pl.Int64))
    after = pair.group_by(row="a").agg(after=pl.len().cast(pl.Int64))
    tied = pair.filter("tied")
    # each pair is possible, but not all three, or the third is the first again
    apart = tied.join(tied, left_on="b", right_on="a", suffix="_q").filter(
        (pl.col("b_q") == pl.col("a")) | (pl.col("earliest") > pl.col("latest_q"))
    )
    every = before.join(after, on="row").select((pl.col("before") * pl.col("after")).sum())
    total, less = pl.collect_all([every, apart.select(pl.len())], engine="streaming")
    return int(total.item()) - int(less.item())


def edges(inputs: Inputs) -> pl.DataFrame:
    """The edge table by source, account and destination, the days as the bits of a number."""
    first_day = inputs.whole.begin // 86_400_000_000 - 1
    day = pl.col("time").dt.timestamp("us") // 86_400_000_000 - first_day
    hops = pl.scan_parquet(inputs.table).select(*WAY, time="start", success=True)
    refused = pl.scan_parquet(inputs.refused).select("src", "account", dst="host", time="time", success=False)
    return (
        pl.concat([hops, refused])
        .with_columns(day=pl.when("success").then(pl.lit(2, pl.Int64).pow(day)).otherwise(0))
        .group_by(WAY)
        .agg(
            count=pl.col("success").sum(),
            failures=pl.len() - pl.col("success").sum(),
            first=pl.col("time").min(),
            last=pl.col("time").max(),
            days=pl.col("day").bitwise_or().bitwise_count_ones(),
        )
        .collect(engine="streaming")
    )


def scan(inputs: Inputs) -> int:
    """Read the columns of the edge table and do next to nothing with them."""
    hops = pl.scan_parquet(inputs.table).select(*WAY, time="start")
    refused = pl.scan_parquet(inputs.refused).select("src", "account", dst="host", time="time")
    return sum(pl.concat([hops, refused]).collect(engine="streaming").null_count().row(0))
