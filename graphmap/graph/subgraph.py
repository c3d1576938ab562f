"""The part of the user-host-source graph that a picture or an answer shows: who is near whom, bounded.

All of it is tables, since a busy estate has more edges than Python should walk over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import NodeKind
from graphmap.tables import TIME, schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LINKS = schema(
    {
        "src": pl.String,  # node id, as `graphmap.graph.view.node_id`; never null
        "dst": pl.String,  # node id of a host; never null
        "kind": pl.String,  # MOVED_TO, CONNECTED_TO, LOGGED_ON_TO or OPENED; never null
        "users": pl.List(pl.String),  # sorted, NAMED at most; never null
        "services": pl.List(pl.String),  # sorted; never null
        "methods": pl.List(pl.String),  # sorted, those that the log names; never null
        "count": pl.Int64,  # accepted logons; never null
        "failures": pl.Int64,  # refused ones; never null
        "first": TIME,  # of any attempt; never null
        "last": TIME,  # never null
    }
)
"""One row for each pair of nodes that an attempt joins."""

NAMED = 50
"""Most accounts that one link names."""

KINDS = {
    (NodeKind.HOST, NodeKind.HOST): "MOVED_TO",
    (NodeKind.SOURCE, NodeKind.HOST): "CONNECTED_TO",
    (NodeKind.USER, NodeKind.HOST): "LOGGED_ON_TO",
    (NodeKind.KEY, NodeKind.HOST): "OPENED",
}
"""What the link between two kinds of node is called."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Some nodes, by id, with how many links each has in all of the graph, and the links between them.

    `nodes` has `id`, `degree` and `depth` (steps from the nearest seed; 0 where there are no seeds); `links` is of
    schema LINKS. `all_nodes` and `all_links` count what was asked for, before the bounds cut it.
    """

    nodes: pl.DataFrame
    links: pl.DataFrame
    all_nodes: int
    all_links: int


def links_of(edges: pl.DataFrame, openings: pl.DataFrame) -> pl.DataFrame:
    """Join the edges of each pair of nodes.

    Parameters
    ----------
    edges
        EDGES.
    openings
        `key`, then as in EDGES: what each key opened (`graphmap.graph.edges.count_edges`).

    Returns
    -------
    DataFrame of schema LINKS, sorted by `src` and `dst`.
    """
    source = pl.when("src_known").then(pl.lit(f"{NodeKind.HOST}:")).otherwise(pl.lit(f"{NodeKind.SOURCE}:"))
    sides = (
        (edges, source + pl.col("src")),
        (edges, pl.lit(f"{NodeKind.USER}:") + pl.col("user")),
        (openings, pl.lit(f"{NodeKind.KEY}:") + pl.col("key")),
    )
    return pl.concat([_linked(table, side) for table, side in sides]).sort("src", "dst")


def _linked(table: pl.DataFrame, side: pl.Expr) -> pl.DataFrame:
    kind = pl.col("src").str.extract("^([a-z]+):").replace_strict({str(a): name for (a, _), name in KINDS.items()})
    return (
        table.lazy()
        .group_by(src=side, dst=pl.lit(f"{NodeKind.HOST}:") + pl.col("dst"))
        .agg(
            users=pl.col("user").unique().sort().head(NAMED),
            services=pl.col("service").unique().sort(),
            methods=pl.col("method").drop_nulls().unique().sort(),
            count=pl.col("count").cast(pl.Int64).sum(),
            failures=pl.col("failures").cast(pl.Int64).sum(),
            first=pl.col("first").min(),
            last=pl.col("last").max(),
        )
        .with_columns(kind=kind)
        .select(LINKS.names())
        .collect()
    )


def subgraph(
    links: pl.DataFrame,
    seeds: Sequence[str] = (),
    *,
    depth: int = 1,
    kinds: Collection[str] = tuple(NodeKind),
    most_nodes: int,
    most_links: int,
) -> Subgraph:
    """The nodes within some steps of the seeds, whichever way the links point; without seeds, all of them.

    Parameters
    ----------
    links
        Schema LINKS.
    seeds
        Node ids; those without any link are kept too.
    depth
        How many steps.
    kinds
        The kinds of node that may be shown; a seed always is.
    most_nodes, most_links
        Bounds. Nearer nodes stay first, then those with more links, then by id; links with more attempts stay first.

    Notes
    -----
    Cost: a pass over the links for each step.
    """
    allowed = pl.any_horizontal(pl.col("src").str.starts_with(f"{kind}:") for kind in kinds)
    usable = links.filter(allowed | pl.col("src").is_in(list(seeds)))
    found = _reached(usable, seeds, depth) if seeds else _every(usable)
    degrees = _degrees(usable)
    ranked = found.join(degrees, on="id", how="left").with_columns(pl.col("degree").fill_null(0))
    shown = ranked.sort(["depth", "degree", "id"], descending=[False, True, False]).head(most_nodes)
    inner = _between(usable, shown["id"])
    kept = inner.sort(["count", "failures", "src", "dst"], descending=[True, True, False, False]).head(most_links)
    return Subgraph(
        shown.select("id", "degree", "depth"),
        kept.sort("src", "dst"),
        all_nodes=found.height,
        all_links=_between(usable, found["id"]).height,
    )


def _every(links: pl.DataFrame) -> pl.DataFrame:
    ids = pl.concat([links["src"], links["dst"]]).unique()
    return pl.DataFrame({"id": ids, "depth": pl.zeros(len(ids), pl.Int32, eager=True)})


def _reached(links: pl.DataFrame, seeds: Sequence[str], depth: int) -> pl.DataFrame:
    ids = pl.Series(list(dict.fromkeys(seeds)), dtype=pl.String)
    found = pl.DataFrame({"id": ids, "depth": pl.zeros(len(ids), pl.Int32, eager=True)})
    front = ids
    for step in range(1, depth + 1):
        near = pl.concat(
            [
                links.filter(pl.col("src").is_in(front.implode()))["dst"],
                links.filter(pl.col("dst").is_in(front.implode()))["src"],
            ]
        ).unique()
        front = near.filter(~near.is_in(found["id"].implode()))
        if front.is_empty():
            break
        found = found.vstack(pl.DataFrame({"id": front, "depth": pl.Series([step] * len(front), dtype=pl.Int32)}))
    return found


def _degrees(links: pl.DataFrame) -> pl.DataFrame:
    apart = links.filter(pl.col("src") != pl.col("dst"))
    return pl.DataFrame({"id": pl.concat([apart["src"], apart["dst"]])}).group_by("id").agg(degree=pl.len())


def _between(links: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    return links.filter(pl.col("src").is_in(ids.implode()) & pl.col("dst").is_in(ids.implode()))
