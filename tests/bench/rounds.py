"""Jobs that answer the same question with different tools: interleaved rounds, and the arithmetic of their report."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.bench.answers import NotThereYetError, plain, same
from tests.bench.inputs import Inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OURS = "graphmap"
SHORT = 0.02
"""A job that takes fewer seconds is repeated within its round until it has taken as many."""


@dataclass(frozen=True, slots=True)
class Job:
    """A tool's way to do a task: `prepare` is not timed, `run` is. `most` hops are the most that it is asked about."""

    task: str
    tool: str
    prepare: Callable[[Inputs], Any]
    run: Callable[[Any, Inputs], object]
    most: int = 10**9
    needs: str | None = None
    """The module without which it cannot run."""
    answers: bool = True
    """Whether its answer is the task's; that of a limit is not."""
    parts: int = 1
    """How many questions one run answers; seconds are given for one."""

    @property
    def missing(self) -> bool:
        """Whether what it needs is not installed."""
        return self.needs is not None and find_spec(self.needs) is None


@dataclass(slots=True)
class Outcome:
    """What became of a job: seconds of each round, or why there are none."""

    job: Job
    hops: int
    seconds: list[float] = field(default_factory=list)
    without: str = ""
    memory: int | None = None
    """Bytes that a process of its own took for it, above what it had when all was imported."""


class Ratio(NamedTuple):
    """The median of the ratios of rounds, and the lowest and highest."""

    median: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{short(self.median)} ({short(self.lowest)}, {short(self.highest)})"


class MismatchError(Exception):
    """Two tools gave different answers to one question."""


def measure(jobs: Sequence[Job], inputs: Inputs, rounds: int, prepared: dict[Any, Any]) -> list[Outcome]:
    """Run the jobs of one task in turn, `rounds` times, each round in another order.

    `prepared` keeps what was prepared, by the function that did, for the next task.

    Raises
    ------
    MismatchError
        When the first answers of two tools differ.
    """
    outcomes = [Outcome(job, inputs.hops) for job in jobs]
    ready = [o for o in outcomes if _may_run(o)]
    for job in (o.job for o in ready):
        if job.prepare not in prepared:
            prepared[job.prepare] = job.prepare(inputs)
    states = {o.job.tool: prepared[o.job.prepare] for o in ready}
    _first_answers(ready, states, inputs)
    ready = [o for o in ready if not o.without]
    for number in range(rounds):
        turn = number % max(1, len(ready))
        for outcome in ready[turn:] + ready[:turn]:
            outcome.seconds.append(_timed(outcome.job, states[outcome.job.tool], inputs))
    return outcomes


def _may_run(outcome: Outcome) -> bool:
    if outcome.job.missing:
        outcome.without = f"missing: {outcome.job.needs} is not installed"
    elif outcome.hops > outcome.job.most:
        outcome.without = f"not asked beyond {sized(outcome.job.most)} hops"
    return not outcome.without


def _first_answers(outcomes: Iterable[Outcome], states: dict[str, Any], inputs: Inputs) -> None:
    """Warm each job up, and compare what it answers with what the first one did."""
    first: tuple[str, object] | None = None
    for outcome in outcomes:
        job = outcome.job
        try:
            answer = plain(job.run(states[job.tool], inputs))
        except NotThereYetError as error:
            outcome.without = f"not there yet: {error}"
            continue
        if not job.answers:
            continue
        if first is None:
            first = job.tool, answer
        elif not same(first[1], answer):
            raise MismatchError(f"{job.task}, {sized(inputs.hops)} hops: {first[0]} and {job.tool} disagree")


def _timed(job: Job, state: Any, inputs: Inputs) -> float:
    runs, start = 0, time.perf_counter()
    while True:
        job.run(state, inputs)
        runs += 1
        spent = time.perf_counter() - start
        if spent >= SHORT:
            return spent / runs / job.parts


def ratio(rival: Outcome, own: Outcome) -> Ratio | None:
    """How many times as long the rival took; above 1 is faster than the rival. None where one of them did not run."""
    pairs = list(zip(rival.seconds, own.seconds, strict=False))
    if not pairs:
        return None
    ratios = [theirs / mine for theirs, mine in pairs]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


def exponent(points: Iterable[tuple[float, float]]) -> float | None:
    """The k of the power law size ** k that fits sizes and seconds best (least squares of logarithms).

    None with fewer than two sizes.
    """
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    if len({x for x, _ in logs}) < 2:
        return None
    return statistics.linear_regression([x for x, _ in logs], [y for _, y in logs]).slope


def find(outcomes: Iterable[Outcome], task: str, tool: str, hops: int | None = None) -> Outcome | None:
    """The outcome of a job that ran: at a size, or else at the largest."""
    fitting = [
        o for o in outcomes
        if o.job.task == task and o.job.tool == tool and o.seconds and hops in {None, o.hops}
    ]  # fmt: skip
    return max(fitting, key=lambda o: o.hops, default=None)


def short(number: float) -> str:
    """Three digits that matter."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def sized(hops: int) -> str:
    """1000000 as 1M."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if hops >= unit and hops % (unit // 10) == 0:
            return f"{hops / unit:g}{letter}"
    return str(hops)


def read_size(text: str) -> int:
    """1M as 1000000.

    Raises
    ------
    ValueError
        When it is no number, alone or before k or M.
    """
    unit = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    return int(float(text[:-1] if unit > 1 else text) * unit)
