"""Who is related to whom: the nodes and edges of the user-host-source graph as tables, for who keeps or draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.graph.edges import EDGE_KEY, aggregate
from graphmap.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphmap.graph.edges import Frame
    from graphmap.identity import Identity

ENDS = {
    "LOGGED_ON_TO": (NodeKind.USER, NodeKind.HOST),
    "CONNECTED_TO": (NodeKind.SOURCE, NodeKind.HOST),
    "MOVED_TO": (NodeKind.HOST, NodeKind.HOST),
    "OPENED": (NodeKind.KEY, NodeKind.HOST),
}
"""The kinds of edge, and from which kind of node to which each goes."""


def relations(hops: Frame, failures: Frame) -> dict[str, pl.DataFrame]:
    """The edges by kind.

    Parameters
    ----------
    hops, failures
        HOPS and FAILURES of the same time.

    Returns
    -------
    For each kind of `ENDS` a table, sorted: `src` and `dst`, the names of the ends; for MOVED_TO `user`, `service` and
    `method`, one edge for each; `count`, `failures`, `first`, `last` and `days` as in EDGES; for OPENED `users`, those
    that the key opened that host for. A key that was only ever refused by a host opened nothing there.
    """
    hops, failures = hops.lazy(), failures.lazy()
    unknown = ~pl.col("src_known")
    moved = aggregate(hops.filter("src_known"), failures.filter("src_known"), EDGE_KEY)
    used = hops.filter(pl.col("key").is_not_null())
    tried = failures.filter(pl.col("key").is_not_null())
    opened_for = used.group_by("key", "dst").agg(users=pl.col("user").unique().sort()).collect()
    opened = aggregate(used, tried, ["key", "dst"]).join(opened_for, on=["key", "dst"], maintain_order="left")
    return {
        "LOGGED_ON_TO": aggregate(hops, failures, ["user", "dst"]).rename({"user": "src"}),
        "CONNECTED_TO": aggregate(hops.filter(unknown), failures.filter(unknown), ["src", "dst"]),
        "MOVED_TO": moved.drop("src_known"),
        "OPENED": opened.rename({"key": "src"}),
    }


def names_of(found: Mapping[str, pl.DataFrame], kind: NodeKind) -> list[str]:
    """The names of the nodes of a kind that edges touch, sorted."""
    columns = [
        found[edge][column].alias("name")
        for edge, ends in ENDS.items()
        for column, end in zip(("src", "dst"), ends, strict=True)
        if end == kind
    ]
    return pl.concat(columns).unique().sort().to_list()


def hosts(names: Iterable[str], identity: Identity) -> pl.DataFrame:
    """Hosts with `name`, `segment`, `restricted`, `roles`, `owner`; null where the inventory does not say."""
    schema: Mapping[str, pl.DataType | type[pl.DataType]] = {
        "name": pl.String, "segment": pl.String, "restricted": pl.Boolean,
        "roles": pl.List(pl.String), "owner": pl.String,
    }  # fmt: skip
    rows = []
    for name in names:
        segment, host = identity.segment(name), identity.host(name)
        roles, owner = (list(host.roles), host.owner) if host else ([], None)
        rows.append((name, segment, identity.is_restricted(segment), roles, owner))
    return pl.DataFrame(rows, schema=schema, orient="row")


def sources(names: Iterable[str], identity: Identity) -> pl.DataFrame:
    """Sources with `name`, `segment`, `restricted`."""
    schema = {"name": pl.String, "segment": pl.String, "restricted": pl.Boolean}
    placed = ((name, identity.segment(name)) for name in names)
    rows = [(name, segment, identity.is_restricted(segment)) for name, segment in placed]
    return pl.DataFrame(rows, schema=schema, orient="row")


def users(names: Iterable[str], identity: Identity) -> pl.DataFrame:
    """Users with `name`, their `account`, and whether that is of a `service`."""
    found = pl.DataFrame({"name": pl.Series(list(names), dtype=pl.String)}).with_columns(
        account=identity.account(pl.col("name"))
    )
    service = [identity.is_service(account) for account in found["account"]]
    return found.with_columns(service=pl.Series(service, dtype=pl.Boolean))
