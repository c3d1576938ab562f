"""Movement that is odd as a whole: new ways that follow each other, and that an intruder would take."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.detect.base import MOST_HOPS, Evidence, finding, steps
from graphmap.detect.judged import rows_of
from graphmap.detect.needs import Learns, Whose
from graphmap.documents import number_of, some_of
from graphmap.graph.explain import hop_at
from graphmap.graph.imagined import imagine
from graphmap.graph.oddness import Oddness, oddness
from graphmap.graph.respects import NEVER_KNOWN, Respects
from graphmap.graph.stories import Story, stories
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.respects import Numbers
    from graphmap.graph.table import Rows

MONTH = 30
"""Days of stories with which one is compared."""


class _Told(NamedTuple):
    """A story that is told, with the rows of its hops and how it stands among those before it."""

    story: Story
    rows: list[int]
    as_odd: int
    before: int


@dataclass(frozen=True, slots=True)
class UnusualMovement:
    """New ways that follow each other, of which few of the month before were as odd together.

    Each way is judged on the day of its first use by how much sooner an intruder would take one of its kind than people
    and programs did (`graphmap.graph.oddness`); ways above `least_bits` are joined (`graphmap.graph.stories`) and add
    what they have above it. A story is told if, in the 30 days before it began, at most `alerts_per_day` a day weighed
    as much. Nothing is told in the first `history` days of the logs, where all is new. What is told does not become
    usual for `guarded` days, unless people judge it benign; what they confirm never does.
    """

    alerts_per_day: float = 16.0
    least_bits: float = 0.0
    history: int = 14
    guarded: int = 14
    name: str = "unusual-movement"
    title: str = "New ways that are odd together"
    technique: str = "T1021"

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.EVERYBODY, timedelta(days=self.history + 1))

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        if not len(evidence.index):
            return
        hops = Respects.of(evidence.index, evidence.hops.column("basis"))
        feared = imagine(evidence.index, hops)
        known_from = hops.day.copy()
        known_from[rows_of(evidence.judged.confirmed, evidence.hops)] = NEVER_KNOWN
        odd, told = self._told(evidence, hops, known_from, feared)
        guarded = np.array(sorted({row for one in told for row in one.rows}), np.int64)
        guarded = np.setdiff1d(guarded, rows_of(evidence.judged.benign, evidence.hops))
        known_from[guarded] = np.minimum(known_from[guarded] + self.guarded, NEVER_KNOWN)
        odd, told = self._told(evidence, hops, known_from, feared)
        for one, rows in evidence.hops.each(told, lambda one: one.rows[:MOST_HOPS]):
            yield self._finding(odd, one, rows)

    def _told(
        self, evidence: Evidence, hops: Respects, known_from: Numbers, feared: Respects
    ) -> tuple[Oddness, list[_Told]]:
        """The oddness of what is odd enough, and the stories that are told."""
        odd = oddness(hops, known_from, feared)
        heavy = (odd.bits > self.least_bits) & (odd.day >= self.history)
        odd = odd.of(np.flatnonzero(heavy))
        found = stories(evidence.index, odd.rows, odd.bits - self.least_bits)
        return odd, list(self._ranked(odd, found))

    def _ranked(self, odd: Oddness, found: list[Story]) -> Iterator[_Told]:
        """Compare each story with those that began in the month before it."""
        past: list[float] = []
        waiting = 0
        leaving = 0
        for story in found:
            today = int(odd.day[story.members[0]])
            while int(odd.day[found[waiting].members[0]]) < today:
                insort(past, found[waiting].weight)
                waiting += 1
            while leaving < waiting and int(odd.day[found[leaving].members[0]]) < today - MONTH:
                del past[bisect_left(past, found[leaving].weight)]
                leaving += 1
            as_odd = len(past) - bisect_left(past, story.weight)
            days = min(MONTH, today - self.history)
            if days >= 1 and as_odd < self.alerts_per_day * days:
                yield _Told(story, [int(odd.rows[place]) for place in story.members], as_odd, len(past))

    def _finding(self, odd: Oddness, told: _Told, rows: Rows) -> Finding:
        shown = [hop_at(rows, row) for row in told.rows[:MOST_HOPS]]
        first = rows[told.rows[0]]
        hosts = tuple(dict.fromkeys(name for hop in shown for name in (hop.src, hop.dst)))
        users = tuple(dict.fromkeys(hop.user for hop in shown))
        return finding(
            self,
            (first["start"].replace(microsecond=0).isoformat(), first["src"], first["account"], first["dst"]),
            severity=Severity.HIGH if len(shown) > 1 else Severity.MEDIUM,
            score=told.story.weight,
            p_value=_p_value(told) if told.before else None,
            title=f"{number_of(len(told.rows), 'new way')} of {some_of(users, 3)}: {some_of(hosts, 5)}",
            why=(
                _standing(told),
                *(
                    f"{hop.src} -> {hop.dst} ({odd.bits[place]:.1f} bits): "
                    + (
                        "; ".join(odd.reasons(place, account=hop.user or "this account", src=hop.src, dst=hop.dst))
                        or "nothing about it is new but the way as a whole"
                    )
                    for place, hop in zip(told.story.members, shown, strict=False)
                ),
                *steps(shown),
            ),
            hops=shown,
        )


def _p_value(told: _Told) -> float:
    """The share of the month's stories, this one among them, that were at least as odd."""
    return (1 + told.as_odd) / (1 + told.before)


def _standing(told: _Told) -> str:
    """How a story stands among those of the month before."""
    if not told.before:
        return f"{told.story.weight:.1f} bits for an intruder; no story of the month before to compare with"
    so_many = f"{told.as_odd:,} of the {told.before:,} of the month before had so many (p {_p_value(told):.2g})"
    return f"{told.story.weight:.1f} bits for an intruder; {so_many}"
