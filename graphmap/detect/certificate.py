"""User certificates that are used in a way they were not before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.events import rows_of
from graphmap.documents import number_of, some_of
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.model import Hop

NAMED = 5
"""How many accounts or key ids a sentence names."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that opens another account than before, another one for an account, or two under one key id.

    The first two count once the key id, or the account, was seen with certificates on `min_days` days. Two under one
    key id: after another key had come with it, an older one came back, so both are in use.
    """

    min_days: int = 3
    name: str = "certificate"
    title: str = "Certificate used as never before"
    technique: str = "T1649"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        used = (
            evidence.sessions.filter(pl.col("cert_id").is_not_null() & pl.col("src").is_not_null())
            .select("start", "host", "src", "user", "account", "service", "src_port", "cert_id", "key")
            .with_columns(day=pl.col("start").dt.date())
        )
        told: set[int] = set()
        for by, of in (("cert_id", "account"), ("account", "cert_id")):
            for one, hop in self._placed(evidence, self._fresh(used, by, of)):
                if one["row"] not in told:
                    told.add(one["row"])
                    yield self._new(by, one, hop)
        for one, hop in self._placed(evidence, _doubled(used)):
            yield self._double(one, hop)

    @staticmethod
    def _placed(evidence: Evidence, found: pl.DataFrame) -> Iterator[tuple[dict[str, Any], Hop]]:
        if found.is_empty():
            return
        placed = rows_of(found, evidence.hops).iter_rows(named=True)
        for one, rows in evidence.hops.each(placed, lambda one: [one["row"]]):
            yield one, hop_at(rows, one["row"])

    def _fresh(self, used: pl.LazyFrame, by: str, of: str) -> pl.DataFrame:
        """The first session of each pair, where `by` had been seen with others on enough days before."""
        days = used.select(by, of, "day").unique().collect(engine="streaming")
        first = days.group_by(by, of).agg(first=pl.col("day").min())
        earlier = (
            first.join(days.select(by, "day", was=of), on=by)
            .filter(pl.col("day") < pl.col("first"))
            .group_by(by, of, "first")
            .agg(days=pl.col("day").n_unique(), usual=pl.col("was").unique().sort())
            .filter(pl.col("days") >= self.min_days)
        )
        return (
            used.join(earlier.lazy(), on=[by, of])
            .filter(pl.col("day") == pl.col("first"))
            .collect(engine="streaming")
            .sort("start", "host", "src", "user", "src_port")
            .unique([by, of], keep="first", maintain_order=True)
        )

    def _new(self, by: str, one: dict[str, Any], hop: Hop) -> Finding:
        usual, days = some_of(one["usual"], NAMED), number_of(one["days"], "day")
        if by == "cert_id":
            title = f"certificate {one['cert_id']} opens {hop.user} on {hop.dst}, which it never did"
            before = f"on {days} before it opened {usual}"
        else:
            title = f"{hop.user} comes to {hop.dst} with another certificate: {one['cert_id']}"
            before = f"on {days} before it came with {usual}"
        return finding(
            self,
            (by, one["cert_id"], one["account"]),
            severity=Severity.MEDIUM if by == "cert_id" else Severity.LOW,
            score=2.0 if by == "cert_id" else 1.0,
            title=title,
            why=(before, *steps([hop])),
            hops=[hop],
        )

    def _double(self, one: dict[str, Any], hop: Hop) -> Finding:
        return finding(
            self,
            ("double", one["cert_id"], one["key"]),
            severity=Severity.LOW,
            score=1.0,
            title=f"two certificates with the key id {one['cert_id']} are in use: {hop.src} -> {hop.dst} as {hop.user}",
            why=(
                f"{one['key']} came back after another key had come with that key id",
                "a certificate that was issued anew takes the place of the one before it; here both are used",
                *steps([hop]),
            ),
            hops=[hop],
        )


def _doubled(used: pl.LazyFrame) -> pl.DataFrame:
    """The first session with a key that comes back after another key with the same key id, for each of them."""
    ids = used.filter(pl.col("key").is_not_null())
    several = ids.group_by("cert_id").agg(pl.col("key").n_unique()).filter(pl.col("key") > 1).select("cert_id")
    found = (
        ids.join(several, on="cert_id", how="semi")
        .collect(engine="streaming")
        .sort("cert_id", "start", "host", "src", "user", "src_port", "key")
        .with_columns(run=pl.col("key").rle_id().over("cert_id"))
    )
    first = pl.col("run").min().over("cert_id", "key")
    return found.filter(pl.col("run") > first).unique(["cert_id", "key"], keep="first", maintain_order=True)
