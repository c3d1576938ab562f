"""p-values and surprise, held against a twin that looks back at every earlier row."""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.graph.conformal import earlier, known_for, standing, surprise_of

ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 2), st.sampled_from([0.0, 0.5, 1.0, 7.25])), max_size=25
).map(sorted)
"""Times, groups and scores."""


def arrays(rows: list[tuple[int, int, float]]) -> tuple[Any, Any, Any]:
    time, group, score = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return np.array(score, np.float64), np.array(group, np.int64), np.array(time, np.int64)


@settings(max_examples=60)
@given(ROWS)
def test_standing_is_a_count_over_the_past(rows: list[tuple[int, int, float]]) -> None:
    found = standing(*arrays(rows))
    for number, (time, group, score) in enumerate(rows):
        past = [one for when, where, one in rows if when < time and where == group]
        assert found.past[number] == len(past)
        assert found.p[number] == (1 + sum(one >= score for one in past)) / (1 + len(past))


@settings(max_examples=60)
@given(ROWS, ROWS)
def test_a_later_day_changes_nothing(rows: list[tuple[int, int, float]], later: list[tuple[int, int, float]]) -> None:
    more = [*rows, *((time + 10, group, score) for time, group, score in later)]
    assert np.array_equal(standing(*arrays(more)).p[: len(rows)], standing(*arrays(rows)).p)


def test_equals_are_equal() -> None:
    """Four logons of one moment, twice as unusual as the ten before: all have the same p-value, in any order."""
    scores = np.array([1.0] * 10 + [2.0] * 4)
    time = np.array([*range(10), 10, 10, 10, 10])
    assert standing(scores, np.zeros(14, np.int64), time).p[10:].tolist() == [1 / 11] * 4


def test_p_values_are_calibrated_where_the_future_is_like_the_past() -> None:
    scores = np.random.default_rng(3).exponential(size=4000)
    p = standing(scores, np.zeros(4000, np.int64), np.arange(4000)).p[1000:]
    for level in (0.01, 0.05, 0.25):
        assert (p <= level).mean() == pytest.approx(level, abs=0.01)


PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(5, 8)), max_size=20).map(sorted)


def bits(rows: list[tuple[int, int, int]], number: int) -> float:
    """Prediction by partial matching, looking back at every earlier row."""
    time, where, what = rows[number]
    past = [(context, value) for when, context, value in rows if when < time]
    here = [value for context, value in past if context == where]
    kinds, everything = len(set(here)), [value for _, value in past]
    known = len(set(everything))
    if what in here:
        return -log2(here.count(what) / (len(here) + kinds))
    chance = kinds / (len(here) + kinds) if here else 1.0
    if what in everything:
        return -log2(chance * everything.count(what) / (len(past) + known))
    return -log2(chance * max(known, 1) / max(len(past) + known, 1) / (known + 1))


@settings(max_examples=60)
@given(PAIRS)
def test_surprise_is_that_of_the_twin(rows: list[tuple[int, int, int]]) -> None:
    time, where, what = (np.array([row[place] for row in rows], np.int64) for place in range(3))
    found = surprise_of(what, where, time)
    assert found.tolist() == pytest.approx([bits(rows, number) for number in range(len(rows))])


@settings(max_examples=60)
@given(PAIRS)
def test_earlier_counts_other_moments_only(rows: list[tuple[int, int, int]]) -> None:
    time, group = (np.array([row[place] for row in rows], np.int64) for place in range(2))
    expected = [sum(when < row[0] and where == row[1] for when, where, _ in rows) for row in rows]
    assert earlier(group, time).tolist() == expected


@settings(max_examples=60)
@given(ROWS)
def test_a_group_is_known_since_its_first_row(rows: list[tuple[int, int, float]]) -> None:
    _, group, time = arrays(rows)
    first = {where: when for when, where, _ in reversed(rows)}
    assert known_for(group, time).tolist() == [when - first[where] for when, where, _ in rows]
