"""A graph store in memory: the obvious answers, which those of a server are held against. A door to networkx."""

from __future__ import annotations

from functools import reduce
from operator import mul
from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx

from graphmap.errors import QueryError
from graphmap.graph.property_graph import NODES, RELATIONSHIPS
from graphmap.store.graph import Pushed, by_name, tables_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from graphmap.graph.property_graph import PropertyGraph
    from graphmap.store.graph import Row

Node: TypeAlias = tuple[str, str]
"""Label, and the property that tells a node from others."""
Graph: TypeAlias = "nx.MultiDiGraph[Node]"

_Steps: TypeAlias = "tuple[list[Row], list[float]]"
"""The sessions of a path, and how surely each follows the one before."""

LONGEST = 6
"""Most hops of a path, as in `cypher/read/paths.cypher`."""
EDGES = ("logged_on_to", "connected_to", "moved_to", "opened")


class MemoryStore:
    """A graph as a networkx MultiDiGraph. Nodes are ``(label, name)``, the key of an edge is its table and its id."""

    def __init__(self) -> None:
        self._graph: Graph = nx.MultiDiGraph()

    def push(self, graph: PropertyGraph, *, progress: Callable[[str, int], None] | None = None) -> Pushed:
        """Hold this graph in place of the one before."""
        before, self._graph = self._elements(), nx.MultiDiGraph()
        for name, table in tables_of(graph):
            for row in table.iter_rows(named=True):
                self._add(name, row)
            if progress:
                progress(name, table.height)
        written = self._graph.number_of_nodes(), self._graph.number_of_edges()
        return Pushed(*written, len(before - self._elements()))

    def ask(self, question: str, **params: Any) -> list[Row]:
        """Answer a question of `cypher/read`."""
        answers: dict[str, Callable[..., Iterator[Row]]] = {
            "read/paths": self._paths,
            "read/neighbourhood": self._neighbourhood,
            "read/findings": self._findings,
        }
        if question not in answers:
            raise QueryError(f"the graph in memory does not know {question!r}", hint=f"one of: {', '.join(answers)}")
        limit = params.pop("limit")
        return list(answers[question](**params))[:limit]

    def stats(self) -> dict[str, int]:
        """How many there are of each kind."""
        counts = dict.fromkeys((*NODES, *(kind.type for kind in RELATIONSHIPS.values())), 0)
        for label, _ in self._graph:
            counts[label] += 1
        for *_, (table, _) in self._graph.edges(keys=True):
            counts[RELATIONSHIPS[table].type] += 1
        return counts

    def held(self) -> PropertyGraph:
        """All of it."""
        nodes = ((label, dict(row)) for (label, _), row in self._graph.nodes(data=True))
        edges = (
            (table, {**row, "src": src, "dst": dst})
            for (_, src), (_, dst), (table, _), row in self._graph.edges(keys=True, data=True)
        )
        return by_name([*nodes, *edges])

    def clear(self) -> int:
        """Forget it."""
        number = len(self._elements())
        self._graph = nx.MultiDiGraph()
        return number

    def _elements(self) -> set[object]:
        return {*self._graph.nodes, *self._graph.edges(keys=True)}

    def _add(self, name: str, row: Row) -> None:
        if name in NODES:
            self._graph.add_node((name, row[next(iter(row))]), **row)
            return
        kind = RELATIONSHIPS[name]
        ends = (kind.start, row.pop("src")), (kind.end, row.pop("dst"))
        self._graph.add_edge(*ends, key=(name, row.get("id")), **row)

    def _neighbourhood(self, name: str) -> Iterator[Row]:
        rows = [
            {
                "type": RELATIONSHIPS[table].type, "start": start, "src": src, "dst": dst,
                **{column: row[column] for column in ("count", "failures", "first", "last")},
            }
            for (start, src), (_, dst), (table, _), row in self._graph.edges(keys=True, data=True)
            if table in EDGES and name in {src, dst}
        ]  # fmt: skip
        rows.sort(key=lambda r: (r["type"], r["src"], r["dst"], r["count"], r["failures"]))
        rows.sort(key=lambda r: (r["last"], r["first"]), reverse=True)
        return iter(rows)

    def _findings(self, name: str) -> Iterator[Row]:
        found = [row for (label, _), row in self._graph.nodes(data=True) if label == "Finding"]
        for row in sorted(found, key=lambda f: (-f["score"], f["id"])):
            if name in row["hosts"] or name in row["users"]:
                shown = [self._graph.nodes[node] for node in self._graph.successors(("Finding", row["id"]))]
                ids = [s["id"] for s in sorted(shown, key=lambda s: (s["start"], s["id"]))]
                yield {**{c: row[c] for c in ("id", "detector", "severity", "score", "title")}, "sessions": ids}

    def _paths(self, src: str, dst: str, begin: datetime, end: datetime) -> Iterator[Row]:
        found: list[_Steps] = []
        sessions = (row for (label, _), row in self._graph.nodes(data=True) if label == "Session")
        longer: list[_Steps] = [([row], [1.0]) for row in sessions if row["src"] == src]
        while longer:
            longer = [steps for steps in longer if _is_path(steps[0], src, begin, end)]
            found += [steps for steps in longer if steps[0][-1]["dst"] == dst]
            open_ended = [steps for steps in longer if steps[0][-1]["dst"] != dst and len(steps[0]) < LONGEST]
            longer = [after for steps in open_ended for after in self._prolonged(*steps)]
        found.sort(key=lambda one: [row["id"] for row in one[0]])
        found.sort(key=lambda one: one[0][0]["start"], reverse=True)
        found.sort(key=lambda one: (-reduce(mul, one[1]), len(one[0])))
        for rows, certainties in found:
            yield {
                "sessions": [row["id"] for row in rows],
                "hosts": [src, *(row["dst"] for row in rows)],
                "users": [row["user"] for row in rows],
                "certainty": reduce(mul, certainties),
                "start": rows[0]["start"],
            }

    def _prolonged(self, rows: list[Row], certainties: list[float]) -> Iterator[_Steps]:
        """A path with each session after it that its last one could have led to."""
        last = "Session", rows[-1]["id"]
        for _, after, (table, _), link in self._graph.out_edges(last, keys=True, data=True):
            if table == "led_to":
                yield [*rows, self._graph.nodes[after]], [*certainties, link["certainty"]]


def _is_path(rows: list[Row], src: str, begin: datetime, end: datetime) -> bool:
    """Whether some moments of the time make sessions follow each other, and no host is visited twice."""
    hosts = [src, *(row["dst"] for row in rows)]
    moment = begin
    for before, row in zip([None, *rows], rows, strict=False):
        moment = max(moment, row["start"])
        if moment > min(row["latest"], end) or (before is not None and moment > before["open"]):
            return False
    return len(set(hosts)) == len(hosts)
