"""Every graph store answers the same questions in the same way: a Neo4j server as the graph in memory does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graphmap.store.graph import differences, tables_of
from graphmap.store.memory import MemoryStore
from graphmap.store.neo4j import Neo4jStore
from tests.graph import twin
from tests.graphs import graphs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.property_graph import PropertyGraph
    from tests.servers import Server

FEW = settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],  # shrinking asks the server hundreds of times
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def server(neo4j_server: Server) -> Iterator[Neo4jStore]:
    with Neo4jStore(neo4j_server.connection) as store:
        store.clear()
        yield store
        store.clear()


def plain(graph: PropertyGraph) -> dict[str, list[tuple[object, ...]]]:
    return {name: table.rows() for name, table in tables_of(graph)}


@FEW
@given(graphs(), st.sampled_from("ABCx"), st.sampled_from("ABC"), twin.STAMPS, twin.STAMPS)
def test_a_server_answers_as_memory_does(
    server: Neo4jStore, graph: PropertyGraph, src: str, dst: str, begin: int, length: int
) -> None:
    memory = MemoryStore()
    memory.push(graph)
    server.push(graph)
    assert plain(memory.held()) == plain(graph)
    assert plain(server.held()) == plain(graph)
    assert differences(graph, server.held()) == {}
    assert server.stats() == memory.stats()
    times = {"begin": twin.at(begin), "end": twin.at(begin + length)}
    for limit in (2, 1000):
        assert server.ask("read/paths", src=src, dst=dst, limit=limit, **times) == memory.ask(
            "read/paths", src=src, dst=dst, limit=limit, **times
        )
        for name in (src, "ann", "SHA256:a"):
            for question in ("read/neighbourhood", "read/findings"):
                assert server.ask(question, name=name, limit=limit) == memory.ask(question, name=name, limit=limit)
