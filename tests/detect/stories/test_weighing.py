"""What a finding weighs: beside a slow and obvious count."""

from __future__ import annotations

from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from graphmap.detect.stories.weighing import RANK, bonferroni, joint, weights
from graphmap.model import Severity
from tests.detect.stories.made import FINDINGS, found, hop

if TYPE_CHECKING:
    from graphmap.model import Finding


def twin(findings: list[Finding]) -> list[float]:
    """The same by counting."""
    begun = [one.first for one in findings if one.first is not None]
    told = []
    for one in findings:
        assert one.first is not None
        days = min((one.first - min(begun)).days, 30)
        as_strong = sum(
            other.detector == one.detector
            and other.first is not None
            and timedelta() < one.first - other.first <= timedelta(days=30)
            and (RANK[other.severity], other.score) >= (RANK[one.severity], one.score)
            for other in findings
        )
        told.append(max(0.0, log2((1 + days) / (1 + as_strong))))
    return told


@given(findings=FINDINGS)
def test_weights_are_the_rarity_of_what_a_detector_says(findings: list[Finding]) -> None:
    assert weights(findings) == pytest.approx(twin(findings))


def test_a_detector_that_speaks_daily_weighs_nothing_and_a_new_voice_much() -> None:
    daily = [found(f"f-{day}", hop(24 * day, "a>b")) for day in range(31)]
    first = found("f-new", hop(24 * 30, "a>b"), detector="stolen-key")
    worse = found("f-worse", hop(24 * 30, "a>b"), severity=Severity.HIGH)
    weighed = weights([*daily, first, worse])
    assert weighed[:31] == pytest.approx([0.0] * 31)
    assert weighed[31:] == pytest.approx([log2(31), log2(31)])
    months_later = found("f-later", hop(24 * 62, "a>b"))
    assert weights([*daily, months_later])[-1] == pytest.approx(log2(31))


def test_evidence_in_bits_is_taken_at_its_word() -> None:
    """However often it is said, and however much: a likelihood ratio needs no month to compare with."""
    daily = [found(f"f-{day}", hop(24 * day, "a>b"), detector="unusual-movement", score=60.0) for day in range(3)]
    below = found("f-below", hop(80, "a>b"), detector="unusual-movement", score=-3.0)
    assert weights([*daily, below]) == [60.0, 60.0, 60.0, 0.0]


def test_one_far_above_the_highest_of_a_month_weighs_more_than_the_next() -> None:
    """Scores of 60 findings are spread like an exponential law; each unit of its mean more is a factor e rarer."""
    month = [found(f"f-{n}", hop(12 * n, "a>b"), score=-log2(1 - n / 60)) for n in range(60)]
    asked = [found(f"f-new{n}", hop(720, "a>b"), score=score) for n, score in enumerate((5.0, 8.0, 11.0, 14.0, 99.0))]
    five, eight, eleven, fourteen, beyond = weights([*month, *asked])[60:]
    assert eight - five == pytest.approx(eleven - eight) == pytest.approx(fourteen - eleven)
    assert eight - five == pytest.approx(3, abs=0.5)
    assert five == pytest.approx(log2(30 / 60 * 32), abs=0.7)
    assert beyond == 15.0


def test_nothing_is_rare_where_nobody_knows_when() -> None:
    assert weights([found("f-1", hosts=("a",)), found("f-2", hosts=("b",))]) == [0.0, 0.0]


def test_a_detector_that_repeats_itself_adds_nothing() -> None:
    assert joint([("a", 2.0), ("a", 3.0), ("b", 1.0)]) == 4.0
    assert joint([]) == 0.0


@pytest.mark.parametrize(("p_values", "joined"), [([], None), ([0.3], 0.3), ([0.02, 0.5], 0.04), ([0.9, 0.8], 1.0)])
def test_p_values_are_joined_by_the_least_times_their_number(p_values: list[float], joined: float | None) -> None:
    assert bonferroni(p_values) == joined
