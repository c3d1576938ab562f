"""Logons into restricted segments that are rare, or that the policy does not allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.detect.base import MOST_LINES, Evidence, finding, steps
from graphmap.documents import number_of, time_text
from graphmap.graph.explain import hop_at, hops_along
from graphmap.graph.paths import history_of
from graphmap.model import Finding, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphmap.graph.index import HopIndex, Ids
    from graphmap.graph.paths import Path
    from graphmap.graph.table import Rows

DAY = 86_400_000_000
"""Microseconds."""

AGAINST = frozenset({Verdict.VIOLATION, Verdict.BOTH})


class _Way(NamedTuple):
    """Rows of HOPS from one source as one account to one host, and what is to be said of them."""

    rows: Ids
    days: int
    before_all: int
    """Logons on the host before the first of them."""
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
            ((way, history_of(evidence.index, int(way.rows[0])).paths[0]) for way in self._wanted(evidence)),
            lambda found: (*found[1].rows, *found[0].rows[:MOST_LINES].tolist()),
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
            arriving = evidence.index.arriving.of(host)
            for places in _grouped(evidence.index, arriving):
                rows = arriving[places]
                source = int(evidence.index.src[rows[0]])
                if source == host:
                    continue
                origin = origin_of(source)
                verdict = evidence.rulings.verdict(rows)
                days = len(np.unique(evidence.index.earliest[rows] // DAY))
                since = evidence.index.earliest[rows[0]] - evidence.index.earliest[arriving[0]]
                if verdict in AGAINST or (origin != segment and self._is_rare(int(since), days)):
                    yield _Way(rows, days, int(places[0]), origin, segment, verdict)

    def _is_rare(self, since: int, days: int) -> bool:
        return timedelta(microseconds=since) >= self.history or days < self.min_days

    def _finding(self, evidence: Evidence, way: _Way, path: Path, rows: Rows) -> Finding:
        row = int(way.rows[0])
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
                _taken(way, account, hop.dst, int(evidence.past.before_user[row])),
                f"policy: {way.verdict}",
                *steps(led),
            ),
            hops=led,
            lines=[line for later in way.rows[1:MOST_LINES] for line in hop_at(rows, int(later)).lines],
        )


def _taken(way: _Way, account: str, host: str, before_user: int) -> str:
    return (
        f"taken {number_of(len(way.rows), 'time')} on {number_of(way.days, 'day')};"
        f" before it, {account} had {number_of(before_user, 'logon')} on {host}"
        f" from anywhere, and everybody {number_of(way.before_all, 'logon')}"
    )


def _grouped(index: HopIndex, rows: Ids) -> list[NDArray[np.int64]]:
    """Places of hops to one host that are of one way, in order."""
    way = index.src[rows].astype(np.int64) * len(index.names.accounts) + index.account[rows]
    order = np.argsort(way, kind="stable").astype(np.int64)
    return np.split(order, np.flatnonzero(np.diff(way[order])) + 1) if len(order) else []
