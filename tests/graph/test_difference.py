"""What is different between two graphs."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from graphmap.graph.difference import CHANGES, difference, nodes_of
from graphmap.graph.subgraph import LINKS

NOON = datetime(2026, 3, 13, 12, tzinfo=UTC)
LATER = NOON.replace(hour=13)


def links(*rows: tuple[str, str, list[str], int, int], at: datetime = NOON) -> pl.DataFrame:
    """LINKS from source, destination, users, accepted and refused."""
    return pl.DataFrame(
        [
            (src, dst, "MOVED_TO", users, ["ssh"], [], count, failures, at, at)
            for src, dst, users, count, failures in rows
        ],
        schema=LINKS,
        orient="row",
    )


def test_links_come_go_and_change() -> None:
    before = links(("a", "b", ["x"], 5, 0), ("a", "c", ["x"], 1, 1), ("b", "c", ["x"], 2, 0), ("c", "d", ["x"], 1, 0))
    after = links(
        ("a", "b", ["x"], 5, 0), ("a", "c", ["x"], 1, 4), ("b", "c", ["x", "y"], 2, 0), ("a", "e", ["z"], 1, 0),
        ("a", "f", ["z"], 9, 0), at=LATER,
    )  # fmt: skip
    found = difference(before, after)
    assert found.schema == CHANGES
    assert found.select("change", "src", "dst", "before", "after", "failures_before", "failures_after", "new_users").rows() == [
        ("added", "a", "f", 0, 9, 0, 0, ["z"]),
        ("added", "a", "e", 0, 1, 0, 0, ["z"]),
        ("gone", "c", "d", 1, 0, 0, 0, []),
        ("changed", "a", "c", 1, 1, 1, 4, []),
        ("changed", "b", "c", 2, 2, 0, 0, ["y"]),
    ]  # fmt: skip
    assert found["first"].to_list() == [LATER, LATER, NOON, NOON, NOON]
    assert found["last"].to_list() == [LATER, LATER, NOON, LATER, LATER]
    assert nodes_of(after) - nodes_of(before) == {"e", "f"}


def test_equal_graphs_and_empty_ones() -> None:
    one = links(("a", "b", ["x"], 5, 0))
    assert difference(one, one).is_empty()
    assert difference(one.clear(), one.clear()).is_empty()
    assert difference(one.clear(), one)["change"].to_list() == ["added"]
    assert difference(one, one.clear())["change"].to_list() == ["gone"]
