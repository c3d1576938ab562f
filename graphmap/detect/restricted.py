"""Logons into restricted segments that are rare, or that the policy does not allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from graphmap.detect.base import MOST_LINES, Evidence, finding, steps
from graphmap.detect.entries import Entry, entries
from graphmap.documents import time_text
from graphmap.graph.explain import hop_at, hops_along
from graphmap.graph.paths import history_of
from graphmap.model import Finding, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.paths import Path
    from graphmap.graph.table import Rows

AGAINST = frozenset({Verdict.VIOLATION, Verdict.BOTH})


class _Way(NamedTuple):
    """A way into a restricted segment, where it comes from, and what the policy says of it."""

    entry: Entry
    origin: str | None
    segment: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Restricted:
    """A way (source, account, destination) into a restricted segment that is first seen, rare or not allowed.

    A way is first seen when it was taken for the first time after the logs of its destination had covered `history`:
    that stays so, however often it is taken later. A way that is as old as the logs is rare while it was taken on
    fewer than `min_days` days. Logons within a segment count only where the policy forbids them. One finding for each
    way; it shows the first logon with the chain that led to it, and how often the way was taken.
    """

    min_days: int = 2
    history: timedelta = timedelta(days=7)
    name: str = "restricted-segment"
    title: str = "Rare or forbidden way into a restricted segment"
    technique: str = "T1021.004"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        for (way, path), rows in evidence.hops.each(
            ((way, history_of(evidence.index, int(way.entry.rows[0])).paths[0]) for way in self._wanted(evidence)),
            lambda found: (*found[1].rows, *found[0].entry.rows[:MOST_LINES].tolist()),
        ):
            yield self._finding(evidence, way, path, rows)

    def _wanted(self, evidence: Evidence) -> Iterator[_Way]:
        """The ways into restricted segments that are to be shown."""
        identity, names = evidence.identity, evidence.index.names
        origin_of = cache(lambda node: identity.segment(names.name(node)))
        for host, name in enumerate(names.hosts):
            segment = identity.segment(name)
            if segment is None or not identity.is_restricted(segment):
                continue
            for entry in entries(evidence.index, host, min_days=self.min_days, history=self.history):
                origin = origin_of(int(evidence.index.src[entry.rows[0]]))
                verdict = evidence.rulings.verdict(entry.rows)
                if verdict in AGAINST or (origin != segment and entry.rare):
                    yield _Way(entry, origin, segment, verdict)

    def _finding(self, evidence: Evidence, way: _Way, path: Path, rows: Rows) -> Finding:
        row = int(way.entry.rows[0])
        hop, led = hop_at(rows, row), hops_along(path, rows)
        origin = way.origin or "no known segment"
        severity = Severity.HIGH if way.verdict in AGAINST or len(led) > 1 else Severity.MEDIUM
        account = rows[row]["account"]
        return finding(
            self,
            (hop.src, account, hop.dst),
            severity=severity if way.verdict != Verdict.PERMITTED else Severity.LOW,
            score=path.certainty * len(led) + (way.verdict in AGAINST),
            title=f"{hop.user} into segment {way.segment}: {' -> '.join([led[0].src, *(h.dst for h in led)])}",
            why=(
                f"first seen {time_text(hop.start)}: {hop.src} ({origin}) -> {hop.dst} ({way.segment}) as {hop.user}",
                way.entry.taken(account, hop.dst, int(evidence.past.before_user[row])),
                f"policy: {way.verdict}",
                *steps(led),
            ),
            hops=led,
            lines=way.entry.later_lines(rows),
        )
