"""The arithmetic of the benchmark's report, and that nothing is dropped from it without a word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.bench.answers import NotThereYetError
from tests.bench.inputs import Inputs
from tests.bench.rounds import (
    OURS,
    Job,
    MismatchError,
    Outcome,
    Ratio,
    exponent,
    find,
    measure,
    ratio,
    read_size,
    short,
    sized,
)
from tests.bench.targets import Target, Verdict, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = Inputs(Path("nowhere"), 2_000_000, (), ())


def job(tool: str, run: Callable[[Any, Inputs], object] = lambda _state, _inputs: 1, **more: Any) -> Job:
    return Job("walk", tool, lambda _inputs: None, run, **more)


def ran(tool: str, *seconds: float, hops: int = 1_000_000, task: str = "walk", memory: int | None = None) -> Outcome:
    return Outcome(Job(task, tool, lambda _: None, lambda _state, _inputs: 1), hops, list(seconds), memory=memory)


def test_a_ratio_is_the_median_of_the_rounds_not_of_the_times() -> None:
    assert ratio(ran("theirs", 10, 4, 30), ran(OURS, 1, 2, 1)) == Ratio(10, 2, 30)
    assert str(Ratio(10.0, 2.0, 301.4)) == "10 (2, 301)"
    assert ratio(ran("theirs"), ran(OURS, 1.0)) is None


def test_growth_is_the_slope_of_the_logarithms() -> None:
    assert exponent([(1, 5), (10, 50), (50, 250)]) == pytest.approx(1)
    assert exponent([(1e6, 2), (1e7, 200)]) == pytest.approx(2)
    assert exponent([(1e6, 2)]) is None
    assert exponent([(1e6, 2), (1e6, 3)]) is None


@pytest.mark.parametrize(("text", "hops"), [("1M", 1_000_000), ("2.5m", 2_500_000), ("100k", 100_000), ("1234", 1_234)])
def test_sizes_are_read_as_they_are_written(text: str, hops: int) -> None:
    assert read_size(text) == hops
    assert sized(hops) == text.replace("m", "M")


def test_numbers_are_shortened_to_three_digits() -> None:
    assert [short(n) for n in (0.000123456, 1.5, 99.96, 12_345.6)] == ["0.000123", "1.5", "100", "12,346"]


def test_every_job_is_run_in_every_round() -> None:
    outcomes = measure([job(OURS), job("theirs", parts=4)], INPUTS, 3, {})
    assert [len(o.seconds) for o in outcomes] == [3, 3]
    assert min(outcomes[1].seconds) > 0


def test_what_is_prepared_is_kept_for_the_next_task() -> None:
    made: list[int] = []

    def prepare(inputs: Inputs) -> int:
        made.append(inputs.hops)
        return inputs.hops

    kept: dict[Any, Any] = {}
    for task in ("walk", "run"):
        measure([Job(task, OURS, prepare, lambda state, _: state)], INPUTS, 1, kept)
    assert made == [INPUTS.hops]


def test_different_answers_end_the_run() -> None:
    with pytest.raises(MismatchError, match="walk, 2M hops: graphmap and theirs disagree"):
        measure([job(OURS), job("theirs", lambda *_: 2)], INPUTS, 1, {})


def test_a_limit_has_no_answer_to_compare() -> None:
    outcomes = measure([job(OURS), job("memory", lambda *_: 2, answers=False)], INPUTS, 1, {})
    assert all(o.seconds for o in outcomes)


def test_what_does_not_run_says_why() -> None:
    def not_yet(_state: object, _inputs: Inputs) -> int:
        raise NotThereYetError("the walk")

    outcomes = measure(
        [job(OURS, not_yet), job("theirs", needs="no_such_module"), job("slow", most=1_000_000)], INPUTS, 2, {}
    )
    assert [(o.without, o.seconds) for o in outcomes] == [
        ("not there yet: the walk", []),
        ("missing: no_such_module is not installed", []),
        ("not asked beyond 1M hops", []),
    ]


def test_found_is_the_largest_size_that_ran() -> None:
    small, large, none = ran(OURS, 1.0), ran(OURS, 9.0, hops=10_000_000), ran(OURS, hops=50_000_000)
    assert find([large, none, small], "walk", OURS) is large
    assert find([large, none, small], "walk", OURS, 1_000_000) is small
    assert find([large, none, small], "walk", OURS, 50_000_000) is None


def test_targets_are_judged_at_the_largest_size_at_which_both_ran() -> None:
    outcomes = [
        ran(OURS, 1.0, 1.0, memory=10**8),
        ran("theirs", 30.0, 32.0),
        ran(OURS, 20.0, 20.0, hops=10_000_000, memory=16 * 10**8),
        ran("theirs", hops=10_000_000),
    ]
    targets = [Target("walk", "theirs", 30), Target("walk", "theirs", 32), Target("walk", "Spark", 30)]
    assert verdicts(targets, outcomes, hunt="walk") == [
        Verdict("walk: at least 30 x theirs", "31 (30, 32) at 1M", "met"),
        Verdict("walk: at least 32 x theirs", "31 (30, 32) at 1M", "not met"),
        Verdict("walk: at least 30 x Spark", "not measured", "?"),
        Verdict("walk: grows with an exponent of at most 1.15", "1.30", "not met"),
        Verdict("walk: at most 150 bytes of memory a hop", "160 at 10M", "not met"),
    ]
