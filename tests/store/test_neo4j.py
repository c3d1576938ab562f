"""What happens to a push when things go wrong, and what is said of a server that cannot be used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import neo4j
import pytest

from graphmap.errors import InputError, QueryError, StoreError
from graphmap.graph.property_graph import LONGEST_NAME, bounded
from graphmap.store.connection import Connection, find_connection
from graphmap.store.graph import by_name, differences, tables_of
from graphmap.store.memory import MemoryStore
from graphmap.store.neo4j import Neo4jStore
from tests.estates import plain
from tests.graph.twin import SECOND, Logon
from tests.graphs import graph_of
from tests.store.old_server import old_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers import Server

SMALL = graph_of([Logon(0, None, "A", "B", "ann", "SHA256:a"), Logon(SECOND, None, "B", "C", "bob", None)])
LARGE = graph_of(
    [Logon(n * SECOND, (n + 1) * SECOND, "ABCx"[n % 4], "BCA"[n % 3], f"user{n % 7}", None) for n in range(600)]
)
HOSTILE = ("'}) DETACH DELETE n //", "\x00\x1b[31m", "a`b\\'\"", "\u202ename", "x" * 40_000, "", "{name: $run}")


@pytest.fixture
def store(neo4j_server: Server) -> Iterator[Neo4jStore]:
    with Neo4jStore(neo4j_server.connection, batch=20, patience=600) as opened:  # a server may start slowly
        opened.clear()
        yield opened
        opened.clear()


def test_a_push_again_changes_nothing_and_only_what_aged_out_goes(store: Neo4jStore) -> None:
    assert store.push(LARGE).removed == 0
    assert store.push(LARGE).removed == 0
    memory = MemoryStore()
    memory.push(LARGE)
    assert store.push(SMALL) == memory.push(SMALL)
    assert differences(SMALL, store.held()) == {}


def test_hostile_names_are_only_names(store: Neo4jStore) -> None:
    graph = graph_of([Logon(n * SECOND, None, "A", "B", name, f"SHA256:{name}") for n, name in enumerate(HOSTILE)])
    store.push(graph)
    assert differences(graph, store.held()) == {}
    assert set(store.held().nodes["User"]["name"]) == set(map(bounded, HOSTILE))
    for name in map(bounded, HOSTILE):
        assert {row["src"] for row in store.ask("read/neighbourhood", name=name, limit=9)} == {name}


def test_times_before_1970_and_without_end(store: Neo4jStore) -> None:
    old = -2_000_000_000 * SECOND + 250_001
    graph = graph_of([Logon(old, None, "A", "B", "ann", None), Logon(old, old + 1, "B", "C", "ann", None)])
    store.push(graph)
    assert plain(store.held().nodes["Session"].select("start", "end").sort("start", "end")) == [
        {"start": "1962-10-14 20:26:40.250001"},
        {"start": "1962-10-14 20:26:40.250001", "end": "1962-10-14 20:26:40.250002"},
    ]
    assert differences(graph, store.held()) == {}


def test_names_too_long_for_an_index_stay_apart() -> None:
    assert bounded("x" * LONGEST_NAME) == "x" * LONGEST_NAME
    long = [bounded("x" * LONGEST_NAME + end) for end in ("a", "b")]
    assert long[0] != long[1]
    assert all(len(name) < LONGEST_NAME + 20 for name in long)


def test_what_others_keep_there_is_left_alone(store: Neo4jStore, neo4j_server: Server) -> None:
    where = neo4j_server.connection
    with neo4j.GraphDatabase.driver(where.uri, auth=(where.user or "", where.password or "")) as driver:
        driver.execute_query("CREATE (:User {name: 'theirs'})-[:KNOWS]->(:Host {name: 'A'})")
        try:
            with Neo4jStore(where) as fresh, pytest.raises(StoreError, match="a graph that graphmap did not make"):
                fresh.push(SMALL)
            assert store.clear() == 0
            (row,) = driver.execute_query("MATCH (n) RETURN count(n) AS nodes").records
            assert row["nodes"] == 2
        finally:
            driver.execute_query("MATCH (n) DETACH DELETE n")


def test_a_later_push_stops_an_earlier_one(store: Neo4jStore) -> None:
    def another(name: str, _rows: int) -> None:
        if name == "Session":
            store._write("write/begin", since=None, until=None)

    with pytest.raises(StoreError, match="another push began meanwhile"):
        store.push(SMALL, progress=another)
    store.push(SMALL)
    assert differences(SMALL, store.held()) == {}


def test_a_server_that_dies_in_the_middle_of_a_push(store: Neo4jStore, neo4j_server: Server) -> None:
    if neo4j_server.home is None:
        pytest.skip("this server is not ours to kill")
    begun: list[str] = []

    def comes_back(gone: Callable[[], None], **environ: str) -> Callable[[str, int], None]:
        def go(name: str, rows: int) -> None:
            if name == "led_to" and rows and name not in begun:
                begun.append(name)
                gone()
                neo4j_server.start(**environ)

        return go

    # ended in order: after a kill it may have indexes to make anew, which it cannot while it is read-only
    with pytest.raises(StoreError, match="is read-only"):
        store.push(LARGE, progress=comes_back(neo4j_server.stop, NEO4J_READ_ONLY="1"))
    state = store.state()
    assert state is not None
    assert state["finished"] is None
    begun.clear()
    neo4j_server.stop()
    neo4j_server.start()
    memory = MemoryStore()
    assert store.push(SMALL)[:2] == memory.push(SMALL)[:2]
    assert store.push(LARGE, progress=comes_back(neo4j_server.kill)) == memory.push(LARGE)
    assert begun == ["led_to"]
    assert differences(LARGE, store.held()) == {}


def test_wrong_password_and_database_are_told_apart(neo4j_server: Server) -> None:
    where = neo4j_server.connection
    for wrong, said in (
        (replace(where, password="secret-1"), "does not accept the user or password"),
        (replace(where, password=None), "does not accept the user or password"),
        (replace(where, database="nowhere"), "has no such database"),
        (replace(where, uri="bolt://127.0.0.1:9"), "no Neo4j server answers"),
        (replace(where, uri="bolt://nowhere.invalid:7687"), "no Neo4j server answers|cannot be resolved|resolve"),
    ):
        with pytest.raises(StoreError, match=said) as caught, Neo4jStore(wrong, patience=0) as opened:
            opened.stats()
        assert "secret-1" not in f"{caught.value} {caught.value.hint} {wrong!r}"


@pytest.mark.parametrize(
    ("agent", "bolt", "said"),
    [
        ("Neo4j/4.4.44", (4, 4), "is Neo4j/4.4.44"),
        ("Neo4j/5.22.0", (5, 4), "is Neo4j/5.22.0"),
        ("Neo4j/v5.11.0 compatible graph database server - Memgraph", (5, 2), "compatible graph database server"),
        ("Neo4j/3.4.18", (1, 0), "Bolt"),
    ],
)
def test_a_server_of_another_version_is_refused(agent: str, bolt: tuple[int, int], said: str) -> None:
    with old_server(agent, bolt) as uri, pytest.raises(StoreError, match=said) as caught:
        Neo4jStore(Connection(uri, "neo4j", "secret-1"), patience=0)
    assert caught.value.hint == "graphmap needs Neo4j 5.23 or later"


def test_questions_are_checked(store: Neo4jStore) -> None:
    with pytest.raises(QueryError, match="lacks limit"):
        store.ask("hunt/guessed", failures=1)
    with pytest.raises(StoreError, match="writes"):
        store.ask("write/forget")
    with pytest.raises(QueryError, match="does not know"):
        MemoryStore().ask("hunt/guessed", failures=1, limit=1)
    assert store.state() is None


def test_a_graph_of_rows_is_the_same_in_chunks() -> None:
    rows = [(name, row) for name, table in tables_of(LARGE) for row in table.iter_rows(named=True)]
    for chunk in (1, 7, 10_000):
        assert differences(LARGE, by_name(rows[::-1], chunk=chunk)) == {}


def test_memory_forgets() -> None:
    memory = MemoryStore()
    pushed = memory.push(SMALL)
    assert memory.clear() == pushed.nodes + pushed.relationships
    assert sum(memory.stats().values()) == 0
    assert [table.height for _, table in tables_of(memory.held())] == [0] * 16


@pytest.mark.parametrize(
    ("environ", "uri", "said"),
    [
        ({}, None, "no graph server is named"),
        ({"GRAPHMAP_NEO4J_URI": "http://localhost:7474"}, None, "is no address of a Neo4j server"),
        ({}, "bolt://", "is no address of a Neo4j server"),
        ({}, "bolt://host:99999999", "cannot be read"),
        ({}, "bolt://ann:hunter2@host", "holds a user or password"),
        ({"GRAPHMAP_NEO4J_PASSWORD": "hunter2", "GRAPHMAP_NEO4J_PASSWORD_FILE": "x"}, "bolt://host", "both"),
        ({"GRAPHMAP_NEO4J_PASSWORD_FILE": "/nowhere/x"}, "bolt://host", "cannot be read"),
    ],
)
def test_addresses_that_cannot_be_used(environ: dict[str, str], uri: str | None, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        find_connection(uri, environ)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_where_credentials_come_from(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\r\nmore\n")
    environ = {"GRAPHMAP_NEO4J_URI": "neo4j+s://host", "GRAPHMAP_NEO4J_PASSWORD_FILE": str(secret)}
    found = find_connection(None, environ)
    assert found == Connection("neo4j+s://host", "neo4j", "hunter2", None)
    assert "hunter2" not in repr(found)
    named = {"GRAPHMAP_NEO4J_USER": "ann", "GRAPHMAP_NEO4J_PASSWORD": "p", "GRAPHMAP_NEO4J_DATABASE": "d"}
    assert find_connection("bolt://host", named) == Connection("bolt://host", "ann", "p", "d")
    assert find_connection("bolt://host", {}) == Connection("bolt://host")
