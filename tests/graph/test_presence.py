"""Presence against a twin that looks at every session for each question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.presence import NEVER, SECOND, Numbers, presence

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN = 1_770_000_000 * SECOND
moments = st.integers(0, 50).map(lambda second: BEGIN + second * SECOND)
nodes = st.integers(0, 2)


def ask(asked: Sequence[tuple[int, ...]], sessions: Sequence[tuple[int, ...]]) -> list[int]:
    def columns(rows: Sequence[tuple[int, ...]], width: int) -> list[Numbers]:
        return list(np.array(rows, np.int64).reshape(-1, width).T)

    host, account, moment = columns(asked, 3)
    where, who, start, until = columns(sessions, 4)
    return list(map(int, presence((host, account, moment), (where, who, start, until))))


@given(
    st.lists(st.tuples(nodes, nodes, moments), max_size=10),
    st.lists(st.tuples(nodes, nodes, moments, moments).filter(lambda one: one[2] <= one[3]), max_size=10),
)
def test_it_is_that_of_who_looks_at_every_session(
    asked: list[tuple[int, int, int]], sessions: list[tuple[int, int, int, int]]
) -> None:
    expected = []
    for host, account, moment in asked:
        ends = [until for where, who, start, until in sessions if (where, who) == (host, account) and start < moment]
        expected.append(max(moment - max(ends) - SECOND, 0) if ends else NEVER)
    assert ask(asked, sessions) == expected


def test_a_long_session_counts_after_a_short_one_of_later() -> None:
    """The one that was open last decides, not the one that began last."""
    long, short = (0, 0, BEGIN, BEGIN + 900 * SECOND), (0, 0, BEGIN + 10 * SECOND, BEGIN + 20 * SECOND)
    assert ask([(0, 0, BEGIN + 600 * SECOND), (0, 1, BEGIN + 600 * SECOND)], [long, short]) == [0, NEVER]
    assert ask([(0, 0, BEGIN + 961 * SECOND)], [long, short]) == [60 * SECOND]
