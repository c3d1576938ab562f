"""What every graph store does, in memory or on a server: it takes a graph, answers questions, and shows what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import polars as pl

from graphmap.graph.property_graph import NODES, RELATIONSHIPS, PropertyGraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row: TypeAlias = dict[str, Any]
"""A row of an answer by column; times are in UTC."""
CHUNK = 10_000
"""Rows that are held as Python objects before they become columns."""


class Pushed(NamedTuple):
    """What a push did: nodes and relationships written, and of earlier pushes removed."""

    nodes: int
    relationships: int
    removed: int


class GraphStore(Protocol):
    """A place that holds one graph.

    The questions are those of `cypher/read`, by name and with their parameters: `paths`, `neighbourhood`, `findings`.
    """

    def push(self, graph: PropertyGraph, *, progress: Callable[[str, int], None] | None = None) -> Pushed:
        """Make this graph what the store holds; tells `progress` the name of a table and how many rows are written."""

    def ask(self, question: str, **params: Any) -> list[Row]:
        """Answer a question such as ``read/paths``."""

    def stats(self) -> dict[str, int]:
        """How many there are of each kind of node and type of relationship."""

    def held(self) -> PropertyGraph:
        """All that the store holds, each table sorted by what tells its rows apart."""

    def clear(self) -> int:
        """Remove all that was pushed; gives how many nodes and relationships that were."""


class Difference(NamedTuple):
    """How one table differs: rows that only the wanted graph has, that only the other has, and that differ."""

    missing: pl.DataFrame
    extra: pl.DataFrame
    changed: pl.DataFrame


def key_of(name: str) -> list[str]:
    """The columns that tell the rows of a table apart."""
    if name in NODES:
        return [next(iter(NODES[name]))]
    return ["src", "dst", *(["id"] if "id" in RELATIONSHIPS[name].schema else [])]


def tables_of(graph: PropertyGraph) -> Iterator[tuple[str, pl.DataFrame]]:
    """The tables by name, each sorted by what tells its rows apart: nodes, then relationships."""
    for tables in (graph.nodes, graph.relationships):
        for name, table in tables.items():
            yield name, table.sort(key_of(name))


def differences(wanted: PropertyGraph, other: PropertyGraph) -> dict[str, Difference]:
    """How the tables of two graphs differ, those alike left out. `changed` has the rows of the wanted one."""
    others = dict(tables_of(other))
    found = {}
    for name, table in tables_of(wanted):
        key, there = key_of(name), others[name]
        both = table.join(there.select(key), on=key, how="semi")
        same = _texts(both).join(_texts(there), on=["row", *key], how="semi").select(key)
        one = Difference(
            table.join(there, on=key, how="anti"),
            there.join(table, on=key, how="anti"),
            both.join(same, on=key, how="anti"),
        )
        if any(frame.height for frame in one):
            found[name] = one
    return found


def _texts(table: pl.DataFrame) -> pl.DataFrame:
    """The rows as texts that can be compared, lists and nulls too."""
    return table.with_columns(row=pl.struct(pl.all()).struct.json_encode())


def by_name(rows: Iterable[tuple[str, Row]], *, chunk: int = CHUNK) -> PropertyGraph:
    """A graph of rows, each with the name of its table. No more than `chunk` rows of a table wait to become columns."""
    schemas = {**NODES, **{name: kind.schema for name, kind in RELATIONSHIPS.items()}}
    waiting: dict[str, list[Row]] = {name: [] for name in schemas}
    parts = {name: [_frame([], schema)] for name, schema in schemas.items()}
    for name, row in rows:
        waiting[name].append(row)
        if len(waiting[name]) == chunk:
            parts[name].append(_frame(waiting[name], schemas[name]))
            waiting[name].clear()
    found = {
        name: pl.concat([*parts[name], _frame(waiting[name], schema)]).sort(key_of(name))
        for name, schema in schemas.items()
    }
    return PropertyGraph({name: found[name] for name in NODES}, {name: found[name] for name in RELATIONSHIPS})


def _frame(rows: list[Row], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame({column: [row.get(column) for row in rows] for column in schema}, schema=schema)
