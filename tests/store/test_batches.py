"""Batches that are written side by side share no node; every row is in one batch."""

from __future__ import annotations

from itertools import combinations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.store.batches import node_batches, relationship_batches

NAMES = st.sampled_from("abcdefghijklmnop")


def ends(batch: pl.DataFrame) -> set[str]:
    return {*batch["src"], *batch["dst"]}


@given(st.lists(st.tuples(NAMES, NAMES), max_size=60), st.integers(1, 20))
def test_batches_of_a_round_share_no_node(pairs: list[tuple[str, str]], size: int) -> None:
    table = pl.DataFrame(pairs, schema={"src": pl.String, "dst": pl.String}, orient="row").with_row_index()
    rounds = [list(batches) for batches in relationship_batches(table, size)]
    assert sorted(row for batches in rounds for batch in batches for row in batch.rows()) == table.rows()
    for batches in rounds:
        assert all(0 < batch.height <= size for batch in batches)
        assert not any(ends(one) & ends(other) for one, other in combinations(batches, 2))


def test_many_relationships_are_written_side_by_side() -> None:
    names = [f"h{number}" for number in range(100)]
    table = pl.DataFrame({"src": names * 100, "dst": [name for name in names for _ in range(100)]})
    rounds = [list(batches) for batches in relationship_batches(table, 500)]
    assert sum(len(batches) >= 2 for batches in rounds) > len(rounds) / 2


def test_nodes_are_all_of_one_round() -> None:
    table = pl.DataFrame({"name": [f"h{number}" for number in range(10)]})
    (batches,) = node_batches(table, 4)
    assert [batch.height for batch in batches] == [4, 4, 2]
