"""Every host, user, source and key as a row: what lists, searches and pictures say of a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.graph.view import node_id
from graphmap.model import NodeKind
from graphmap.tables import TIME, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.pipeline.estate import Estate

NODES = schema(
    {
        "id": pl.String,  # `graphmap.graph.view.node_id`; never null
        "kind": pl.String,  # model.NodeKind; never null
        "name": pl.String,  # never null
        "segment": pl.String,  # null where the inventory does not say, and for users and keys
        "restricted": pl.Boolean,  # never null
        "roles": pl.List(pl.String),  # of hosts; never null
        "owner": pl.String,  # of hosts
        "account": pl.String,  # of users
        "service": pl.Boolean,  # of users: whether the inventory says that it is no person's; never null
        "count": pl.Int64,  # accepted logons, of a host those that arrived and those that left; never null
        "failures": pl.Int64,  # refused ones; never null
        "degree": pl.Int64,  # nodes that it is linked with; never null
        "first": TIME,  # of any attempt; null for a host that none touched
        "last": TIME,
    }
)

FLOWS = schema(
    {
        "src": pl.String,  # segment; null where the inventory does not say
        "dst": pl.String,
        "count": pl.Int64,  # accepted logons; never null
        "failures": pl.Int64,  # refused ones; never null
        "users": pl.Int64,  # how many different ones; never null
        "methods": pl.List(pl.String),  # those that the logs name, sorted; never null
        "first": TIME,  # of any attempt; never null
        "last": TIME,  # never null
    }
)
"""One row for each pair of segments of which one was logged on to from the other, itself included."""


def flows(estate: Estate) -> pl.DataFrame:
    """What moves between segments: schema FLOWS."""
    edges = estate.edges
    names = pl.concat([edges["src"], edges["dst"]]).unique()
    segment = dict(zip(names, map(estate.identity.segment, names), strict=True))
    sides = [pl.col(side).replace_strict(segment, return_dtype=pl.String) for side in ("src", "dst")]
    return (
        edges.with_columns(*sides)
        .group_by("src", "dst")
        .agg(
            pl.col("count", "failures").cast(pl.Int64).sum(),
            users=pl.col("user").n_unique().cast(pl.Int64),
            methods=pl.col("method").drop_nulls().unique().sort(),
            first=pl.col("first").min(),
            last=pl.col("last").max(),
        )
        .sort("src", "dst")
        .match_to_schema(FLOWS)
    )


def node_table(estate: Estate, links: pl.DataFrame) -> pl.DataFrame:
    """All nodes, by kind and name: schema NODES.

    Parameters
    ----------
    estate
        Gives what the inventory says.
    links
        All of its links (`graphmap.graph.subgraph.LINKS`).
    """
    ends = [links.with_columns(id=side, other=other) for side, other in (("src", "dst"), ("dst", "src"))]
    # what users and keys opened is counted with the sources already
    counted = pl.col("kind").is_in(["MOVED_TO", "CONNECTED_TO"]) | ~pl.col("id").str.starts_with("host:")
    touched = (
        pl.concat(ends)
        .group_by("id")
        .agg(
            pl.col("count", "failures").filter(counted).sum(),
            degree=pl.col("other").filter(pl.col("other") != pl.col("id")).n_unique().cast(pl.Int64),
            first=pl.col("first").min(),
            last=pl.col("last").max(),
        )
    )
    known = pl.DataFrame(list(_described(estate, touched["id"])), schema=dict(list(NODES.items())[:9]))
    joined = known.join(touched, on="id", how="left")
    return (
        joined.with_columns(pl.col("count", "failures", "degree").fill_null(0))
        .match_to_schema(NODES)
        .sort("kind", "name")
    )


def segment_names(estate: Estate, nodes: pl.DataFrame) -> list[str]:
    """The segments of nodes, the restricted ones last."""
    names = nodes["segment"].drop_nulls().unique().to_list()
    return sorted(names, key=lambda name: (estate.identity.is_restricted(name), name))


def _described(estate: Estate, ids: pl.Series) -> Iterator[dict[str, Any]]:
    identity = estate.identity
    silent = [node_id(NodeKind.HOST, name) for name in identity.hosts()]
    for node in dict.fromkeys([*ids.to_list(), *silent]):
        kind, _, name = node.partition(":")
        host = identity.host(name) if kind == NodeKind.HOST else None
        segment = identity.segment(name) if kind in {NodeKind.HOST, NodeKind.SOURCE} else None
        account = identity.account_of(name) if kind == NodeKind.USER else None
        yield {
            "id": node,
            "kind": kind,
            "name": name,
            "segment": segment,
            "restricted": identity.is_restricted(segment),
            "roles": list(host.roles) if host else [],
            "owner": host.owner if host else None,
            "account": account,
            "service": account is not None and identity.is_service(account),
        }
