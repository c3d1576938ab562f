"""The edge table: each slice of time adds up what it has of each day, and what is alike comes together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphmap.graph.edges import EDGE_KEY, count_edges
from graphmap.pipeline.made import save_part
from graphmap.spark.blocks import Block
from graphmap.spark.slices import written
from graphmap.tables import EDGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.spark.blocks import Tables

EDGES_OF_A_DAY = "edges"
_OF_A_DAY = pl.Schema({**EDGES, "day": pl.Date()})


def edges_of_days(hops: pl.DataFrame, failures: pl.DataFrame, parts: int) -> Iterator[Block]:
    """What HOPS and FAILURES add to each edge on each day, by where the edge is added up.

    Polars hashes alike in all processes of one version, which executors have (`graphmap.spark.executors`).
    """
    accepted = hops.lazy().with_columns(day=pl.col("start").dt.date())
    refused = failures.lazy().with_columns(day=pl.col("time").dt.date())
    found = count_edges(accepted, refused, (*EDGE_KEY, "day")).collect().match_to_schema(_OF_A_DAY)
    rows = found.with_columns(bucket=pl.struct(EDGE_KEY).hash() % parts)
    for (bucket,), part in rows.partition_by("bucket", as_dict=True, include_key=False).items():
        yield Block(int(bucket), EDGES_OF_A_DAY, part)


@dataclass(frozen=True)
class Adding:
    """Adds up edges and writes them into a folder (`graphmap.pipeline.made.Made.edges`)."""

    folder: Path

    def __call__(self, bucket: int, tables: Tables) -> Iterator[Block]:
        """Those of a bucket."""
        totals = (pl.col("count", "failures").sum(), pl.col("first").min(), pl.col("last").max())
        by_day = tables.get(EDGES_OF_A_DAY, _OF_A_DAY).group_by(*EDGE_KEY, "day").agg(totals)
        edges = by_day.group_by(EDGE_KEY).agg(*totals, days=(pl.col("count") > 0).sum())
        with written(self.folder / f"edges-{bucket:06}.parquet") as path:
            save_part(edges.cast({"days": EDGES["days"]}).match_to_schema(EDGES), path)
        return iter(())
