"""Sources that are refused by many hosts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect.base import MOST_HOPS, MOST_LINES, Evidence, finding
from graphmap.detect.windows import bursts
from graphmap.documents import number_of, some_of, time_text
from graphmap.graph.explain import lines_of
from graphmap.identity.names import is_of_internet
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = 5
"""How many accounts a finding names."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A source of the own network that at least `min_hosts` hosts refuse within `window`, which never had before.

    Sources of the internet scan all day and are left out, and so is who scans the same hosts again.
    """

    min_hosts: int = 10
    window: timedelta = timedelta(minutes=10)
    name: str = "scan"
    title: str = "Many hosts tried from one source"
    technique: str = "T1046"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        order = ["src", "time", "host", "user", "line"]
        tried = evidence.failures.filter(pl.col("src").is_not_null() & (pl.col("src") != pl.col("host"))).select(order)
        wide = tried.group_by("src").agg(n=pl.col("host").n_unique()).filter(pl.col("n") >= self.min_hosts)
        first = (
            tried.join(wide.select("src"), on="src", how="semi")
            .collect(engine="streaming")
            .sort(order)
            .unique(["src", "host"], keep="first", maintain_order=True)
        )
        inside = [name for name in first["src"].unique() if not is_of_internet(name)]
        first = first.filter(pl.col("src").is_in(inside))
        group = first["src"].cast(pl.Enum(sorted(inside))).to_physical().to_numpy()
        width = self.window // timedelta(microseconds=1)
        for run in bursts(group, first["time"].to_physical().to_numpy(), self.min_hosts, width):
            yield self._finding(evidence, first[run])

    def _finding(self, evidence: Evidence, run: pl.DataFrame) -> Finding:
        source, hosts = run["src"][0], run["host"].to_list()
        users = run["user"].unique(maintain_order=True).to_list()
        begin, end = run["time"][0], run["time"][-1]
        restricted = [host for host in hosts if evidence.identity.is_restricted(evidence.identity.segment(host))]
        return finding(
            self,
            (source, begin.replace(microsecond=0).isoformat()),
            severity=Severity.HIGH if restricted else Severity.MEDIUM,
            score=log2(len(hosts)) / 2,
            title=f"{source} is refused by {number_of(len(hosts), 'host')} in {(end - begin).total_seconds():,.0f} s",
            why=(
                f"from {time_text(begin)} to {time_text(end)}: {some_of(hosts, MOST_HOPS)}; it never tried them before",
                f"as {some_of([user or 'an empty name' for user in users], SHOWN)}",
                *([f"in restricted segments: {some_of(restricted, MOST_HOPS)}"] if restricted else []),
            ),
            lines=lines_of(run["line"].head(MOST_LINES)),
            hosts=[source, *hosts[:MOST_HOPS]],
            users=users[:SHOWN],
            times=[begin, end],
        )
