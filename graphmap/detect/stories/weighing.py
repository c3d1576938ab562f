"""What a finding weighs beside those of other detectors: how rarely its detector said as much in the month before.

Scores of detectors do not compare: one counts hosts, another adds novelty. How often a detector speaks does: one that
says as much twenty times a day says little, and one that does so for the first time in a month says much.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

from graphmap.detect.stories.merging import BEGINNING, order
from graphmap.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from graphmap.model import Finding

MONTH = timedelta(days=30)
DAY = timedelta(days=1)

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
    Bits, one a finding: log2((1 + days) / (1 + n)), but at least 0. In the whole days before the finding, at most 30
    and counted from the first finding of all, `n` findings of its detector had at least its severity and, of equal
    severity, at least its score. So on the first day of a log, when all is new, bits say nothing; what began later
    never changes them.
    """
    moments = [finding.first or BEGINNING for finding in findings]
    start = min((moment for moment in moments if moment != BEGINNING), default=BEGINNING)
    found = [0.0] * len(findings)
    past: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    waiting: defaultdict[str, list[tuple[datetime, tuple[int, float]]]] = defaultdict(list)
    leaving: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for place in sorted(range(len(findings)), key=lambda place: order(findings[place])):
        finding, moment = findings[place], moments[place]
        strength = (RANK[finding.severity], finding.score)
        known, queue, ends = past[finding.detector], waiting[finding.detector], leaving[finding.detector]
        while ends[1] < len(queue) and queue[ends[1]][0] < moment:
            insort(known, queue[ends[1]][1])
            ends[1] += 1
        while ends[0] < ends[1] and moment - queue[ends[0]][0] > MONTH:
            del known[bisect_left(known, queue[ends[0]][1])]
            ends[0] += 1
        days = min(max(moment - start, timedelta()), MONTH) // DAY
        as_strong = len(known) - bisect_left(known, strength)
        found[place] = max(0.0, log2((1 + days) / (1 + as_strong)))
        queue.append((moment, strength))
    return found


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
