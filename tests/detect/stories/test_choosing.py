"""A false discovery rate and a number a day let through what they should."""

from __future__ import annotations

from dataclasses import replace
from math import log2
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.stories import best_of_days, choose, discovered, stories, told_at
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


def test_what_weighs_little_is_held_unless_its_past_is_short() -> None:
    """After 15 days a detector that speaks for the first time says 4 bits, after 7 days 3, on the first day none."""
    weighed = [(4.0, 30), (3.9, 30), (3.9, 14), (3.0, 7), (2.9, 7), (0.0, 0), (log2(6), 5), (4.95, 29), (4.96, 30)]
    every = [replace(ONE, id=f"s-{n}", score=round(score, 6), past=past) for n, (score, past) in enumerate(weighed)]
    told, apart, faint, chance, surplus = choose(every, least_bits=4)
    assert names(told) == ["s-0", "s-3", "s-5", "s-6", "s-7", "s-8"]
    assert names(faint) == ["s-1", "s-2", "s-4"]
    assert apart == chance == surplus == []
    assert names(choose(every, least_bits=0).told) == names(every)
    assert names(choose(every, least_bits=3.5).faint) == ["s-4"]
    assert names(choose(every, least_bits=8).faint) == ["s-0", "s-1", "s-2", "s-4", "s-8"]


def test_the_best_of_a_day_are_among_those_that_weigh_enough() -> None:
    """And what weighs little is not taken for chance: it is counted once, though the rate is judged over all."""
    faint, better, good = (replace(ONE, id=f"s-{n}", score=s, past=30, p_value=p) for n, s, p in
                           ((0, 1.0, 0.001), (1, 5.0, 0.1), (2, 5.0, 0.01)))  # fmt: skip
    unknown = replace(good, id="s-3", p_value=None)
    chosen = choose([better, good, unknown, faint], least_bits=4, rate=0.05, per_day=1)
    assert [names(some) for some in chosen] == [["s-2"], [], ["s-0"], ["s-1"], ["s-3"]]
    assert names(choose([faint, better], least_bits=4, per_day=1).every) == ["s-1"]


@given(findings=FINDINGS, least=st.floats(0, 6), rate=st.none() | st.floats(0.01, 0.9), number=st.none() | st.just(1))
def test_every_story_is_told_or_held_for_one_reason(
    findings: list[Finding], least: float, rate: float | None, number: int | None
) -> None:
    every = stories(findings)
    chosen = choose(every, least_bits=least, rate=rate, per_day=number)
    assert sorted(name for some in chosen for name in names(some)) == sorted(names(every))
    for story in every:
        enough = story.score >= least or (story.past < 30 and story.score >= log2(1 + story.past) - 1e-6)
        assert (story in chosen.faint) is not enough


@pytest.mark.parametrize("number", [1, 5])
def test_what_nobody_knows_when_is_of_one_day(number: int) -> None:
    timeless = stories([found(f"f-{n}", hosts=("a",)) for n in range(7)])
    assert len(best_of_days(timeless, number)) == number
