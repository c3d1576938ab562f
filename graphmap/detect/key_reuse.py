"""Keys that open many accounts, or that come from many hosts."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from graphmap.detect.base import MOST_HOPS, Evidence, finding
from graphmap.detect.needs import Needs, Question
from graphmap.documents import number_of, some_of
from graphmap.graph.explain import hop_at
from graphmap.model import Basis, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.table import Rows

SHOWN = 10
"""How many accounts or hosts a sentence names."""


@dataclass(frozen=True, slots=True)
class KeyReuse:
    """A key that opens `min_accounts` accounts, or that `min_sources` known hosts use by themselves.

    A host through which an agent was forwarded does not use the key by itself: a session that the key opened there was
    open. Addresses that are no known host do not count, since a laptop has many.
    """

    min_accounts: int = 3
    min_sources: int = 3
    name: str = "key-reuse"
    title: str = "One key for many accounts or from many hosts"
    technique: str = "T1552.004"
    needs: ClassVar[Needs] = (frozenset({Question.KEYS}),)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        used = key_uses(evidence).filter(pl.col("src") != pl.col("dst"))
        home = pl.col("src").filter(pl.col("src_known") & ~pl.col("carried"))
        named = pl.col("account").filter(pl.col("account") != "")
        many = (
            used.group_by("key")
            .agg(accounts=named.n_unique(), sources=home.n_unique())
            .filter((pl.col("accounts") >= self.min_accounts) | (pl.col("sources") >= self.min_sources))
        )
        uses = (
            used.join(many.select("key"), on="key", how="semi")
            .group_by("key", "account", "src", "carried", "src_known")
            .agg(pl.col("row").min(), count=pl.len())
            .collect(engine="streaming")
            .sort("row")
        )
        parts = uses.sort("key", "row").partition_by("key", maintain_order=True)
        for part, rows in evidence.hops.each(parts, lambda part: part["row"].head(MOST_HOPS).to_list()):
            yield self._finding(part, rows)

    def _finding(self, uses: pl.DataFrame, rows: Rows) -> Finding:
        key = uses["key"][0]
        accounts = [name for name in uses["account"].unique(maintain_order=True) if name]
        home = uses.filter(pl.col("src_known") & ~pl.col("carried"))["src"].unique(maintain_order=True).to_list()
        both = len(accounts) >= self.min_accounts and len(home) >= self.min_sources
        return finding(
            self,
            (key,),
            severity=Severity.HIGH if both else Severity.MEDIUM,
            score=log2(max(len(accounts), 1)) + log2(max(len(home), 1)),
            title=f"key {key} from {some_of(home or uses['src'].unique(maintain_order=True).to_list(), SHOWN)}"
            f" opens {number_of(len(accounts), 'account')}",
            why=(
                f"accounts: {some_of(accounts, SHOWN)}",
                f"hosts that use it by themselves: {some_of(home, SHOWN) or 'none that is known'}",
                f"{number_of(int(uses['count'].sum()), 'logon')}; shown is the first of each account from each host",
            ),
            hops=[hop_at(rows, row) for row in uses["row"].head(MOST_HOPS)],
        )


def key_uses(evidence: Evidence) -> pl.LazyFrame:
    """The logons by key: `row`, `key`, `account`, `src`, `src_known`, `dst`, `start`, `carried`.

    `carried` tells that the key had opened a session on the source that was open then: an agent may have been
    forwarded.
    """
    return (
        evidence.hops.scan()
        .select("key", "account", "src", "src_known", "dst", "start", carried=pl.col("basis") == Basis.KEY)
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
        .filter(pl.col("key").is_not_null())
    )
