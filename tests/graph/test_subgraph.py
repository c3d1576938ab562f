"""Parts of the graph, against a walk over Python sets."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.subgraph import LINKS, Adjacency

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDS = [f"{kind}:{n}" for kind in ("host", "user", "source") for n in range(5)]
PAIRS = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS[:5])), unique=True, max_size=25)
MANY: Any = {"most_nodes": 1000, "most_links": 1000}


def links_of(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    rows = [
        {"src": src, "dst": dst, "kind": "MOVED_TO", "users": [], "services": [], "methods": [], "count": n, "failures": 0,
         "first": NOON, "last": NOON}
        for n, (src, dst) in enumerate(pairs)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LINKS)


def near(pairs: list[tuple[str, str]], seeds: list[str], depth: int) -> dict[str, int]:
    """The steps to each node, one step after the other."""
    found = dict.fromkeys(seeds, 0)
    for step in range(1, depth + 1):
        for src, dst in pairs:
            for one, other in ((src, dst), (dst, src)):
                if found.get(one) == step - 1:
                    found.setdefault(other, step)
    return found


@given(PAIRS, st.lists(st.sampled_from(IDS), min_size=1, max_size=3), st.integers(0, 4))
def test_it_is_who_is_near_and_all_links_between_them(pairs: list[Any], seeds: list[str], depth: int) -> None:
    part = Adjacency(links_of(pairs)).around(seeds, depth=depth, **MANY)
    expected = near(pairs, seeds, depth)
    assert dict(part.nodes.select("id", "depth").iter_rows()) == expected
    inner = [(src, dst) for src, dst in pairs if src in expected and dst in expected]
    assert list(part.links.select("src", "dst").iter_rows()) == sorted(inner)
    assert (part.all_nodes, part.all_links) == (len(expected), len(inner))


@given(PAIRS, st.integers(1, 6), st.integers(0, 4))
def test_a_cut_keeps_the_nearest_and_counts_all(pairs: list[Any], most_nodes: int, most_links: int) -> None:
    seeds = [IDS[0]]
    part = Adjacency(links_of(pairs)).around(seeds, depth=4, most_nodes=most_nodes, most_links=most_links)
    whole = near(pairs, seeds, 4)
    assert part.all_nodes == len(whole)
    assert part.nodes.height == min(most_nodes, len(whole))
    assert part.links.height <= most_links
    assert sorted(part.nodes["depth"]) == sorted(whole.values())[:most_nodes]


def test_kinds_that_are_not_asked_for_are_left_out_but_for_seeds() -> None:
    links = links_of([("user:0", "host:0"), ("user:1", "host:0"), ("host:1", "host:0")])
    assert set(Adjacency(links).around(kinds=["host"], **MANY).nodes["id"]) == {"host:0", "host:1"}
    part = Adjacency(links).around(["user:0"], depth=2, kinds=["host"], **MANY)
    assert set(part.nodes["id"]) == {"user:0", "host:0", "host:1"}


@given(PAIRS, st.lists(st.sampled_from(IDS), min_size=1, max_size=2), st.sampled_from(IDS))
def test_a_way_is_as_short_as_any_and_goes_where_links_point(pairs: list[Any], starts: list[str], goal: str) -> None:
    links = links_of(pairs)  # the first pair was only refused
    adjacency = Adjacency(links)
    found = list(adjacency.way(starts, goal).select("src", "dst").iter_rows())
    accepted = set(pairs[1:])
    steps = [{*starts}]
    while goal not in steps[-1] and len(steps) < len(IDS):
        steps.append(steps[-1] | {dst for src, dst in accepted if src in steps[-1]})
    linked = {node for pair in pairs for node in pair}
    if goal in steps[-1] and goal in linked:
        assert len(found) == len(steps) - 1
        assert set(found) <= accepted
        assert not found or (found[0][0] in starts and found[-1][1] == goal)
        assert all(one[1] == other[0] for one, other in pairwise(found))
    else:
        assert found == []


def test_of_equal_ways_the_one_with_most_logons_is_told() -> None:
    pairs = [
        ("host:0", "host:4"),
        ("host:0", "host:1"),
        ("host:0", "host:2"),
        ("host:1", "host:3"),
        ("host:2", "host:3"),
    ]
    found = Adjacency(links_of(pairs)).way(["host:0", "source:0"], "host:3")
    assert list(found.select("src", "dst", "count").iter_rows()) == [("host:0", "host:2", 2), ("host:2", "host:3", 4)]
