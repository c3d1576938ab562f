"""Many refused logons, then one that is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect.base import Evidence, chain_key, counted, finding, steps
from graphmap.graph.explain import hop_at, lines_of
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class BruteForce:
    """At least `min_failures` refused logons from one source to one host within `window`, then an accepted one.

    Tries for any account count, so a spray over accounts is seen as well as a guess at one. Refused keys that belong
    to an accepted logon are no failures (`graphmap.sessions.build_failures`).
    """

    min_failures: int = 5
    window: timedelta = timedelta(minutes=10)
    name: str = "brute-force-success"
    title: str = "Brute force, then success"
    technique: str = "T1110"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        tries = evidence.failures.filter(pl.col("src").is_not_null())
        hops = evidence.hops.with_row_index("row")
        many = tries.group_by("src", "host").len().filter(pl.col("len") >= self.min_failures).sort("src", "host")
        for src, host, _ in many.iter_rows():
            refused = tries.filter((pl.col("src") == src) & (pl.col("host") == host)).sort("time")
            accepted = hops.filter((pl.col("src") == src) & (pl.col("dst") == host))
            yield from self._between(evidence, refused, accepted)

    def _between(self, evidence: Evidence, refused: pl.DataFrame, accepted: pl.DataFrame) -> Iterator[Finding]:
        """The accepted logons of one source on one host that follow a burst of refused ones."""
        since = pl.col("start").shift(1)
        for row, start, before in accepted.select("row", "start", since.alias("before")).iter_rows():
            begin = max(start - self.window, before) if before else start - self.window
            burst = refused.filter(pl.col("time").is_between(begin, start))
            if burst.height >= self.min_failures:
                yield self._finding(evidence, burst, row)

    def _finding(self, evidence: Evidence, burst: pl.DataFrame, row: int) -> Finding:
        hop = hop_at(evidence.hops, row)
        took = (hop.start - burst["time"][0]).total_seconds()
        accounts = burst["user"].unique().sort().to_list()
        shown = ", ".join(accounts[:5]) + (f" and {len(accounts) - 5} more" if len(accounts) > 5 else "")  # noqa: PLR2004 - as many as a line holds
        return finding(
            self,
            chain_key([hop]),
            severity=Severity.HIGH,
            score=float(burst.height),
            title=f"{counted(burst.height, 'refused logon')}, then {hop.user} got in: {hop.src} -> {hop.dst}",
            why=(
                f"{counted(burst.height, 'refused logon')} in {took:,.0f} s before the accepted one, for {shown}",
                f"accepted by {hop.method or 'a method that the log does not name'}",
                *steps([hop]),
            ),
            hops=[hop],
            lines=lines_of(burst["line"]),
        )
