"""Keys that are used from a host on which their owner had been, when the owner is there no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.key_reuse import key_uses
from graphmap.detect.needs import Needs, Question
from graphmap.documents import number_of
from graphmap.graph.explain import hop_at, lines_of
from graphmap.model import Finding, Severity
from graphmap.sessions import latest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex
    from graphmap.graph.table import Rows

    Theft = tuple[int, int, tuple[int, ...], int]
    """Rows of HOPS: the owner's last logon to the host, the first one from there, some later ones; how many in all."""

LATER = 5
"""How many later logons from that host a finding quotes."""


@dataclass(frozen=True, slots=True)
class StolenKey:
    """A key that came to a host with its owner, and is used from there while no session of that key is open there.

    While one is open, it is agent forwarding, or somebody who rides on the agent: the log does not tell which. Without
    one there is no agent to ask, so the private key lies on that host. A host that used the key before its owner
    ever came there, or in the very second, is one of the owner's own. One finding for each key and host.
    """

    name: str = "stolen-key"
    title: str = "Key used from a host that its owner had logged on to"
    technique: str = "T1552.004"
    needs: ClassVar[Needs] = (frozenset({Question.KEYS}), frozenset({Question.ENDS}))

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        for theft, rows in evidence.hops.each(self._thefts(evidence), lambda theft: (*theft[:2], *theft[2])):
            yield self._finding(evidence, theft, rows)

    def _thefts(self, evidence: Evidence) -> Iterator[Theft]:
        uses = key_uses(evidence)
        came = (
            uses.filter(pl.col("src") != pl.col("dst")).group_by("key", host="dst").agg(arrived=latest("start").min())
        )
        own = pl.col("row").filter(~pl.col("carried"))
        left = uses.filter(pl.col("src_known")).group_by("key", host="src")
        first = left.agg(begun=pl.col("start").min(), left=own.min(), later=own.sort().slice(1, LATER), count=own.len())
        both = first.drop_nulls("left").join(came, on=["key", "host"]).filter(pl.col("begun") > pl.col("arrived"))
        found = both.collect(engine="streaming").sort("left", "key").select("left", "later", "count")
        for row, later, count in found.iter_rows():
            yield last_visit(evidence.index, row), row, tuple(later), count

    def _finding(self, evidence: Evidence, theft: Theft, rows: Rows) -> Finding:
        visit, use = (hop_at(rows, row) for row in theft[:2])
        owner, account = (rows[row]["account"] for row in theft[:2])
        identity = evidence.identity
        far = identity.is_restricted(identity.segment(use.dst))
        sure = visit.end is not None
        severity = (Severity.HIGH if far or account != owner else Severity.MEDIUM) if sure else Severity.LOW
        closed = (
            f"the last session of that key on {use.src} ended {_ago((use.start - visit.end).total_seconds())} before"
            if visit.end
            else f"the log does not show when the last session of that key on {use.src} ended"
        )
        count = theft[3]
        return finding(
            self,
            (use.key, use.src),
            severity=severity,
            score=2.0 + (account != owner) if sure else 1.0,
            title=f"key of {visit.user} is used on {use.src} after {visit.user} left: -> {use.dst} as {use.user}",
            why=(
                f"{use.key} came to {use.src} with {visit.user} from {visit.src}, and was not used from there before",
                closed,
                *steps([use]),
                *([f"{number_of(count, 'logon')} from {use.src} with it so far"] if count > 1 else []),
                "benign where its owner put the private key there: ask; else look for it in files on that host",
            ),
            hops=[visit, use],
            lines=[line for row in theft[2] for line in lines_of(rows[row]["lines"])],
        )


def last_visit(index: HopIndex, row: int) -> int:
    """The last hop that came to the source of a hop with its key before it."""
    arrived = index.arriving.of(int(index.src[row]))
    arrived = arrived[(index.key[arrived] == index.key[row]) & (arrived < row) & (index.src[arrived] != index.src[row])]
    return int(arrived[np.argmax(index.earliest[arrived])])


def _ago(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:,.0f} s" if minutes < 2 else f"{minutes:,.0f} min" if minutes < 120 else f"{minutes / 60:,.0f} h"  # noqa: PLR2004 - two of each
