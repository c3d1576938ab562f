"""The queries of cypher/: headers, the loader, the plans that a server makes of them, and golden answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.errors import GraphmapError, QueryError
from graphmap.graph.property_graph import NODES, RELATIONSHIPS, build_property_graph
from graphmap.store.cypher import load, names, parse
from graphmap.store.neo4j import Neo4jStore
from tests.estates import estate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphmap.graph.property_graph import PropertyGraph
    from tests.servers import Server

LOG = """
    2026-03-01T10:00:00.100000+00:00 jump1 sshd[1]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k1
    2026-03-01T10:00:30.100000+00:00 db1 sshd[2]: Failed password for root from 10.0.0.6 port 50001 ssh2
    2026-03-01T10:00:31.100000+00:00 db1 sshd[3]: Failed password for root from 10.0.0.6 port 50002 ssh2
    2026-03-01T10:01:00.100000+00:00 db1 sshd[4]: Accepted password for root from 10.0.0.6 port 50003 ssh2
    2026-03-01T10:02:00.100000+00:00 db2 sshd[5]: Accepted publickey for bob from 10.0.0.6 port 50004 ssh2: ED25519 SHA256:k1
    2026-03-01T10:03:00.100000+00:00 db2 sshd[6]: Accepted publickey for root from 10.0.0.8 port 50005 ssh2: ED25519 SHA256:k1
    2026-03-02T10:00:00.100000+00:00 jump1 sshd[7]: Failed password for eve from 198.51.100.7 port 50006 ssh2
    2026-03-02T10:00:09.100000+00:00 jump1 sshd[8]: Accepted password for eve from 198.51.100.7 port 50007 ssh2
    2026-03-02T11:00:00.100000+00:00 db2 sshd[9]: Accepted password for eve from 198.51.100.7 port 50008 ssh2
"""
INVENTORY = """
    segments:
      - {name: office, cidrs: [10.0.0.0/24]}
      - {name: prod, restricted: true}
    hosts:
      - {name: ws1, addresses: [10.0.0.5]}
      - {name: jump1, addresses: [10.0.0.6], roles: [bastion]}
      - {name: jump2, addresses: [10.0.0.7], roles: [bastion]}
      - {name: db1, addresses: [10.0.0.8], segment: prod}
      - {name: db2, segment: prod}
"""


def at(day: int, hour: int, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, micro, tzinfo=UTC)


@pytest.fixture(scope="module")
def graph() -> PropertyGraph:
    shown = estate(LOG, inventory=INVENTORY)
    return build_property_graph(shown.table.scan(), shown.scan_failures(), shown.identity, shown.walks, shown.hunt())


@pytest.fixture(scope="module")
def server(neo4j_server: Server, graph: PropertyGraph) -> Iterator[Neo4jStore]:
    with Neo4jStore(neo4j_server.connection) as store:
        store.clear()
        store.push(graph)
        yield store
        store.clear()


DAY = {"begin": at(1, 0), "end": at(2, 0)}
GOLDEN: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "address_owner": ({"address": "10.0.0.6", "at": at(1, 0)}, [{"host": "jump1", "since": None, "until": None}]),
    "chokepoints": (
        {"segment": "prod", **DAY},
        [
            {"host": "jump1", "sessions": 2, "origins": 1, "accounts": ["bob", "root"]},
            {"host": "db1", "sessions": 1, "origins": 1, "accounts": ["root"]},
        ],
    ),
    "credential_switches": (
        DAY,
        [
            {
                "host": "jump1", "account": "bob", "next": "root", "dst": "db1", "start": at(1, 10, 1, 0, 100000),
                "certainty": 1.0, "session": "root to db1",
            }
        ],
    ),
    "fan_out": (
        {"hosts": 1, **DAY},
        [
            {"src": src, "account": account, "hosts": [dst], "first": at(1, 10, minute, 0, 100000), "last": at(1, 10, minute, 0, 100000)}
            for src, account, dst, minute in (("db1", "root", "db2", 3), ("jump1", "bob", "db2", 2), ("jump1", "root", "db1", 1), ("ws1", "bob", "jump1", 0))
        ],
    ),
    "first_seen_restricted": (
        {"since": at(1, 0)},
        [
            {"src": "198.51.100.7", "known": False, "user": None, "service": None, "method": None, "dst": "db2", "segment": "prod", "first": at(2, 11, 0, 0, 100000), "count": 1, "failures": 0},
            {"src": "jump1", "known": True, "user": "bob", "service": "ssh", "method": "publickey", "dst": "db2", "segment": "prod", "first": at(1, 10, 2, 0, 100000), "count": 1, "failures": 0},
            {"src": "jump1", "known": True, "user": "root", "service": "ssh", "method": "password", "dst": "db1", "segment": "prod", "first": at(1, 10, 0, 30, 100000), "count": 1, "failures": 2},
        ],
    ),
    "guessed": (
        {"failures": 1},
        [
            {"user": "root", "host": "db1", "failures": 2, "count": 1, "last": at(1, 10, 1, 0, 100000)},
            {"user": "eve", "host": "jump1", "failures": 1, "count": 1, "last": at(2, 10, 0, 9, 100000)},
        ],
    ),
    "provenance": (
        {"session": "root to db2", "begin": at(1, 0)},
        [
            {
                "sessions": ["bob to jump1", "root to db1", "root to db2"], "hosts": ["ws1", "jump1", "db1", "db2"],
                "users": ["bob", "root", "root"], "certainty": 1.0,
            },
            {"sessions": ["root to db1", "root to db2"], "hosts": ["jump1", "db1", "db2"], "users": ["root", "root"], "certainty": 1.0},
            {"sessions": ["root to db2"], "hosts": ["db1", "db2"], "users": ["root"], "certainty": 1.0},
        ],
    ),
    "segment_reach": (
        {"segment": "prod", **DAY},
        [
            {"src": "jump1", "hops": 1, "hosts": ["db1", "db2"], "certainty": 1.0, "first": at(1, 10, 1, 0, 100000)},
            {"src": "ws1", "hops": 2, "hosts": ["db1", "db2"], "certainty": 1.0, "first": at(1, 10, 0, 0, 100000)},
        ],
    ),
    "shared_keys": (
        {"accounts": 2},
        [{"key": "SHA256:k1", "accounts": ["bob", "root"], "hosts": ["db2", "jump1"], "last": at(1, 10, 3, 0, 100000)}],
    ),
    "stale_hosts": (
        {"role": "bastion", "since": at(1, 10, 3)},
        [{"host": "jump2", "segment": "office", "last": None}, {"host": "jump1", "segment": "office", "last": at(1, 10, 2, 0, 100000)}],
    ),
}  # fmt: skip
"""The parameters of each hunt but its limit, and the whole answer over LOG; a session is called by user and host."""


def test_every_hunt_has_a_golden_answer() -> None:
    assert [f"hunt/{name}" for name in GOLDEN] == names("hunt")


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_answers(server: Neo4jStore, graph: PropertyGraph, name: str) -> None:
    called = {row["id"]: f"{row['user']} to {row['dst']}" for row in graph.nodes["Session"].to_dicts()}
    params, expected = GOLDEN[name]
    ids = {word: one for one, word in called.items()}
    asked = {key: ids.get(value, value) if isinstance(value, str) else value for key, value in params.items()}
    found = [_told(row, called) for row in server.ask(f"hunt/{name}", limit=10, **asked)]
    assert found == expected
    assert len(server.ask(f"hunt/{name}", limit=1, **asked)) == 1


def _told(row: dict[str, Any], called: dict[str, str]) -> dict[str, Any]:
    if "sessions" in row and isinstance(row["sessions"], list):
        row["sessions"] = [called[one] for one in row["sessions"]]
    if "session" in row:
        row["session"] = called[row["session"]]
    return row


SCANS = {
    "hunt/shared_keys": {"DirectedRelationshipTypeScan"},  # a question about all keys
    "hunt/stale_hosts": {"NodeByLabelScan"},  # roles are lists, which no index knows
    "read/findings": {"NodeByLabelScan"},  # so are hosts and users; there are few findings
    "read/nodes": {"UnionNodeByLabelsScan"},  # what asks for everything
    "read/relationships": {"UnionNodeByLabelsScan"},
    "write/age_nodes": {"UnionNodeByLabelsScan"},
    "write/age_relationships": {"DirectedRelationshipTypeScan"},
}
"""Queries that go through all of a kind, and why they may."""


@pytest.mark.parametrize("name", names())
def test_a_server_looks_nothing_up_by_scanning_everything(server: Neo4jStore, name: str) -> None:
    plan = server.plan(name)
    operators = {operator for operator in plan.operators if "Scan" in operator or "Product" in operator}
    assert operators == SCANS.get(name, set()), plan
    assert plan.columns == list(load(name).returns)


@pytest.mark.parametrize("name", names())
def test_traversals_are_bounded_and_named(name: str) -> None:
    code = _code(load(name).text)
    for hops in re.findall(r"\[[^\]]*\*([^\]]*)\]", code):
        assert re.fullmatch(r"\d+\.\.\d+", hops), hops
    assert not re.search(r"\)[*+{]|SHORTEST|LOAD CSV|apoc\.", code)
    if name.partition("/")[0] == "hunt" or name in {"read/paths", "read/neighbourhood", "read/findings"}:
        assert code.rstrip().endswith("LIMIT $limit")
        assert load(name).access == "read"


@pytest.mark.parametrize("name", names())
def test_a_query_that_reads_changes_nothing(name: str) -> None:
    writes = re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP)\b", _code(load(name).text)) is not None
    assert writes == (load(name).access == "write")


def test_every_kind_has_a_write_and_every_write_is_of_a_kind() -> None:
    kinds = {f"write/{name.lower()}" for name in (*NODES, *RELATIONSHIPS)}
    others = {f"write/{name}" for name in ("begin", "finish", "forget", "age_nodes", "age_relationships")}
    assert set(names("write")) == kinds | others
    for name, schema in [*NODES.items(), *((name, kind.schema) for name, kind in RELATIONSHIPS.items())]:
        used = set(re.findall(r"row\.(\w+)", load(f"write/{name.lower()}").text))
        assert used == set(schema), name


def test_every_query_is_used_or_in_the_list(root: Path) -> None:
    code = "".join(path.read_text() for path in (root / "graphmap").rglob("*.py"))
    listed = (root / "cypher" / "README.md").read_text()
    for name in names():
        folder, _, stem = name.partition("/")
        if folder == "schema" or (folder == "write" and stem in {k.lower() for k in (*NODES, *RELATIONSHIPS)}):
            continue
        assert f'"{name}"' in code or f"`{name}`" in listed, name


def _code(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("//"))


HEADER = "// does:    counts\n// params:  $a (string)\n// returns: n (integer)\n// access:  read\n"


def test_a_query_and_its_header() -> None:
    query = parse("read/x", HEADER + "MATCH (u:User {name: $a}) RETURN count(u) AS n // $b\n")
    assert (query.does, query.params, query.returns, query.access) == (
        "counts",
        {"a": "string"},
        {"n": "integer"},
        "read",
    )
    assert query.checked({"a": "x' OR 1"}) == {"a": "x' OR 1"}
    for values, said in (({}, "lacks a"), ({"a": 1, "b": 2}, "has no b"), ({"b": 2}, "lacks a and has no b")):
        with pytest.raises(QueryError, match=said):
            query.checked(values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RETURN 1", "does not start with"),
        (HEADER.replace("does", "Does") + "RETURN $a", "does not start with"),
        (HEADER + "RETURN 1 AS n", "differ in a"),
        (HEADER + "RETURN $a, $b AS n", "differ in b"),
        (HEADER + "RETURN '$a' AS n", "differ in a"),
        (HEADER.replace("(string)", "(text)") + "RETURN $a", "params reads"),
        (HEADER.replace("$a (", "a (") + "RETURN $a", "params reads"),
        (HEADER.replace("n (integer)", "n") + "RETURN $a", "returns reads"),
        (HEADER.replace("read", "both") + "RETURN $a", "access is read or write"),
    ],
)
def test_a_header_that_breaks_the_rule(text: str, said: str) -> None:
    with pytest.raises(GraphmapError, match=re.escape(said)):
        parse("read/x", text)


def test_no_such_query() -> None:
    with pytest.raises(QueryError, match=re.escape("no query 'read/../README'")):
        load("read/../README")
