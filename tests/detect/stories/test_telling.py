"""Stories: whole ones, their ids and their order, whatever comes late or is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.stories import order, stories
from graphmap.model import Severity, Story
from tests.detect.stories.made import FINDINGS, at, found, hop

if TYPE_CHECKING:
    import random

    from graphmap.model import Finding

FIRST, UNSURE, SECOND = hop(1, "a>b"), hop(2, "b>c", "root", 0.5), hop(2, "b>c", "root")


def test_three_findings_about_one_path_are_one_story() -> None:
    chain = found("f-1", FIRST, UNSURE, detector="multi-hop-chain", score=2)
    root = found("f-2", SECOND, severity=Severity.HIGH, score=3, p_value=0.01)
    rare = found("f-3", SECOND, detector="rare-edge", p_value=0.02)
    (story,) = stories([rare, root, chain])
    assert story == Story(
        id=story.id,
        severity=Severity.HIGH,
        score=0.0,  # on the first day all is new
        past=0,
        p_value=0.02,
        title="bob, root: a -> b -> c",
        techniques=("T1021",),
        hosts=("a", "b", "c"),
        users=("bob", "root"),
        first=at(1),
        last=at(2),
        hops=(FIRST, SECOND),
        lines=(*FIRST.lines, *SECOND.lines),
        parts=(chain, root, rare),
    )
    assert story.id.startswith("s-")


def test_a_story_says_how_many_days_it_was_compared_with() -> None:
    early, late, hidden = (found(f"f-{n}", hop(hours, "a>b")) for n, hours in ((1, 24 * 5 + 23), (2, 24 * 99), (3, 0)))
    weeks = found("f-4", hop(24, "c>d"), hop(24 * 20.5, "d>e"))
    told = stories([early, late, hidden, weeks], hidden=["f-3"])
    assert {story.parts[0].id: story.past for story in told} == {"f-1": 5, "f-2": 30, "f-4": 17}


def test_one_finding_keeps_its_title() -> None:
    (story,) = stories([found("f-1", FIRST)])
    assert (story.title, story.p_value) == ("title of f-1", None)


def test_what_suppressions_hide_is_no_part_and_changes_no_id() -> None:
    parts = [found("f-1", FIRST, severity=Severity.CRITICAL), found("f-2", FIRST, SECOND, hours=1.5)]
    (whole,) = stories(parts)
    (rest,) = stories(parts, hidden=["f-1"])
    assert (rest.id, [part.id for part in rest.parts], rest.severity) == (whole.id, ["f-2"], Severity.MEDIUM)
    assert stories(parts, hidden=["f-1", "f-2"]) == []


def test_logs_that_come_in_late_leave_a_story_its_id() -> None:
    parts = [found("f-2", SECOND), found("f-3", SECOND, hours=2.5)]
    (before,) = stories(parts)
    known = {part.id: before.id for part in before.parts}
    late = found("f-1", FIRST)
    (after,) = stories([late, *parts], known=known)
    assert (after.id, after.parts[0]) == (before.id, late)
    assert stories([late, *parts])[0].id != before.id


def test_two_stories_never_share_an_id() -> None:
    apart = [found("f-1", FIRST), found("f-2", hop(300, "a>b"))]
    told = stories(apart, known={"f-1": "s-old", "f-2": "s-old"})
    assert sorted(story.id for story in told)[1] == "s-old"
    assert len({story.id for story in told}) == 2


def test_a_full_story_is_named_by_the_one_that_goes_on() -> None:
    flood = [found(f"f-{number:02}", hop(0.1 * number, "a>b")) for number in range(60)]
    whole, rest = sorted(stories(flood), key=lambda story: story.parts[0].hops[0].start)
    assert (len(whole.parts), len(rest.parts), whole.continues, rest.continues) == (30, 30, None, whole.id)


@given(findings=FINDINGS, seed=st.randoms())
def test_every_finding_is_told_once_in_an_order_that_is_nobodys_choice(
    findings: list[Finding], seed: random.Random
) -> None:
    told = stories(findings)
    assert sorted(part.id for story in told for part in story.parts) == sorted(one.id for one in findings)
    assert len({story.id for story in told}) == len(told)
    assert [order(story) for story in told] == sorted(order(story) for story in told)
    shuffled = list(findings)
    seed.shuffle(shuffled)
    assert stories(shuffled) == told


@given(findings=FINDINGS)
def test_a_later_finding_updates_stories_and_renames_none(findings: list[Finding]) -> None:
    before = {story.id: story for story in stories(findings)}
    later = found("f-late", hop(401, "b>c"), detector="rare-edge", p_value=0.5)
    after = {story.id: story for story in stories([*findings, later])}
    for name, story in before.items():
        assert [part for part in after[name].parts if part != later] == list(story.parts)
        assert after[name].score >= story.score
    assert len(after) - len(before) in {0, 1}


def test_on_the_first_day_what_most_detectors_speak_of_comes_first() -> None:
    one = found("f-1", hop(1, "x>y", "eve"))
    two = [found("f-2", SECOND), found("f-3", SECOND, detector="rare-edge")]
    grave = found("f-4", hop(3, "v>w", "ann"), severity=Severity.HIGH)
    assert [len(story.parts) for story in stories([one, *two, grave])] == [1, 2, 1]
    assert stories([one, *two, grave])[0].parts == (grave,)
