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
    return build_property_graph(shown.hops, shown.scan_failures(), shown.identity, shown.walks, shown.hunt())


@pytest.fixture(scope="module")
def server(neo4j_server: Server, graph: PropertyGraph) -> Iterator[Neo4jStore]:
    with Neo4jStore(neo4j_server.connection) as store:
        store.clear()
        store.push(graph)
        yield store
        store.clear()


DAY = {"begin": at(1, 0), "end": at(2, 0)}
GOLDEN: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_golden_answers(server: Neo4jStore, name: str) -> None:
    params, expected = GOLDEN[name]
    assert server.ask(f"hunt/{name}", limit=10, **params) == expected
    assert server.ask(f"hunt/{name}", limit=1, **params) == expected[:1]
    assert list(expected[0]) == list(load(f"hunt/{name}").returns)
