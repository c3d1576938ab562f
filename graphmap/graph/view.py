"""The user-host-source graph as networkx MultiDiGraphs, for notebooks and for small questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx
import polars as pl

from graphmap.graph.edges import EDGE_KEY, aggregate
from graphmap.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.edges import Frame
    from graphmap.identity import Identity

Row = dict[str, Any]
Graph: TypeAlias = "nx.MultiDiGraph[str]"
"""The graph; nodes are named by `node_id`."""


def node_id(kind: NodeKind, name: str) -> str:
    """The id of a node: its kind and its name, as in ``host:db1``."""
    return f"{kind}:{name}"


def build_view(hops: Frame, failures: Frame, identity: Identity) -> Graph:
    """Build the user-host-source graph.

    Parameters
    ----------
    hops
        HOPS.
    failures
        FAILURES of the same time.
    identity
        Gives hosts and addresses their segments, roles and owners.

    Returns
    -------
    MultiDiGraph with these nodes (``kind:name``; attributes `kind`, `name`, and those named here):

    ==========  ===================================================================================
    ``user``    a user name as logged; `account`, and `service` where the inventory says that it is no person's
    ``host``    a known host; `segment`, `restricted`, `roles`, `owner`
    ``source``  an address or a name that is no known host; `segment`, `restricted`
    ``key``     a key's fingerprint
    ==========  ===================================================================================

    and these edges (attribute `kind`; all with `count`, `failures`, `first`, `last`, `days` as in EDGES):

    ================  =============================================================================
    ``LOGGED_ON_TO``  user to host
    ``CONNECTED_TO``  source to host
    ``MOVED_TO``      host to host; one edge for each `user`, `service` and `method`
    ``OPENED``        key to host; `users` that it opened there
    ================  =============================================================================

    Examples
    --------
    >>> from graphmap.identity import Identity
    >>> from graphmap.tables import FAILURES, HOPS
    >>> build_view(HOPS.to_frame(), FAILURES.to_frame(), Identity()).number_of_nodes()
    0
    """
    graph: Graph = nx.MultiDiGraph()
    hops, failures = hops.lazy(), failures.lazy()
    edges = aggregate(hops, failures, EDGE_KEY)
    graph.add_nodes_from(_nodes(hops, edges, identity))
    for row in aggregate(hops, failures, ["user", "dst"]).iter_rows(named=True):
        _connect(graph, "LOGGED_ON_TO", node_id(NodeKind.USER, row.pop("user")), row)
    unknown = ~pl.col("src_known")
    for row in aggregate(hops.filter(unknown), failures.filter(unknown), ["src", "dst"]).iter_rows(named=True):
        _connect(graph, "CONNECTED_TO", node_id(NodeKind.SOURCE, row.pop("src")), row)
    for row in edges.filter("src_known").drop("src_known").iter_rows(named=True):
        _connect(graph, "MOVED_TO", node_id(NodeKind.HOST, row.pop("src")), row)
    for row in _openings(hops, failures).iter_rows(named=True):
        _connect(graph, "OPENED", node_id(NodeKind.KEY, row.pop("key")), row)
    return graph


def build_hop_view(hops: pl.DataFrame) -> Graph:
    """Build a graph with one edge a hop, for questions about time (`graphmap.graph.temporal`).

    Parameters
    ----------
    hops
        HOPS.

    Returns
    -------
    MultiDiGraph. Nodes as in `build_view`, hosts and sources only, with `kind` and `name`. The key of an edge is the
    row of its hop; its attributes are the columns of HOPS but `src`, `src_known` and `dst`. `key` is `fingerprint`
    there, since networkx calls something else the key.
    """
    graph: Graph = nx.MultiDiGraph()
    for row, hop in enumerate(hops.iter_rows(named=True)):
        src = _end(graph, NodeKind.HOST if hop.pop("src_known") else NodeKind.SOURCE, hop.pop("src"))
        dst = _end(graph, NodeKind.HOST, hop.pop("dst"))
        graph.add_edge(src, dst, key=row, fingerprint=hop.pop("key"), **hop)
    return graph


def _end(graph: Graph, kind: NodeKind, name: str) -> str:
    graph.add_node(node_id(kind, name), kind=str(kind), name=name)
    return node_id(kind, name)


def _connect(graph: Graph, kind: str, start: str, row: Row) -> None:
    graph.add_edge(start, node_id(NodeKind.HOST, row.pop("dst")), kind=kind, **row)


def _nodes(hops: pl.LazyFrame, edges: pl.DataFrame, identity: Identity) -> Iterator[tuple[str, Row]]:
    known = edges.filter("src_known")["src"]
    for name in pl.concat([known, edges["dst"]]).unique().sort():
        segment, host = identity.segment(name), identity.host(name)
        yield _node(
            NodeKind.HOST,
            name,
            segment=segment,
            restricted=identity.is_restricted(segment),
            roles=host.roles if host else (),
            owner=host.owner if host else None,
        )
    for name in edges.filter(~pl.col("src_known"))["src"].unique().sort():
        segment = identity.segment(name)
        yield _node(NodeKind.SOURCE, name, segment=segment, restricted=identity.is_restricted(segment))
    for name in edges["user"].unique().sort():
        account = identity.account_of(name)
        yield _node(NodeKind.USER, name, account=account, service=identity.is_service(account))
    for name in hops.select(pl.col("key").drop_nulls().unique().sort()).collect()["key"]:
        yield _node(NodeKind.KEY, name)


def _node(kind: NodeKind, name: str, **attributes: Any) -> tuple[str, Row]:
    return node_id(kind, name), {"kind": str(kind), "name": name, **attributes}


def _openings(hops: pl.LazyFrame, failures: pl.LazyFrame) -> pl.DataFrame:
    """The keys that opened a host; one that was only ever refused there opened nothing."""
    used = hops.filter(pl.col("key").is_not_null())
    tried = failures.filter(pl.col("key").is_not_null())
    users = used.group_by("key", "dst").agg(users=pl.col("user").unique().sort()).collect()
    return aggregate(used, tried, ["key", "dst"]).join(users, on=["key", "dst"], maintain_order="left")
