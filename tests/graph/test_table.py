"""Rows taken by number are those of the whole table, wherever its parts and blocks end."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.table import AT_ONCE, BLOCK_ROWS, HopTable

NUMBERS = pl.DataFrame({"number": pl.int_range(3 * BLOCK_ROWS + 5, eager=True)})
EDGES = sorted({edge + step for edge in range(0, NUMBERS.height, BLOCK_ROWS) for step in (-1, 0, 1)} - {-1})


def table(cuts: list[int]) -> HopTable:
    edges = [0, *sorted(cuts), NUMBERS.height]
    parts = [NUMBERS.slice(begin, end - begin) for begin, end in pairwise(edges)]
    return HopTable([part.lazy() for part in parts], [part.height for part in parts])


ROWS = st.sampled_from(EDGES) | st.integers(0, NUMBERS.height - 1)


@given(st.lists(ROWS, max_size=4), st.lists(ROWS, max_size=12))
def test_rows_by_number(cuts: list[int], rows: list[int]) -> None:
    parts = table(cuts)
    assert len(parts) == NUMBERS.height
    assert parts.take(rows) == {row: {"number": row} for row in rows}


def test_a_scan_gives_all_in_order() -> None:
    assert table([7, 7, BLOCK_ROWS]).scan().collect().equals(NUMBERS)


def test_each_item_has_the_rows_that_it_asks_for() -> None:
    items = [(number, number + 1) for number in range(2 * AT_ONCE + 1)]
    answers = list(table([100]).each(items, lambda item: item))
    assert [item for item, _ in answers] == items
    assert all(rows[row]["number"] == row for item, rows in answers for row in item)


def test_no_items_no_rows() -> None:
    assert list(table([]).each([], lambda item: item)) == []
    assert HopTable.of(NUMBERS.clear()).take([]) == {}
