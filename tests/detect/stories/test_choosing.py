"""A false discovery rate and a number a day let through what they should."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.stories import best_of_days, discovered, stories, told_at
from tests.detect.stories.made import FINDINGS, found, hop

if TYPE_CHECKING:
    from graphmap.model import Finding, Story

(ONE,) = stories([found("f-1", hop(1, "a>b"))])


def judged(*p_values: float | None) -> list[Story]:
    return [replace(ONE, id=f"s-{number}", p_value=p) for number, p in enumerate(p_values)]


def names(told: list[Story]) -> list[str]:
    return [story.id for story in told]


def test_the_procedure_of_benjamini_and_hochberg() -> None:
    """The example of their paper (1995, section 3.2): 4 of 15 pass at 0.05, though Bonferroni's bound lets pass 3."""
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
    ]  # fmt: skip
    told, apart, held = discovered(judged(*reversed(p_values), None), 0.05)
    assert names(told) == ["s-11", "s-12", "s-13", "s-14"]
    assert names(apart) == ["s-15"]
    assert len(held) == 11


def test_one_that_does_not_pass_alone_passes_with_its_betters() -> None:
    assert names(discovered(judged(0.04, 0.09), 0.1).told) == ["s-0", "s-1"]
    assert names(discovered(judged(0.09, 0.5), 0.1).told) == []


@given(p_values=st.lists(st.none() | st.floats(0, 1), max_size=12), rate=st.floats(0.01, 0.99))
def test_no_story_is_lost_and_equals_are_treated_alike(p_values: list[float | None], rate: float) -> None:
    every = judged(*p_values)
    told, apart, held = discovered(every, rate)
    assert sorted(names([*told, *apart, *held])) == sorted(names(every))
    assert names(apart) == [story.id for story in every if story.p_value is None]
    passed = {story.p_value for story in told}
    assert passed.isdisjoint({story.p_value for story in held})
    m = len(told) + len(held)
    assert all(p is not None and p <= rate * len(told) / m + 1e-12 for p in passed)


def test_the_best_of_each_day() -> None:
    day = [found(f"f-{n}", hop(5 * n, f"a{n}>b{n}", f"user{n}"), score=n) for n in range(8)]  # 5 on the first day
    chosen = best_of_days(stories(day), 2)
    assert len(chosen) == 4
    assert [told_at(story).day for story in sorted(chosen, key=told_at)] == [1, 1, 2, 2]


@given(findings=FINDINGS, number=st.integers(1, 3))
def test_no_day_has_more_and_none_is_passed_over_for_a_lesser(findings: list[Finding], number: int) -> None:
    every = stories(findings)
    chosen = best_of_days(every, number)
    for day in {told_at(story).date() for story in every}:
        whole = [story for story in every if told_at(story).date() == day]
        assert [story for story in chosen if told_at(story).date() == day] == whole[:number]


@pytest.mark.parametrize("number", [1, 5])
def test_what_nobody_knows_when_is_of_one_day(number: int) -> None:
    timeless = stories([found(f"f-{n}", hosts=("a",)) for n in range(7)])
    assert len(best_of_days(timeless, number)) == number
