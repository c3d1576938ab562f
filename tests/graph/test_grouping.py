"""Folding nodes into groups loses no attempt, and openings bring who was asked for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.grouping import By, Order, fold, group_of, neighbours
from graphmap.graph.subgraph import LINKS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDS = [f"host:h{n}" for n in range(8)]


def link(src: str, dst: str, count: int = 1, failures: int = 0, hour: int = 0) -> dict[str, Any]:
    time = NOON + timedelta(hours=hour)
    return {
        "src": src, "dst": dst, "kind": "MOVED_TO", "users": [f"u{count}"], "services": ["ssh"], "methods": [],
        "count": count, "failures": failures, "first": time, "last": time,
    }  # fmt: skip


def table(links: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(links, schema=LINKS)


def nodes_of(ids: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": ids, "kind": ["host"] * len(ids), "name": [node[5:] for node in ids], "segment": ["s"] * len(ids),
            "restricted": [node == IDS[0] for node in ids], "count": [1] * len(ids), "failures": [2] * len(ids),
        }
    )  # fmt: skip


PAIRS = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.integers(0, 5)), unique_by=lambda one: one[:2]
)


@given(PAIRS, st.lists(st.sampled_from("ab"), min_size=8, max_size=8), st.sets(st.sampled_from(IDS)))
def test_folding_adds_up_what_a_walk_over_all_links_does(
    pairs: list[tuple[str, str, int]], names: list[str], apart: set[str]
) -> None:
    group = dict(zip(IDS, names, strict=True))
    folded, between = fold(
        nodes_of(IDS), table([link(*pair) for pair in pairs]), pl.DataFrame({"id": IDS, "group": names}), apart
    )
    seen = {node: node if node in apart else f"group:{group[node]}" for node in IDS}
    attempts: Counter[tuple[str, str]] = Counter()
    for src, dst, count in pairs:
        if seen[src] != seen[dst]:
            attempts[seen[src], seen[dst]] += count
    linked = {(seen[src], seen[dst]) for src, dst, _ in pairs if seen[src] != seen[dst]}
    assert {(one["src"], one["dst"]): one["count"] for one in between.iter_rows(named=True)} == {
        pair: attempts[pair] for pair in linked
    }
    assert dict(folded.select("id", "members").iter_rows()) == Counter(seen.values())
    assert folded["failures"].sum() == 2 * len(IDS)
    assert {one["id"] for one in folded.filter("restricted").iter_rows(named=True)} == {seen[IDS[0]]}


def test_neighbours_come_in_the_order_that_is_asked_for() -> None:
    links = table(
        [
            link("host:a", "host:b", 9, hour=1),
            link("host:c", "host:a", 1, hour=3),
            link("user:u", "host:a", 5, hour=2),
            link("host:a", "host:a", 99),
            link("host:b", "host:c", 99),
        ]
    )

    def found(order: Order, *kinds: str) -> list[str]:
        return neighbours(links, "host:a", order, kinds)["id"].to_list()

    assert found(Order.MOST) == ["host:b", "user:u", "host:c"]
    assert found(Order.RARE) == ["host:c", "user:u", "host:b"]
    assert found(Order.NEW) == ["host:c", "user:u", "host:b"]
    assert found(Order.MOST, "user") == ["user:u"]
    assert neighbours(links, "host:nobody").is_empty()


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (By.SEGMENT, ["office", "Other hosts", "External", "External", "Accounts"]),
        (By.ROLE, ["db", "Other hosts", "External", "External", "Accounts"]),
        (By.SUBNET, ["10.1.2.0/24", "Other hosts", "203.0.113.0/24", "2001:db8::/64", "Accounts"]),
    ],
)
def test_a_group_is_what_nodes_share(by: By, expected: list[str]) -> None:
    nodes = pl.DataFrame(
        {
            "kind": ["host", "host", "source", "source", "user"],
            "name": ["a", "b", "203.0.113.9", "2001:db8::9", "10.1.2.3"],
            "segment": ["office", None, None, None, None],
            "roles": [["db", "web"], [], [], [], []],
        },
        schema_overrides={"roles": pl.List(pl.String)},
    )
    assert group_of(nodes, by, {"a": "10.1.2.3"}.get).to_list() == expected
