"""Many refused logons, then one that is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.detect.base import Evidence, finding, steps
from graphmap.documents import number_of, some_of
from graphmap.graph.explain import hop_at, hop_key, lines_of
from graphmap.graph.table import ways_of
from graphmap.model import Finding, Severity
from graphmap.sessions import latest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from graphmap.graph.index import Flags, HopIndex
    from graphmap.graph.table import Rows

SHOWN = 5
"""How many accounts a finding names: as many as a line holds."""


@dataclass(frozen=True, slots=True)
class BruteForce:
    """At least `min_failures` refused logons from one source to one host within `window`, then an accepted one.

    Tries for any account count, so a spray over accounts is seen as well as a guess at one. What is no guess does not
    count: a key that was refused on the way to an accepted logon (`graphmap.sessions.build_failures`), and the refused
    tries of an account that then got in, when another logon follows. A refused try proves one finding at most.
    """

    min_failures: int = 5
    window: timedelta = timedelta(minutes=10)
    name: str = "brute-force-success"
    title: str = "Brute force, then success"
    technique: str = "T1110"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        failures = self._dense(evidence.failures)
        accepted = _accepted(evidence.index, failures)
        tries = self._close_to(accepted, failures)
        bursts = (
            (row, failures[burst])
            for refused in tries.sort("src", "host", "row").partition_by("src", "host", maintain_order=True)
            if refused.height >= self.min_failures
            for row, burst in self._bursts(
                refused, accepted.join(refused.head(1), on=["src", "host"], how="semi", maintain_order="left")
            )
        )
        for (row, burst), rows in evidence.hops.each(bursts, lambda found: [found[0]]):
            yield self._finding(rows, burst, row)

    def _dense(self, failures: pl.LazyFrame) -> pl.DataFrame:
        """The refused tries from sources to hosts where so many ever come as close together as a burst needs."""
        pair = ["src", "host"]
        times = failures.select(*pair, "time").filter(pl.col("src").is_not_null())
        many = times.group_by(pair).len().filter(pl.col("len") >= self.min_failures).select(pair)
        within = pl.col("time") - pl.col("time").shift(max(self.min_failures - 1, 0)).over(pair)
        # the accepted logon may have come a second earlier than the last try that its stamp allows
        close = (
            times.join(many, on=pair, how="semi")
            .sort("time")
            .filter(within <= self.window + timedelta(seconds=1))
            .select(pair)
            .unique()
            .collect(engine="streaming")
        )
        return (
            failures.join(close.lazy(), on=pair, how="semi", maintain_order="left")
            .collect(engine="streaming")
            .with_row_index("row")
        )

    def _close_to(self, accepted: pl.DataFrame, failures: pl.DataFrame) -> pl.DataFrame:
        """The refused tries that an accepted logon from the same source follows within the window."""
        return (
            failures.sort("time")
            .join_asof(
                accepted.select("src", "host", "by", since="start").sort("by"),
                left_on="time",
                right_on="by",
                by=["src", "host"],
                strategy="forward",
                check_sortedness=False,
            )
            .filter(pl.col("since") - pl.col("time") <= self.window)
        )

    def _bursts(self, refused: pl.DataFrame, accepted: pl.DataFrame) -> Iterator[tuple[int, list[int]]]:
        """Rows of accepted logons, each with the rows of the refused ones that it ends."""
        tries = refused.select("time", "account", "row").rows()
        open_tries: list[tuple[datetime, str, int]] = []
        taken = 0
        for row, account, start, by in accepted.select("row", "account", "start", "by").iter_rows():
            while taken < len(tries) and tries[taken][0] <= by:
                open_tries.append(tries[taken])
                taken += 1
            open_tries = [one for one in open_tries if one[0] >= start - self.window]
            if len(open_tries) >= self.min_failures:
                yield row, [number for _, _, number in open_tries]
                open_tries = []
            else:
                open_tries = [one for one in open_tries if one[1] != account]

    def _finding(self, rows: Rows, burst: pl.DataFrame, row: int) -> Finding:
        hop = hop_at(rows, row)
        took = max((hop.start - burst["time"][0]).total_seconds(), 0.0)
        users = burst["user"].unique().sort().to_list()
        named = some_of([user or "an empty name" for user in users], SHOWN)
        guessed = hop.method in set(burst["method"])
        return finding(
            self,
            hop_key(rows, row),
            severity=Severity.HIGH if guessed else Severity.MEDIUM,
            score=log2(burst.height),
            title=f"{number_of(burst.height, 'refused logon')}, then {hop.user} got in: {hop.src} -> {hop.dst}",
            why=(
                f"{number_of(burst.height, 'refused logon')} in {took:,.0f} s before the accepted one, for {named}",
                f"accepted by {hop.method or 'a method that the log does not name'}"
                + ("" if guessed else ", which none of the refused ones tried"),
                *steps([hop]),
            ),
            hops=[hop],
            lines=lines_of(burst["line"]),
        )


def _accepted(index: HopIndex, failures: pl.DataFrame) -> pl.DataFrame:
    """The hops from a source to a host that refused it, by name; `by` is the last moment of the start."""
    pairs = failures.select("src", "host").unique()
    ends = [_marked(index, pairs[side].unique()) for side in ("src", "host")]
    rows = np.flatnonzero(ends[0][index.src] & ends[1][index.dst])
    return (
        ways_of(index, rows)
        .rename({"dst": "host"})
        .join(pairs, on=["src", "host"], how="semi", maintain_order="left")
        .with_columns(by=latest("start"))
    )


def _marked(index: HopIndex, names: pl.Series) -> Flags:
    """Which of the nodes of an index have one of these names."""
    marks = np.zeros(len(index.names.hosts) + len(index.names.sources), np.bool_)
    marks[[node for name in names if (node := index.names.node(name)) is not None]] = True
    return marks
