"""Forward reach by graph libraries.

networkx, rustworkx and igraph know no time. Each holds the hosts as nodes and the hops as parallel edges, and answers
what it is good at: which edges leave a node. One walk serves them all, a search in order of time (Dijkstra's, with
moments for distances) that asks for the edges of each host once; it is exact, ties included.

Raphtory has time-respecting reachability of its own, in which no session ends and equal stamps never follow each other.
It answers the question without ends, on stamps that are all different (`ours.build_endless`).
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from tests.bench.answers import Moments, moments_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.inputs import Columns, Inputs, Question

    Leaving = Callable[[int], Sequence[int]]

SECOND = 1_000_000


class Graph(NamedTuple):
    """A library's graph as the walk sees it: the rows of the hops that leave a host, in order, and their columns."""

    leaving: Leaving
    columns: Columns
    owner: Any


def networkx_graph(inputs: Inputs) -> Graph:
    """A MultiDiGraph with the row of each hop as the key of its edge."""
    graph = import_module("networkx").MultiDiGraph()
    columns = inputs.columns()
    src, dst, rows = _known(columns)
    graph.add_edges_from(zip(src.tolist(), dst.tolist(), rows.tolist(), strict=True))
    return Graph(lambda host: sorted(row for _, _, row in graph.out_edges(host, keys=True)), columns, graph)


def rustworkx_graph(inputs: Inputs) -> Graph:
    """A PyDiGraph with the row of each hop as its edge's weight."""
    graph = import_module("rustworkx").PyDiGraph(multigraph=True)
    columns = inputs.columns()
    src, dst, rows = _known(columns)
    graph.add_nodes_from(range(_hosts(columns)))
    graph.add_edges_from(list(zip(src.tolist(), dst.tolist(), rows.tolist(), strict=True)))
    return Graph(lambda host: sorted(row for _, _, row in graph.out_edges(host)), columns, graph)


def igraph_graph(inputs: Inputs) -> Graph:
    """A directed Graph whose edges are in the order of the hops."""
    columns = inputs.columns()
    src, dst, rows = _known(columns)
    graph = import_module("igraph").Graph(_hosts(columns), np.stack([src, dst], axis=1), directed=True)
    return Graph(lambda host: rows[np.sort(graph.incident(host, mode="out"))].tolist(), columns, graph)


def _known(columns: Columns) -> tuple[Any, Any, Any]:
    """Source, destination and row of the hops that leave a known host."""
    rows = np.flatnonzero(columns.src >= 0)
    return columns.src[rows], columns.dst[rows], rows


def _hosts(columns: Columns) -> int:
    return int(max(columns.src.max(), columns.dst.max())) + 1


def reach(graph: Graph, asked: Question) -> Moments:
    """Forward reach of a host."""
    _, dst, earliest, latest, until = graph.columns
    stamps: dict[int, tuple[Sequence[int], list[int], list[int]]] = {}
    open_until: dict[int, int] = {}
    reached: dict[int, int] = {}
    heap: list[tuple[int, int]] = []

    def take(host: int, begin: int, moment: int, end: int) -> None:
        """The hops of a host with stamps from `begin` to `end` that may follow at `moment` or later."""
        if host not in stamps:
            leaving = graph.leaving(host)
            stamps[host] = leaving, earliest[leaving].tolist(), latest[leaving].tolist()
        rows, starts, ends = stamps[host]
        for place in range(bisect_left(starts, begin), len(rows)):
            if starts[place] > end:
                return
            row = rows[place]
            if row not in reached and ends[place] >= moment:
                reached[row] = max(starts[place], moment)
                heapq.heappush(heap, (reached[row], row))

    take(asked.host, asked.begin - SECOND, asked.begin, asked.end)
    while heap:
        moment, row = heapq.heappop(heap)
        host, end = int(dst[row]), min(int(until[row]), asked.end)
        before = open_until.get(host, -1)
        if end > before:
            # what starts while an earlier session is open has been taken by it
            take(host, max(moment - SECOND, before + 1), moment, end)
            open_until[host] = end
    return moments_of(reached)


def raphtory_graph(inputs: Inputs) -> Any:
    """A Graph of the hops, each at a time of its own: its place in their order."""
    graph = import_module("raphtory").Graph()
    hops = pl.read_parquet(inputs.table, columns=["src", "src_known", "dst"]).with_columns(
        time=2 * pl.int_range(pl.len(), dtype=pl.Int64) + 1
    )
    graph.load_edges(hops.filter("src_known"), time="time", src="src", dst="dst")
    return graph


def raphtory_reach(graph: Any, asked: Question) -> list[str]:
    """The hosts that a visitor of a host could have reached, by name."""
    view = graph.window(asked.begin, asked.end + 1)
    found = import_module("raphtory").algorithms.temporally_reachable_nodes(
        view, max_hops=1_000, start_time=asked.begin - 1, seed_nodes=[asked.name]
    )
    return sorted({node.name for node, history in found.items() if history["reachable_nodes"]} | {asked.name})
