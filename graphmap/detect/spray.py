"""Many accounts tried from one source, then one that gets in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.detect.base import MOST_LINES, Evidence, finding, steps
from graphmap.documents import number_of, some_of
from graphmap.graph.explain import hop_at, hop_key, lines_of
from graphmap.graph.table import ways_of
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex
    from graphmap.graph.table import Rows

SHOWN = 5
"""How many accounts or hosts a finding names."""


@dataclass(frozen=True, slots=True)
class Spray:
    """At least `min_accounts` accounts refused from one source within `window`, on any hosts, then an accepted logon.

    Accounts that ever got in from that source before do not count: on a bastion people mistype. The accepted logon,
    too, is of an account that never did. Each refused try proves one finding at most.
    """

    min_accounts: int = 10
    window: timedelta = timedelta(hours=1)
    name: str = "spray-success"
    title: str = "Password spray, then success"
    technique: str = "T1110.003"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        firsts = _first_accepted(evidence.index)
        tries = self._tries(evidence, firsts)
        found = [
            (row, tries[begin:end])
            for source in tries["src"].unique(maintain_order=True)
            for row, begin, end in self._successes(tries, firsts.filter(pl.col("src") == source), source)
        ]
        for (row, burst), hops in evidence.hops.each(found, lambda one: [one[0]]):
            yield self._finding(hops, row, burst)

    def _tries(self, evidence: Evidence, firsts: pl.DataFrame) -> pl.DataFrame:
        """The refused tries of sources that tried enough accounts which had not got in before; by source and time."""
        new = (
            evidence.failures.filter(pl.col("src").is_not_null())
            .select("src", "account", "time", "host", "user", "method", "line")
            .join(firsts.lazy().select("src", "account", since="start"), on=["src", "account"], how="left")
            .filter(pl.col("since").is_null() | (pl.col("since") >= pl.col("time")))
        )
        wide = new.group_by("src").agg(n=pl.col("account").n_unique()).filter(pl.col("n") >= self.min_accounts)
        return (
            new.join(wide.select("src"), on="src", how="semi")
            .collect(engine="streaming")
            .sort("src", "time", "account", "host", "line")
        )

    def _successes(self, tries: pl.DataFrame, firsts: pl.DataFrame, source: str) -> Iterator[tuple[int, int, int]]:
        """Rows of accepted logons from a source, each with the places of the tries that it ends."""
        begin, end = (tries["src"].search_sorted(source, side=side) for side in ("left", "right"))
        times, accounts = tries["time"].to_physical().to_numpy()[begin:end], tries["account"][begin:end]
        taken = 0
        for row, moment in firsts.sort("start", "row").select("row", pl.col("start").to_physical()).iter_rows():
            low = max(taken, int(np.searchsorted(times, moment - self.window // timedelta(microseconds=1))))
            high = int(np.searchsorted(times, moment, side="right"))
            if high - low >= self.min_accounts and accounts[low:high].n_unique() >= self.min_accounts:
                yield row, int(begin) + low, int(begin) + high
                taken = high

    def _finding(self, hops: Rows, row: int, burst: pl.DataFrame) -> Finding:
        hop = hop_at(hops, row)
        accounts = burst["account"].unique().sort().to_list()
        hosts = burst["host"].unique().sort().to_list()
        tried = hop.user in set(burst["user"])
        took = max((hop.start - burst["time"][0]).total_seconds(), 0.0)
        return finding(
            self,
            hop_key(hops, row),
            severity=Severity.HIGH if tried else Severity.MEDIUM,
            score=log2(len(accounts)),
            title=f"{number_of(len(accounts), 'account')} refused from {hop.src}, then {hop.user} got in to {hop.dst}",
            why=(
                (
                    f"{number_of(burst.height, 'refused logon')} in {took:,.0f} s on {some_of(hosts, SHOWN)},"
                    f" for {some_of([account or 'an empty name' for account in accounts], SHOWN)}"
                ),
                "none of these accounts had got in from there before",
                f"{hop.user} {'was' if tried else 'was not'} among those that were refused",
                *steps([hop]),
            ),
            hops=[hop],
            lines=lines_of(burst["line"].tail(MOST_LINES)),
        )


def _first_accepted(index: HopIndex) -> pl.DataFrame:
    """For each source and account the first accepted logon: `row`, `start`, `src`, `account`, `dst`."""
    way = index.src.astype(np.int64) * len(index.names.accounts) + index.account
    first = np.unique(way, return_index=True)[1]
    first = first[index.src[first] != index.dst[first]]
    return ways_of(index, np.sort(first))
