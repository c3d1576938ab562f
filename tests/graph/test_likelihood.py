"""The ratio of two densities, where it is known."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.graph.likelihood import LEVELS, log_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = np.array(list(product((0, 1), repeat=3)), np.int8)

tables = st.lists(st.tuples(*[st.integers(0, LEVELS - 1)] * 3), max_size=30).map(
    lambda rows: np.array(rows, np.int8).reshape(-1, 3)
)


def drawn(chances: NDArray[np.float64], size: int) -> NDArray[np.int8]:
    """So many of each cell as there are to be in `size`."""
    return np.repeat(CELLS, np.round(chances * size).astype(int), axis=0)


def test_with_many_examples_it_is_the_ratio() -> None:
    """Two respects that say more together than each alone, and a third that says something by itself."""
    together = np.where(CELLS[:, 0] & CELLS[:, 1], 0.4, 0.05)
    usual, feared = np.full(8, 1 / 8), together * np.where(CELLS[:, 2] == 1, 1.6, 0.4)
    feared /= feared.sum()
    found = log_ratio(drawn(usual, 40_000), drawn(feared, 10_000), CELLS)
    assert found == pytest.approx(np.log2(feared / usual), abs=0.1)


def test_few_examples_say_little() -> None:
    few, many = (log_ratio(np.repeat(CELLS[:1], n, 0), np.repeat(CELLS[1:2], n, 0), CELLS[:2]) for n in (2, 2_000))
    assert many[0] < few[0] < 0 < few[1] < many[1]
    assert abs(few).max() < 2
    assert abs(many).min() > 5


def test_without_examples_of_both_kinds_it_says_nothing() -> None:
    nothing = CELLS[:0]
    assert log_ratio(nothing, CELLS, CELLS).tolist() == log_ratio(CELLS, nothing, CELLS).tolist() == [0.0] * 8
    assert log_ratio(CELLS, CELLS, nothing).tolist() == []


@settings(max_examples=10, deadline=None)
@given(tables, tables, tables)
def test_it_depends_on_neither_the_order_of_examples_nor_on_what_else_is_asked(
    usual: NDArray[np.int8], feared: NDArray[np.int8], asked: NDArray[np.int8]
) -> None:
    whole = log_ratio(usual, feared, asked)
    assert log_ratio(usual[::-1], feared[::-1], asked[::-1]).tolist() == whole[::-1].tolist()
    assert [log_ratio(usual, feared, asked[n : n + 1])[0] for n in range(min(3, len(asked)))] == whole[:3].tolist()
