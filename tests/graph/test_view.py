"""The networkx graph of a small estate, whole, and its paths against the hops."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import networkx as nx
from hypothesis import given

from graphmap.graph.hops import build_hops
from graphmap.graph.view import build_view, node_id
from graphmap.identity import Identity
from graphmap.model import NodeKind
from graphmap.tables import FAILURES
from tests.estates import estate
from tests.graph import twin

if TYPE_CHECKING:
    from tests.graph.twin import Logon

LOG = """
    Mar  1 10:00:00 web1 sshd[1]: Accepted publickey for bob from 198.51.100.7 port 50000 ssh2: ED25519 SHA256:k
    Mar  1 10:00:09 db1 sshd[2]: Failed publickey for adm-bob from 10.0.0.1 port 50001 ssh2: ED25519 SHA256:k
    Mar  1 10:00:10 db1 sshd[3]: Accepted publickey for adm-bob from 10.0.0.1 port 50002 ssh2: ED25519 SHA256:k
    Mar  2 10:00:11 db1 sshd[4]: Accepted password for backup from 10.0.0.1 port 50003 ssh2
    Mar  2 10:00:12 db1 sshd[5]: Failed publickey for root from 198.51.100.7 port 50004 ssh2: RSA SHA256:j
"""
INVENTORY = """
    segments:
      - {name: dmz, cidrs: [10.0.0.0/24]}
      - {name: prod, restricted: true}
      - {name: internet, cidrs: [198.51.100.0/24]}
    hosts:
      - {name: web1, addresses: [10.0.0.1], roles: [web, bastion], owner: ann}
      - {name: db1, segment: prod}
    accounts: [{name: bob, aliases: [adm-bob]}, {name: backup, service: true}]
"""


def at(day: int, second: int) -> datetime:
    return datetime(2026, 3, day, 10, 0, second, tzinfo=UTC)


def counted(count: int, failures: int, first: datetime, last: datetime, days: int = 1) -> dict[str, Any]:
    return {"count": count, "failures": failures, "first": first, "last": last, "days": days}


def test_graph_of_a_log() -> None:
    graph = estate(LOG, inventory=INVENTORY).graph()
    assert {node: graph.nodes[node] for node in graph} == {
        "host:web1": {"kind": "host", "name": "web1", "segment": "dmz", "restricted": False, "roles": ("web", "bastion"), "owner": "ann"},
        "host:db1": {"kind": "host", "name": "db1", "segment": "prod", "restricted": True, "roles": (), "owner": None},
        "source:198.51.100.7": {"kind": "source", "name": "198.51.100.7", "segment": "internet", "restricted": False},
        "user:bob": {"kind": "user", "name": "bob", "account": "bob", "service": False},
        "user:adm-bob": {"kind": "user", "name": "adm-bob", "account": "bob", "service": False},
        "user:backup": {"kind": "user", "name": "backup", "account": "backup", "service": True},
        "user:root": {"kind": "user", "name": "root", "account": "root", "service": False},
        "key:SHA256:k": {"kind": "key", "name": "SHA256:k"},
    }  # fmt: skip
    bob, adm, backup = at(1, 0), at(1, 10), at(2, 11)
    ssh = {"service": "ssh"}
    assert sorted(graph.edges(data=True), key=str) == sorted(
        [
            ("user:bob", "host:web1", {"kind": "LOGGED_ON_TO", **counted(1, 0, bob, bob)}),
            ("user:adm-bob", "host:db1", {"kind": "LOGGED_ON_TO", **counted(1, 1, at(1, 9), adm)}),
            ("user:backup", "host:db1", {"kind": "LOGGED_ON_TO", **counted(1, 0, backup, backup)}),
            ("user:root", "host:db1", {"kind": "LOGGED_ON_TO", **counted(0, 1, at(2, 12), at(2, 12), 0)}),
            ("source:198.51.100.7", "host:web1", {"kind": "CONNECTED_TO", **counted(1, 0, bob, bob)}),
            ("source:198.51.100.7", "host:db1", {"kind": "CONNECTED_TO", **counted(0, 1, at(2, 12), at(2, 12), 0)}),
            ("host:web1", "host:db1",
             {"kind": "MOVED_TO", "user": "adm-bob", "method": "publickey", **ssh, **counted(1, 1, at(1, 9), adm)}),
            ("host:web1", "host:db1",
             {"kind": "MOVED_TO", "user": "backup", "method": "password", **ssh, **counted(1, 0, backup, backup)}),
            ("key:SHA256:k", "host:web1", {"kind": "OPENED", "users": ["bob"], **counted(1, 0, bob, bob)}),
            ("key:SHA256:k", "host:db1", {"kind": "OPENED", "users": ["adm-bob"], **counted(1, 1, at(1, 9), adm)}),
        ],
        key=str,
    )  # fmt: skip


@given(twin.logons())
def test_every_path_of_hops_is_a_path_of_the_graph(logons: list[Logon]) -> None:
    """And what the graph cannot connect, no path of hops does; time is what the graph alone does not know."""
    hops = build_hops(twin.session_table(logons))
    graph = build_view(hops, FAILURES.to_frame(), Identity(seen_hosts="ABC"))
    for path in twin.all_paths(logons, 0):
        ends = [logons[path[0]], logons[path[-1]]]
        start = node_id(NodeKind.HOST if ends[0].known else NodeKind.SOURCE, ends[0].src)
        assert nx.has_path(graph, start, node_id(NodeKind.HOST, ends[1].dst))
    moved = {(a, b) for a, b, edge in graph.edges(data=True) if edge["kind"] in {"MOVED_TO", "CONNECTED_TO"}}
    assert moved == {
        (node_id(NodeKind.HOST if one.known else NodeKind.SOURCE, one.src), node_id(NodeKind.HOST, one.dst))
        for one in logons
    }


def test_nothing_gives_an_empty_graph() -> None:
    graph = estate("").graph()
    assert (list(graph.nodes), list(graph.edges)) == ([], [])
