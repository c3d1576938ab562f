"""The targets of the paths: what is asked for, what a run measured, whether that meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.bench.rounds import OURS, exponent, find, ratio, short, sized

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.rounds import Outcome

GROWTH = 1.15
BYTES_A_HOP = 150


class Target(NamedTuple):
    """graphmap is to be at least so many times as fast as a rival at a task."""

    task: str
    rival: str
    least: float


class Verdict(NamedTuple):
    """A line of the last table."""

    target: str
    measured: str
    met: str


def verdicts(targets: Iterable[Target], outcomes: Sequence[Outcome], hunt: str) -> list[Verdict]:
    """Judge each target at the largest size at which both ran; `hunt` is the task whose memory counts."""
    judged = [_speed(target, outcomes) for target in targets]
    for task in dict.fromkeys(o.job.task for o in outcomes if o.job.tool == OURS):
        judged += _growth(task, outcomes)
    return [*judged, _memory(hunt, outcomes)]


def _speed(target: Target, outcomes: Sequence[Outcome]) -> Verdict:
    asked = f"{target.task}: at least {target.least:g} x {target.rival}"
    both = [
        (own, rival)
        for size in sorted({o.hops for o in outcomes}, reverse=True)
        if (own := find(outcomes, target.task, OURS, size))
        and (rival := find(outcomes, target.task, target.rival, size))
    ]
    found = ratio(both[0][1], both[0][0]) if both else None
    if found is None:
        return Verdict(asked, "not measured", "?")
    return Verdict(asked, f"{found} at {sized(both[0][0].hops)}", _met(found.median >= target.least))


def _growth(task: str, outcomes: Iterable[Outcome]) -> list[Verdict]:
    ran = [o for o in outcomes if o.job.task == task and o.job.tool == OURS]
    found = exponent((o.hops, min(o.seconds)) for o in ran if o.seconds)
    if found is None:
        return []
    return [Verdict(f"{task}: grows with an exponent of at most {GROWTH}", f"{found:.2f}", _met(found <= GROWTH))]


def _memory(task: str, outcomes: Iterable[Outcome]) -> Verdict:
    asked = f"{task}: at most {BYTES_A_HOP} bytes of memory a hop"
    own = find(outcomes, task, OURS)
    if own is None or own.memory is None:
        return Verdict(asked, "not measured", "?")
    each = own.memory / own.hops
    return Verdict(asked, f"{short(each)} at {sized(own.hops)}", _met(each <= BYTES_A_HOP))


def _met(met: bool) -> str:
    return "met" if met else "not met"
