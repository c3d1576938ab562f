"""Logons into restricted segments that are rare, or that the policy does not allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect.base import MOST_LINES, Evidence, finding, steps
from graphmap.documents import number_of, time_text
from graphmap.graph.explain import hop_at, hops_along
from graphmap.graph.paths import history_of
from graphmap.graph.rarity import WAY
from graphmap.model import Finding, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICTS = {True: Verdict.PERMITTED, False: Verdict.VIOLATION, None: Verdict.NOT_COVERED}


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
        identity = evidence.identity
        hops = evidence.hops.with_row_index("row").with_columns(
            evidence.past,
            known_since=pl.col("start").min().over("dst"),
            before_all=pl.int_range(pl.len()).over("dst"),
        )
        inside = {h: identity.segment(h) for h in hops["dst"].unique() if identity.is_restricted(identity.segment(h))}
        for rows in hops.filter(pl.col("dst").is_in(list(inside))).partition_by(WAY, maintain_order=True):
            first = rows.row(0, named=True)
            origin = identity.segment(first["src"])
            segment = inside[first["dst"]]
            if segment is None or first["src"] == first["dst"]:
                continue
            verdict = VERDICTS[identity.allowed(origin, segment)]
            if verdict == Verdict.VIOLATION or (origin != segment and self._is_rare(rows)):
                yield self._finding(evidence, rows, (origin, segment), verdict)

    def _is_rare(self, rows: pl.DataFrame) -> bool:
        first_seen = rows["start"][0] - rows["known_since"][0] >= self.history
        return bool(first_seen) or rows["start"].dt.date().n_unique() < self.min_days

    def _finding(
        self, evidence: Evidence, rows: pl.DataFrame, segments: tuple[str | None, str], verdict: Verdict
    ) -> Finding:
        row = int(rows["row"][0])
        hop = hop_at(evidence.hops, row)
        path = history_of(evidence.index, row).paths[0]
        led = hops_along(path, evidence.hops)
        origin = segments[0] or "no known segment"
        severity = Severity.HIGH if verdict == Verdict.VIOLATION or len(led) > 1 else Severity.MEDIUM
        return finding(
            self,
            (hop.src, rows["account"][0], hop.dst),
            severity=severity if verdict != Verdict.PERMITTED else Severity.LOW,
            score=path.certainty * len(led) + (verdict == Verdict.VIOLATION),
            title=f"{hop.user} into segment {segments[1]}: {' -> '.join([led[0].src, *(h.dst for h in led)])}",
            why=(
                f"first seen {time_text(hop.start)}: {hop.src} ({origin}) -> {hop.dst} ({segments[1]}) as {hop.user}",
                _past(rows),
                f"policy: {verdict}",
                *steps(led),
            ),
            hops=led,
            lines=[line for later in rows["row"][1:MOST_LINES] for line in hop_at(evidence.hops, later).lines],
        )


def _past(rows: pl.DataFrame) -> str:
    first = rows.row(0, named=True)
    return (
        f"taken {number_of(rows.height, 'time')} on {number_of(rows['start'].dt.date().n_unique(), 'day')};"
        f" before it, {first['account']} had {number_of(first['before_user'], 'logon')} on {first['dst']}"
        f" from anywhere, and everybody {number_of(first['before_all'], 'logon')}"
    )
