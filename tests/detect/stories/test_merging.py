"""What belongs together, and that nobody can glue everything together."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.stories import Merging
from graphmap.detect.stories.merging import order
from tests.detect.stories.made import FINDINGS, found, hop

if TYPE_CHECKING:
    import random

    from graphmap.model import Finding

BUSY = tuple(found(f"f-busy{n}", hop(0.1 * n, f"pc{n}>bastion", f"user{n}")) for n in range(9))
"""Nine people come to one host within an hour."""


def together(*findings: Finding, **how: object) -> list[list[str]]:
    """The ids of each group."""
    return [
        [findings[place].id for place in group.members]
        for group in Merging(**how).groups(findings)  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("second", "one"),
    [
        pytest.param(found("f-2", hop(1, "a>b")), True, id="the same logon"),
        pytest.param(found("f-2", hop(1, "a>b", certainty=0.5)), True, id="the same logon, less sure of its origin"),
        pytest.param(found("f-2", hop(2, "b>c")), True, id="an hour later on from there"),
        pytest.param(found("f-2", hop(2, "b>c", "root")), True, id="as somebody else, where one came only"),
        pytest.param(found("f-2", hop(2, "a>c")), True, id="the same account from the same source"),
        pytest.param(found("f-2", hosts=("b",), hours=3), True, id="a log that was cleared there"),
        pytest.param(found("f-2", hop(2, "a>c", "eve")), False, id="another account from the same source"),
        pytest.param(found("f-2", hop(26, "b>c")), False, id="the day after"),
        pytest.param(found("f-2", hop(0.5, "b>c"), hop(0.6, "c>d")), False, id="from there, but before"),
        pytest.param(found("f-2", hop(2, "c>d")), False, id="elsewhere"),
        pytest.param(found("f-2", hosts=("b", "c"), hours=3), False, id="something about several hosts"),
        pytest.param(found("f-2", hosts=("b",)), False, id="something that was nobody knows when"),
    ],
)
def test_what_belongs_to_a_logon(second: Finding, one: bool) -> None:
    assert (len(together(found("f-1", hop(1, "a>b")), second)) == 1) is one


def test_on_a_busy_host_only_the_own_account_goes_on() -> None:
    own, other = found("f-own", hop(2, "bastion>db", "user3")), found("f-other", hop(2, "bastion>db", "root"))
    groups = together(*BUSY, own, other)
    assert ["f-busy3", "f-own"] in groups
    assert ["f-other"] in groups


def test_a_finding_never_joins_two_stories() -> None:
    first, second = found("f-1", hop(1, "a>b")), found("f-2", hop(26, "b>c", "eve"))
    both = found("f-3", hop(1, "a>b"), hop(26, "b>c", "eve"), hours=27)
    assert sorted(map(len, together(first, second, both))) == [1, 2]


def test_somebody_who_is_logged_in_goes_on_rather_than_somebody_who_was() -> None:
    was, there = found("f-was", hop(1, "x>b", "ann")), found("f-there", hop(5, "y>b", "eve"))
    assert ["f-there", "f-on"] in together(was, there, found("f-on", hop(5.5, "b>c", "ann")))
    assert ["f-was", "f-on"] in together(was, there, found("f-on", hop(9, "b>c", "ann")))
    assert ["f-on"] in together(was, there, found("f-on", hop(9, "b>c", "root")))


def test_a_burst_takes_no_paths_whose_way_it_crosses_but_what_is_about_the_same_burst() -> None:
    crossed = [hop(1 + n / 60, f"a>b{n}", "deploy") for n in range(4)]
    relay = found("f-relay", hop(0.9, "z>a", "deploy"), *crossed)
    fan_out, own = found("f-fan", *crossed), found("f-own", hop(1, "a>b0", "deploy"))
    chain = found("f-chain", hop(1 + 1 / 60, "a>b1", "deploy"), hop(1.1, "b1>c", "root"))
    assert together(relay, fan_out, own, chain) == [["f-relay", "f-fan"], ["f-own", "f-chain"]]


def test_a_way_with_a_branch_is_a_path_and_joins_those_about_its_logons() -> None:
    branch = found("f-branch", hop(1, "a>b"), hop(1.1, "b>c"), hop(1.2, "b>d", "root"))
    chain = found("f-chain", hop(1, "a>b"), hop(1.2, "b>d", "root"))
    assert together(branch, chain) == [["f-branch", "f-chain"]]


def test_hops_that_no_earlier_one_led_to_are_no_path() -> None:
    """Two ways of one key far from each other: what they cross is not of their story."""
    apart = found("f-apart", hop(1, "a>b"), hop(1.1, "c>d"), hop(1.2, "d>e"))
    chain = found("f-chain", hop(1, "a>b"), hop(1.2, "b>f"))
    assert together(apart, chain) == [["f-apart"], ["f-chain"]]


def test_a_story_ends_and_the_next_says_so() -> None:
    flood = [found(f"f-{n:02}", hop(0.1 * n, "a>b")) for n in range(10)]
    groups = Merging(parts=4).groups(flood)
    assert [len(group.members) for group in groups] == [4, 4, 2]
    assert [group.continues for group in groups] == [None, 0, 1]
    daily = [found(f"f-{n:02}", hop(20 * n, "a>b")) for n in range(10)]
    days = [len(group.members) for group in Merging(lasting=timedelta(days=3)).groups(daily)]
    assert days == [4, 4, 2]


def test_what_lasts_for_weeks_is_a_story_of_its_own_and_links_nothing() -> None:
    weeks = found("f-1", *(hop(24 * day, "a>b") for day in range(20)))
    assert together(weeks, found("f-2", hop(24, "a>b"))) == [["f-1"], ["f-2"]]


def test_a_story_of_many_logons_is_full() -> None:
    burst = found("f-1", *(hop(1 + n / 60, f"a>b{n}") for n in range(5)))
    onward = [found(f"f-on{n}", hop(1 + n / 60, f"a>b{n}"), hop(2 + n / 60, f"x>c{n}")) for n in range(5)]
    assert [len(group) for group in together(burst, *onward, logons=7)] == [3, 1, 1, 1]


@given(findings=FINDINGS, parts=st.integers(1, 6), seed=st.randoms())
def test_whatever_the_order_each_finding_is_in_one_story_within_bounds(
    findings: list[Finding], parts: int, seed: random.Random
) -> None:
    groups = together(*findings, parts=parts)
    assert sorted(name for group in groups for name in group) == sorted(one.id for one in findings)
    assert all(len(group) <= parts for group in groups)
    begun = {one.id: one.first for one in findings}
    for group in groups:
        times = [time for name in group if (time := begun[name]) is not None]
        assert all(before <= after for before, after in pairwise(times))
        assert not times or times[-1] - times[0] <= Merging().lasting
    shuffled = list(findings)
    seed.shuffle(shuffled)
    assert together(*shuffled, parts=parts) == groups


@given(findings=FINDINGS)
def test_what_begins_later_changes_no_story_but_adds_to_one(findings: list[Finding]) -> None:
    ordered = sorted(findings, key=order)
    whole = together(*ordered)
    for until in range(len(ordered)):
        before = together(*ordered[:until])
        assert [group[: len(early)] for group, early in zip(whole, before, strict=False)] == before
