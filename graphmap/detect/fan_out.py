"""Bursts from one source to many hosts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect.base import Evidence, finding
from graphmap.documents import number_of, time_text
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = tuple[int, int, str, bool]
    """Row of HOPS, start in microseconds, destination, whether the way was never taken before."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """One source that logs on to at least `min_hosts` other hosts within `window`, `min_new` of them by a new way.

    Automation that does so every day goes ways that it has gone before, and stays silent. Bursts that overlap are one.
    """

    min_hosts: int = 5
    min_new: int = 3
    window: timedelta = timedelta(minutes=10)
    name: str = "fan-out"
    title: str = "Fan-out burst to new hosts"
    technique: str = "T1021.004"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        hops = evidence.hops.with_row_index("row").with_columns(evidence.past).filter(pl.col("src") != pl.col("dst"))
        many = hops.group_by("src").agg(pl.col("dst").n_unique()).filter(pl.col("dst") >= self.min_hosts)
        for src in many["src"].sort():
            rows = hops.filter(pl.col("src") == src).select(
                "row", pl.col("start").dt.timestamp("us"), "dst", new=pl.col("before") == 0
            )
            for burst in self._bursts(rows.rows()):
                yield self._finding(evidence, burst)

    def _bursts(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Runs of rows in which every window that is added to the run reaches enough hosts."""
        width = int(self.window.total_seconds() * 1_000_000)
        reached: Counter[str] = Counter()
        new: Counter[str] = Counter()
        first = begin = end = 0
        for last, row in enumerate(rows):
            _count(row, 1, reached, new)
            while row[1] - rows[first][1] > width:
                _count(rows[first], -1, reached, new)
                first += 1
            if len(reached) < self.min_hosts or len(new) < self.min_new:
                continue
            if first >= end:  # nothing in common with the burst before
                if end:
                    yield rows[begin:end]
                begin = first
            end = last + 1
        if end:
            yield rows[begin:end]

    def _finding(self, evidence: Evidence, burst: list[Row]) -> Finding:
        hops = [hop_at(evidence.hops, row) for row, *_ in burst]
        reached = list(dict.fromkeys(hop.dst for hop in hops))
        new = list(dict.fromkeys(dst for _, _, dst, is_new in burst if is_new))
        took = (hops[-1].start - hops[0].start).total_seconds()
        inside = [h for h in reached if evidence.identity.is_restricted(evidence.identity.segment(h))]
        users = ", ".join(dict.fromkeys(hop.user for hop in hops))
        return finding(
            self,
            (hops[0].src, hops[0].start.replace(microsecond=0)),
            severity=Severity.HIGH if inside else Severity.MEDIUM,
            score=log2(len(new)),
            title=f"{hops[0].src} logs on to {number_of(len(reached), 'host')} in {took:,.0f} s as {users}",
            why=(
                f"from {time_text(hops[0].start)} to {time_text(hops[-1].start)}: {', '.join(reached)}",
                f"by a way never taken before: {', '.join(new)}",
                *([f"in restricted segments: {', '.join(inside)}"] if inside else []),
            ),
            hops=hops,
        )


def _count(row: Row, step: int, reached: Counter[str], new: Counter[str]) -> None:
    """Take a row into a window, or out of it; hosts that are no longer reached leave the counters."""
    for counter in (reached, new) if row[3] else (reached,):
        counter[row[2]] += step
        if not counter[row[2]]:
            del counter[row[2]]
