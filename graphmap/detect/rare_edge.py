"""Ways that are first seen or rare, and unusual beside all logons of the past."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.baselines import WAYS, Baselines, Question
from graphmap.detect.needs import Learns, Whose
from graphmap.detect.ways import ways_among
from graphmap.documents import number_of
from graphmap.graph.conformal import Standing, standing
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphmap.graph.table import Rows


class _Found(NamedTuple):
    """A row of HOPS, how it stands among all earlier hops, and how it stands in each question."""

    row: int
    before: int
    p: float
    past: int
    parts: Sequence[tuple[Question, float, int]]


@dataclass(frozen=True, slots=True)
class RareEdge:
    """A way (source, account, destination) taken at most `max_before` times before, with a p-value of at most `max_p`.

    The p-value is the share of all earlier logons that were at least as surprising, by the bits that their
    destination, source and account took to tell (`graphmap.graph.conformal`). One finding for each way, at the
    first logon that qualifies; it says, too, how that logon stands among the earlier ones of its account, source and
    destination.
    """

    max_p: float = 0.001
    max_before: int = 2
    name: str = "rare-edge"
    title: str = "First-seen or rare way"
    technique: str = "T1021"

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.EVERYBODY, logons=round(1 / self.max_p))

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        if len(evidence.index) * self.max_p < 1:
            return  # no logon has enough of a past
        baselines = Baselines(evidence)
        everybody = standing(
            np.sum([baselines.bits(one) for one in WAYS], axis=0),
            np.zeros(len(evidence.index), np.int8),
            evidence.index.earliest,
        )
        crossing = evidence.index.src != evidence.index.dst
        wanted = np.flatnonzero((everybody.p <= self.max_p) & (evidence.past.before <= self.max_before) & crossing)
        if not len(wanted):
            return
        parts = [(question, baselines.standing(question)) for question in WAYS]
        found = (self._found(evidence, int(rows[0]), everybody, parts) for rows in ways_among(evidence.index, wanted))
        for one, hops in evidence.hops.each(found, lambda one: [one.row]):
            yield self._finding(one, hops)

    @staticmethod
    def _found(evidence: Evidence, row: int, all_: Standing, parts: Sequence[tuple[Question, Standing]]) -> _Found:
        return _Found(
            row,
            int(evidence.past.before[row]),
            float(all_.p[row]),
            int(all_.past[row]),
            [(question, float(one.p[row]), int(one.past[row])) for question, one in parts],
        )

    def _finding(self, found: _Found, hops: Rows) -> Finding:
        hop = hop_at(hops, found.row)
        taken = "first seen" if not found.before else f"taken {number_of(found.before, 'time')} before"
        return finding(
            self,
            (hop.src, hops[found.row]["account"], hop.dst),
            severity=Severity.MEDIUM,
            score=-log10(found.p),
            p_value=found.p,
            title=f"{taken}: {hop.src} -> {hop.dst} as {hop.user} (p {found.p:.2g})",
            why=(
                f"p {found.p:.2g}: {_share(found.p, found.past)} of everybody were at least as surprising",
                *(
                    f"{question}: {_share(p, past)} of that {question.context} were (p {p:.2g})"
                    for question, p, past in found.parts
                    if past
                ),
                *steps([hop]),
            ),
            hops=[hop],
        )


def _share(p: float, past: int) -> str:
    return f"{round(p * (past + 1)) - 1:,} of {number_of(past, 'earlier logon')}"
