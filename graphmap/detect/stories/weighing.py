"""What a finding weighs beside those of other detectors: how rarely its detector said as much in the month before.

Scores of detectors do not compare: one counts hosts, another adds novelty. How often a detector speaks does: one that
says as much twenty times a day says little, and one that does so for the first time in a month says much. Whose score
is evidence in bits already (RATIOS) is taken at its word.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import e, log2
from typing import TYPE_CHECKING

from graphmap.detect.stories.merging import BEGINNING, order
from graphmap.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphmap.model import Finding

MONTH = timedelta(days=30)
DAY = timedelta(days=1)

TAIL = 20
"""From how many of the highest scores of a month the rarity of higher ones is reckoned."""

MOST = 15.0
"""Bits that a finding has at most: a tail of 20 scores tells nothing of what is rarer than once in a century."""

RATIOS = frozenset({"unusual-movement"})
"""Detectors whose score is a likelihood ratio in bits."""

Strength = tuple[int, float]
"""The rank of a severity, and a score."""

RANK = {severity: rank for rank, severity in enumerate(Severity)}
"""The lowest has 0."""


def weights(findings: Sequence[Finding]) -> list[float]:
    """Weigh findings by those of the same detector that began in the 30 days before them.

    Parameters
    ----------
    findings
        All of a hunt, in any order.

    Returns
    -------
    Bits, one a finding, at least 0. For a detector of RATIOS its score.

    Else -log2 of how many a day its detector had of them, at most MOST. In the whole days before the finding, at most
    30 and counted from the first finding of all, `n` findings of its detector had at least its severity and, of equal
    severity, at least its score: that is (1 + n) / (1 + days). Where more than twice TAIL findings of the detector were
    there and its score is above the TAIL-th highest, the excess over that one, in units of the mean excess, goes on
    with an exponential tail: so the highest of a month is not as good as one far above it.

    On the first day of a log, when all is new, bits say nothing; what began later never changes them.
    """
    moments = [finding.first or BEGINNING for finding in findings]
    start = beginning(findings)
    found = [0.0] * len(findings)
    pasts: defaultdict[str, _Month] = defaultdict(_Month)
    for place in sorted(range(len(findings)), key=lambda place: order(findings[place])):
        if findings[place].detector in RATIOS:
            found[place] = max(findings[place].score, 0.0)
            continue
        moment, month = moments[place], pasts[findings[place].detector]
        strength = (RANK[findings[place].severity], findings[place].score)
        month.move(moment)
        found[place] = min(max(month.bits(strength, days_before(moment, start)), 0.0), MOST)
        month.queue.append((moment, strength))
    return found


def beginning(findings: Sequence[Finding]) -> datetime:
    """From when on there is a past to compare with: the first moment of all findings."""
    return min((one.first for one in findings if one.first is not None), default=BEGINNING)


def days_before(moment: datetime, start: datetime) -> int:
    """How many whole days of the past a moment is compared with, at most 30."""
    return min(max(moment - start, timedelta()), MONTH) // DAY


def sayable(days: int) -> float:
    """Bits that a detector says when it speaks for the first time in so many days."""
    return log2(1 + days)


@dataclass(slots=True)
class _Month:
    """What a detector said in the 30 days before a moment; `queue` is all that it said, in order of time."""

    queue: list[tuple[datetime, Strength]] = field(default_factory=list)
    begin: int = 0
    end: int = 0
    strengths: list[Strength] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def move(self, moment: datetime) -> None:
        """Go on to a later moment."""
        while self.end < len(self.queue) and self.queue[self.end][0] < moment:
            strength = self.queue[self.end][1]
            insort(self.strengths, strength)
            insort(self.scores, strength[1])
            self.end += 1
        while self.begin < self.end and moment - self.queue[self.begin][0] > MONTH:
            strength = self.queue[self.begin][1]
            del self.strengths[bisect_left(self.strengths, strength)]
            del self.scores[bisect_left(self.scores, strength[1])]
            self.begin += 1

    def bits(self, strength: Strength, days: int) -> float:
        """How rare it was, a day of so many, to say as much."""
        highest = self.scores[-TAIL:]
        excess = sum(highest) / TAIL - highest[0] if len(self.scores) > 2 * TAIL else 0.0
        if days and excess > 0 and strength[1] > highest[0]:
            return log2(days / TAIL) + (strength[1] - highest[0]) / excess * log2(e)
        as_strong = len(self.strengths) - bisect_left(self.strengths, strength)
        return log2((1 + days) / (1 + as_strong))


def joint(parts: Iterable[tuple[str, float]]) -> float:
    """What findings weigh together: of each detector the heaviest, so that repeating itself adds nothing."""
    heaviest: defaultdict[str, float] = defaultdict(float)
    for detector, weight in parts:
        heaviest[detector] = max(heaviest[detector], weight)
    return sum(heaviest.values())


def bonferroni(p_values: Sequence[float]) -> float | None:
    """The p-value of findings together: the least times their number; None where there is none.

    Parts are about the same logons, so their p-values depend on each other in unknown ways: Fisher's sum would take
    that for independent evidence, the bound of Bonferroni holds whatever the dependence.
    """
    return min(1.0, min(p_values) * len(p_values)) if p_values else None
