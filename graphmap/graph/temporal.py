"""Questions about time to a networkx graph that has an edge for each hop (`graphmap.graph.view.build_hop_view`).

For notebooks, and for graphs of which a notebook has taken edges away. A path is what `graphmap.graph.paths` says; how
certain it is follows from the edges that the graph has. Nodes are named as in the graph, ``host:db1``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from graphmap.graph.explain import EPOCH, moment_of
from graphmap.graph.index import build_index
from graphmap.graph.pivots import paths_between
from graphmap.graph.spread import provenance, reach
from graphmap.model import NodeKind
from graphmap.tables import HOPS

if TYPE_CHECKING:
    from graphmap.graph.index import HopIndex
    from graphmap.graph.view import Graph


Edge = tuple[str, str, int]
"""Start, end and key of an edge, as networkx writes them."""


def earliest_arrivals(
    graph: Graph, source: str, begin: datetime | None = None, end: datetime | None = None
) -> dict[str, datetime]:
    """When each node could first have been reached.

    Parameters
    ----------
    graph
        From `build_hop_view`, or a part of it.
    source
        A node.
    begin, end
        The time to look at, both inclusive, with zone; None is open.

    Returns
    -------
    Node to moment, in order of time. `source` itself is in it where a path returns to it.

    Raises
    ------
    KeyError
        The graph has no such node.
    """
    index, rows = _indexed(graph)
    found: dict[str, datetime] = {}
    for row, moment in sorted(
        reach(index, _id(index, graph, source), *_window(begin, end)).items(), key=lambda i: i[::-1]
    ):
        found.setdefault(rows[row][1], moment_of(moment))
    return found


def latest_departures(
    graph: Graph, target: str, begin: datetime | None = None, end: datetime | None = None
) -> dict[str, datetime]:
    """When each node could last have been left by whoever then reached a host.

    The mirror image of `earliest_arrivals`: node to moment, the latest first.
    """
    index, rows = _indexed(graph)
    moments = provenance(index, _id(index, graph, target), *_window(begin, end))
    found: dict[str, datetime] = {}
    for row, moment in sorted(moments.items(), key=lambda item: (-item[1], item[0])):
        found.setdefault(rows[row][0], moment_of(moment))
    return found


def most_certain_paths(
    graph: Graph,
    source: str,
    target: str,
    begin: datetime | None = None,
    end: datetime | None = None,
    limit: int = 10,
) -> list[tuple[float, list[Edge]]]:
    """The most certain paths in time between two nodes; none visits a node twice.

    Returns
    -------
    Certainty and edges of each, as for `networkx.all_simple_edge_paths`; the most certain first, then the shortest.
    """
    index, rows = _indexed(graph)
    ends = _id(index, graph, source), _id(index, graph, target)
    found = paths_between(index, ends[0], ends[1:], *_window(begin, end), limit=limit)
    return [(path.certainty, [rows[row] for row in path.rows]) for path in found.paths]


def _indexed(graph: Graph) -> tuple[HopIndex, list[Edge]]:
    """An index of a graph's edges in order of their keys, which is that of their hops, and the edge of each row."""
    edges = sorted(graph.edges(keys=True), key=lambda edge: edge[2])
    records = [
        {
            **graph.edges[edge],
            "key": graph.edges[edge]["fingerprint"],
            "src": graph.nodes[edge[0]]["name"],
            "src_known": graph.nodes[edge[0]]["kind"] == NodeKind.HOST,
            "dst": graph.nodes[edge[1]]["name"],
        }
        for edge in edges
    ]
    return build_index(pl.DataFrame(records, schema=HOPS)), edges


def _id(index: HopIndex, graph: Graph, node: str) -> int:
    """The id of a node; one that no hop touches gets an id that none has."""
    attributes = graph.nodes[node]
    names = index.names
    known, first = (names.hosts, 0) if attributes["kind"] == NodeKind.HOST else (names.sources, len(names.hosts))
    return (
        first + known.index(attributes["name"])
        if attributes["name"] in known
        else len(names.hosts) + len(names.sources)
    )


def _window(begin: datetime | None, end: datetime | None) -> tuple[int, int]:
    low, high = begin or EPOCH, end or datetime.max.replace(tzinfo=UTC)
    return (low - EPOCH) // timedelta(microseconds=1), (high - EPOCH) // timedelta(microseconds=1)
