"""The user-host-source graph as networkx MultiDiGraphs, for notebooks and for small questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx

from graphmap.graph.relations import ENDS, hosts, names_of, relations, sources, users
from graphmap.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

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
    found = relations(hops, failures)
    graph.add_nodes_from(_nodes(found, identity))
    for kind, (start, _) in ENDS.items():
        for row in found[kind].iter_rows(named=True):
            src, dst = node_id(start, row.pop("src")), node_id(NodeKind.HOST, row.pop("dst"))
            graph.add_edge(src, dst, kind=kind, **row)
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


def _nodes(found: Mapping[str, pl.DataFrame], identity: Identity) -> Iterator[tuple[str, Row]]:
    for row in hosts(names_of(found, NodeKind.HOST), identity).iter_rows(named=True):
        yield _node(NodeKind.HOST, **row | {"roles": tuple(row["roles"])})
    for row in sources(names_of(found, NodeKind.SOURCE), identity).iter_rows(named=True):
        yield _node(NodeKind.SOURCE, **row)
    for row in users(names_of(found, NodeKind.USER), identity).iter_rows(named=True):
        yield _node(NodeKind.USER, **row)
    for name in names_of(found, NodeKind.KEY):
        yield _node(NodeKind.KEY, name)


def _node(kind: NodeKind, name: str, **attributes: Any) -> tuple[str, Row]:
    return node_id(kind, name), {"kind": str(kind), "name": name, **attributes}
