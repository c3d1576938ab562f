"""Logons that the segment policy does not permit."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING

import numpy as np

from graphmap.detect.base import MOST_LINES, Evidence, finding, steps
from graphmap.detect.ways import ways_among
from graphmap.documents import number_of, time_text
from graphmap.graph.explain import hop_at, moment_of
from graphmap.model import Finding, Severity, Verdict
from graphmap.policy.judge import FORBIDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import Ids
    from graphmap.graph.table import Rows


@dataclass(frozen=True, slots=True)
class PolicyViolation:
    """A way (source, account, destination) with logons that some zone of the destination does not permit.

    One finding for each way; it shows the first such logon, why no rule permits it, and how often it came again. Where
    another zone of the same host permits all of them the policy contradicts itself, which is less severe.
    """

    name: str = "policy-violation"
    title: str = "Logon against the segment policy"
    technique: str = "T1021"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        against = np.flatnonzero(evidence.rulings.bits & FORBIDS)
        for rows, hops in evidence.hops.each(
            ways_among(evidence.index, against), lambda rows: rows[:MOST_LINES].tolist()
        ):
            yield self._finding(evidence, rows, hops)

    def _finding(self, evidence: Evidence, rows: Ids, hops: Rows) -> Finding:
        first = int(rows[0])
        hop = hop_at(hops, first)
        rulings, index = evidence.rulings, evidence.index
        verdict = rulings.verdict(rows)
        last = moment_of(int(index.earliest[rows[-1]]))
        permitting = [f"rule {rule.name!r} permits it to another zone" for rule in rulings.permissions(first)]
        return finding(
            self,
            (hop.src, hops[first]["account"], hop.dst),
            severity=Severity.HIGH if verdict == Verdict.VIOLATION else Severity.MEDIUM,
            score=1 + log2(len(rows)) / 8,
            title=f"{hop.user} against the policy: {hop.src} -> {hop.dst}",
            why=(
                *(denial.text for denial in rulings.denials(first)),
                *permitting,
                f"{number_of(len(rows), 'logon')} from {time_text(hop.start)} to {time_text(last)}; policy: {verdict}",
                *steps([hop]),
            ),
            hops=[hop],
            lines=[line for row in rows[1:MOST_LINES] for line in hop_at(hops, int(row)).lines],
        )
