"""What happened before a moment, against a twin that looks at every event for each question."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.groups import number_before, numbered, since
from graphmap.graph.presence import NEVER

some = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 1), st.integers(0, 9)), max_size=12)


@given(some, some)
def test_it_is_that_of_who_looks_at_every_event(
    events: list[tuple[int, int, int]], asked: list[tuple[int, int, int]]
) -> None:
    one, two = (np.array(rows, np.int64).reshape(-1, 3).T for rows in (events, asked))
    given_columns = ((one[0], one[1]), one[2], (two[0], two[1]), two[2])
    earlier = [[then for *group, then in events if group == wanted and then < now] for *wanted, now in asked]
    assert number_before(*given_columns).tolist() == [len(times) for times in earlier]
    assert since(*given_columns).tolist() == [
        now - max(times) if times else NEVER for times, (*_, now) in zip(earlier, asked, strict=True)
    ]


def test_equal_rows_have_equal_numbers() -> None:
    assert numbered(np.array([5, 5, -2, 5]), np.array([1, 2, 1, 1])).tolist() == [1, 2, 0, 1]
