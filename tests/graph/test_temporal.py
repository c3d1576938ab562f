"""The same answers from a networkx graph as from the hops, and from what is left when edges are taken away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.temporal import earliest_arrivals, latest_departures, most_certain_paths
from graphmap.graph.view import build_hop_view
from tests.estates import estate
from tests.graph import twin
from tests.graph.test_paths import build, visits_once
from tests.graph.twin import EPOCH, SECOND, Logon

LOG = """
    Mar  1 10:00:00 web1 sshd[1]: Accepted publickey for bob from 198.51.100.7 port 50000 ssh2: ED25519 SHA256:k
    Mar  1 10:00:10 db1 sshd[3]: Accepted publickey for adm-bob from 10.0.0.1 port 50002 ssh2: ED25519 SHA256:k
    Mar  1 10:00:20 vault sshd[5]: Accepted publickey for adm-bob from 10.0.0.2 port 50004 ssh2: ED25519 SHA256:k
"""
INVENTORY = """
    hosts:
      - {name: web1, addresses: [10.0.0.1]}
      - {name: db1, addresses: [10.0.0.2]}
      - {name: vault}
"""


def test_a_notebook() -> None:
    graph = build_hop_view(estate(LOG, inventory=INVENTORY).hops)
    at = {second: datetime(2026, 3, 1, 10, 0, second, tzinfo=UTC) for second in (0, 10, 20)}
    assert earliest_arrivals(graph, "source:198.51.100.7") == {
        "host:web1": at[0],
        "host:db1": at[10],
        "host:vault": at[20],
    }
    assert earliest_arrivals(graph, "source:198.51.100.7", end=at[10]) == {"host:web1": at[0], "host:db1": at[10]}
    assert latest_departures(graph, "host:db1") == {
        "host:web1": at[10] + timedelta(seconds=1, microseconds=-1),
        "source:198.51.100.7": at[0] + timedelta(seconds=1, microseconds=-1),
    }
    assert most_certain_paths(graph, "source:198.51.100.7", "host:vault") == [
        (1.0, [("source:198.51.100.7", "host:web1", 0), ("host:web1", "host:db1", 1), ("host:db1", "host:vault", 2)])
    ]
    graph.remove_edge("host:web1", "host:db1")
    assert not most_certain_paths(graph, "source:198.51.100.7", "host:vault")
    assert earliest_arrivals(graph, "host:web1") == {}
    with pytest.raises(KeyError):
        earliest_arrivals(graph, "host:web9")


@given(twin.logons(), st.sampled_from("ABC"), st.sampled_from("ABC"))
def test_the_same_answers_as_the_hops_give(logons: list[Logon], src: str, dst: str) -> None:
    hops, _, numbers = build(logons)
    graph = build_hop_view(hops)
    every = twin.all_paths(logons, SECOND)
    if f"host:{src}" in graph:
        ahead = earliest_arrivals(graph, f"host:{src}", EPOCH, EPOCH + timedelta(seconds=100))
        assert set(ahead) == {f"host:{logons[p[-1]].dst}" for p in every if logons[p[0]].src == src}
    if f"host:{dst}" in graph:
        before = latest_departures(graph, f"host:{dst}", EPOCH, EPOCH + timedelta(seconds=100))
        ends = {p for p in every if logons[p[-1]].dst == dst}
        assert set(before) == {f"{'host' if logons[p[0]].known else 'source'}:{logons[p[0]].src}" for p in ends}
    if {f"host:{src}", f"host:{dst}"} <= set(graph):
        found = most_certain_paths(graph, f"host:{src}", f"host:{dst}", limit=1000)
        assert {tuple(numbers[key] for _, _, key in edges) for _, edges in found} == {
            p for p in every if logons[p[0]].src == src and logons[p[-1]].dst == dst and visits_once(logons, p)
        }
