"""What is different between the graphs of two times: links and nodes that came, went, or changed."""

from __future__ import annotations

import polars as pl

from graphmap.graph.subgraph import LINKS
from graphmap.tables import TIME, schema

CHANGES = schema(
    {
        "change": pl.String,  # added, gone or changed; never null
        "src": pl.String,  # as in LINKS; never null
        "dst": pl.String,  # never null
        "kind": pl.String,  # never null
        "before": pl.Int64,  # accepted logons in the first graph; never null
        "after": pl.Int64,  # in the second; never null
        "failures_before": pl.Int64,  # refused ones; never null
        "failures_after": pl.Int64,  # never null
        "new_users": pl.List(pl.String),  # accounts of the second graph that the first has not, of those named
        "first": TIME,  # of any attempt in both; never null
        "last": TIME,  # never null
    }
)
"""One row for each pair of nodes whose link is in one graph only, or has another number of attempts or new accounts."""

_KEY = ["src", "dst", "kind"]


def difference(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Compare two graphs, each of schema LINKS; give CHANGES.

    Added links come first, then those that are gone, then the others; of each the one first that differs by the most
    attempts.
    """
    sides = [
        side.match_to_schema(LINKS).select(*_KEY, *(pl.col(name).alias(f"{name}_{which}") for name in _COMPARED))
        for side, which in ((before, "before"), (after, "after"))
    ]
    joined = sides[0].join(sides[1], on=_KEY, how="full", coalesce=True)
    numbers = [
        pl.col(f"{name}_{which}").fill_null(0) for name in ("count", "failures") for which in ("before", "after")
    ]
    change = (
        pl.when(pl.col("first_before").is_null())
        .then(pl.lit("added"))
        .when(pl.col("first_after").is_null())
        .then(pl.lit("gone"))
        .otherwise(pl.lit("changed"))
    )
    attempts = pl.col("after") + pl.col("failures_after") - pl.col("before") - pl.col("failures_before")
    return (
        joined.with_columns(*numbers)
        .select(
            *_KEY,
            change=change,
            before="count_before",
            after="count_after",
            failures_before="failures_before",
            failures_after="failures_after",
            new_users=pl.col("users_after")
            .fill_null([])
            .list.set_difference(pl.col("users_before").fill_null([]))
            .list.sort(),
            first=pl.min_horizontal("first_before", "first_after"),
            last=pl.max_horizontal("last_before", "last_after"),
        )
        .filter(
            (pl.col("change") != "changed")
            | (pl.col("before") != pl.col("after"))
            | (pl.col("failures_before") != pl.col("failures_after"))
            | (pl.col("new_users").list.len() > 0)
        )
        .sort(pl.col("change").replace_strict({"added": 0, "gone": 1, "changed": 2}), -attempts.abs(), *_KEY)
        .match_to_schema(CHANGES)
    )


def nodes_of(links: pl.DataFrame) -> set[str]:
    """The ids of the nodes that links join."""
    return {*links["src"], *links["dst"]}


_COMPARED = ("count", "failures", "users", "first", "last")
