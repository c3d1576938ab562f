from __future__ import annotations

from dataclasses import replace

from graphmap.detect.judged import Judged
from graphmap.detect.unusual_movement import UnusualMovement
from graphmap.model import Finding, Severity, TriageState
from tests.detect.scenes import AT_HOME, DAILY, MOVED, SCENES, STOLEN
from tests.detect.story import hop, hunted, lines, told


def titles(*deeds: str, detector: UnusualMovement | None = None) -> list[str]:
    return [one.title for one in hunted(told(*deeds), detector or UnusualMovement())]


def test_new_ways_that_follow_each_other_are_one_story() -> None:
    deeds, options = SCENES["unusual-movement"]
    estate = told(*deeds, **options)
    first, second = hop(estate, 101), hop(estate, 102)
    (found,) = hunted(estate, UnusualMovement())
    assert found == Finding(
        id=found.id,
        detector="unusual-movement",
        technique="T1021",
        severity=Severity.HIGH,
        score=found.score,
        title="2 new ways of ann, root: web1, app1, db1",
        why=found.why,
        hosts=("web1", "app1", "db1"),
        users=("ann", "root"),
        hops=(first, second),
        lines=lines(101, 102),
    )
    assert "ann never came from web1 before; nobody went from web1 to app1 before" in found.why[1]
    assert "root had no session on app1, the last one had ended within the week before" in found.why[2]


def test_who_is_new_to_all_is_no_intruder() -> None:
    """Benign: new staff is as rare as an intruder, but holds what nobody could have taken and comes from a new desk."""
    assert titles(*DAILY, "03-21 10:00:00.1 ws9>app1 zoe z", "03-21 10:30:00.1 ws9>db1 zoe z") == []


def test_credentials_that_nobody_could_have_taken_there_are_left_to_other_detectors() -> None:
    """Evasion: whoever brings what was never seen is no intruder of those that are imagined."""
    assert titles(*AT_HOME, *MOVED) == []


def test_where_nothing_is_new_nothing_is_told() -> None:
    assert titles(*AT_HOME, "03-21 09:00:00.1 ws1>web1 bob k") == []


def test_of_the_first_fortnight_nothing_is_told() -> None:
    early = [deed.replace("03-21", "03-12") for deed in STOLEN]
    assert titles(*DAILY, *early) == []
    assert titles(*DAILY, *early, detector=UnusualMovement(history=7)) != []


def test_the_second_day_of_a_way_is_not_new() -> None:
    again = [deed.replace("03-21", "03-22") for deed in STOLEN]
    trusting = UnusualMovement(guarded=0)
    assert titles(*DAILY, *STOLEN, *again, detector=trusting) == titles(*DAILY, *STOLEN, detector=trusting) != []


def test_a_story_that_is_told_does_not_make_the_next_one_usual() -> None:
    """Poisoning: who comes back from elsewhere with the same account is as new as the first time."""
    again = [deed.replace("03-21", "03-23") for deed in STOLEN]
    guarded = hunted(told(*DAILY, *STOLEN, *again), UnusualMovement())
    taught = hunted(told(*DAILY, *STOLEN, *again), UnusualMovement(guarded=0))
    assert [len(one.hops) for one in guarded] == [2, 2]
    assert [len(one.hops) for one in taught] == [2]


def test_no_more_than_the_budget_is_told() -> None:
    """Of stories of one kind on many days, those beyond the budget of the month before are left out."""
    many = [f"03-{day:02} 13:{n:02}:00.1 h{n}{day}>db2 u{n}{day} password" for day in range(16, 29) for n in range(3)]
    told_each = len(titles(*AT_HOME, *many, detector=UnusualMovement(least_bits=-9.0)))
    few = len(titles(*AT_HOME, *many, detector=UnusualMovement(least_bits=-9.0, alerts_per_day=0.2)))
    assert 0 < few < told_each


def test_slow_ways_are_told_apart() -> None:
    """Evasion: who waits for more than a day between two hops is two stories, each less odd."""
    fast, slow = (
        hunted(told(*DAILY, STOLEN[0], STOLEN[1].replace("03-21", day)), UnusualMovement())
        for day in ("03-21", "03-23")
    )
    assert [len(one.hops) for one in fast] == [2]
    assert [len(one.hops) for one in slow] == [1, 1]
    assert max(one.score for one in slow) < fast[0].score


def test_the_p_value_is_what_the_reason_says_and_missing_where_there_is_no_past() -> None:
    many = [f"03-{day:02} 13:{n:02}:00.1 h{n}{day}>db2 u{n}{day} password" for day in range(16, 20) for n in range(3)]
    found = hunted(told(*AT_HOME, *many), UnusualMovement(least_bits=-9.0))
    assert {one.p_value is None for one in found} == {True, False}
    for one in found:
        assert ("no story of the month before" if one.p_value is None else f"(p {one.p_value:.2g})") in one.why[0]


def judged(found: Finding, state: TriageState) -> Judged:
    return Judged.of([(found, state)])


BACK = [deed.replace("03-21", "03-23") for deed in STOLEN]


def test_what_was_judged_benign_is_usual_from_then_on() -> None:
    estate = told(*DAILY, *STOLEN, *BACK)
    first, again = sorted(hunted(estate, UnusualMovement()), key=lambda one: one.hops[0].start)
    assert (first.hops[0].start.day, again.hops[0].start.day) == (21, 23)
    assert estate.hunt([UnusualMovement()], judged(first, TriageState.BENIGN)) == [first]
    for state in (TriageState.OPEN, TriageState.INVESTIGATING, TriageState.CONFIRMED):
        assert {one.id for one in estate.hunt([UnusualMovement()], judged(first, state))} == {first.id, again.id}


def test_what_was_confirmed_never_becomes_usual() -> None:
    """Evasion: who comes back when what was told of them has aged is told again only where somebody confirmed it."""
    estate, forgetful = told(*DAILY, *STOLEN, *BACK), UnusualMovement(guarded=1)
    (first,) = hunted(estate, forgetful)
    assert len(estate.hunt([forgetful], judged(first, TriageState.CONFIRMED))) == 2
    assert estate.hunt([forgetful], judged(first, TriageState.OPEN)) == [first]


def test_what_somebody_confirmed_is_not_benign_since_somebody_else_said_so() -> None:
    estate = told(*DAILY, *STOLEN, *BACK)
    first, _ = sorted(hunted(estate, UnusualMovement()), key=lambda one: one.hops[0].start)
    both = Judged.of([(first, TriageState.BENIGN), (replace(first, id="f-other"), TriageState.CONFIRMED)])
    assert len(estate.hunt([UnusualMovement()], both)) == 2


def test_judgements_of_logons_that_are_there_no_more_change_nothing() -> None:
    estate, other = told(*DAILY, *STOLEN, *BACK), told(*DAILY, *[deed.replace("03-21", "03-22") for deed in STOLEN])
    (gone,) = hunted(other, UnusualMovement())
    for state in TriageState:
        assert estate.hunt([UnusualMovement()], judged(gone, state)) == hunted(estate, UnusualMovement())
