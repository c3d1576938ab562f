from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.graph.overlaps import open_elsewhere

ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 1), st.integers(0, 3), st.integers(0, 12)), max_size=14
).map(sorted)


@settings(max_examples=60)
@given(ROWS)
def test_it_finds_what_looking_back_finds(rows: list[tuple[int, int, int, int]]) -> None:
    time, account, place, length = (np.array([row[n] for row in rows], np.int64) for n in range(4))
    ends = time + length
    other = open_elsewhere(account, place, time, ends)
    for number in range(len(rows)):
        open_ = [
            ends[past]
            for past in range(number)
            if account[past] == account[number] and place[past] != place[number] and ends[past] >= time[number]
        ]
        assert bool(other[number] >= 0) is bool(open_)
        assert not open_ or ends[other[number]] == max(open_)
