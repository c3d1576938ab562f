"""Chains that go on under another account."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from graphmap.detect.base import Evidence, along, chain_key, finding, steps
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.paths import Path


@dataclass(frozen=True, slots=True)
class CredentialSwitch:
    """A hop under an account that is not the one its origin came in with, to where that visitor had never been.

    The causal account is the owner of the host where the chain starts, where the inventory names one, else the
    account of the first hop. Aliases of one account are that account.
    """

    min_certainty: float = 0.05
    name: str = "credential-switch"
    title: str = "Credential switch on a chain"
    technique: str = "T1078"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        for path, chain in evidence.chains:
            if chain.certainty < self.min_certainty:
                continue
            causal = self._causal(evidence, path)
            switched = list(self._switches(evidence, path, causal))
            if not switched:
                continue
            names = " -> ".join(dict.fromkeys((causal, *(evidence.hops["account"][row] for row in path.rows))))
            yield finding(
                self,
                chain_key(chain.hops),
                severity=Severity.HIGH if len(switched) > 1 else Severity.MEDIUM,
                score=chain.score + len(switched),
                title=f"credentials change along {along(chain)}: {names}",
                why=(*(self._say(evidence, row, causal) for row in switched), *steps(chain.hops)),
                hops=chain.hops,
            )

    @staticmethod
    def _causal(evidence: Evidence, path: Path) -> str:
        first = path.rows[0]
        owner = evidence.identity.owner(evidence.hops["src"][first])
        return owner or str(evidence.hops["account"][first])

    @staticmethod
    def _switches(evidence: Evidence, path: Path, causal: str) -> Iterator[int]:
        """Rows at which the account changes to one that is not the causal one, on a way never taken before."""
        accounts = evidence.hops["account"]
        for before, row in pairwise(path.rows):
            changed = accounts[row] != accounts[before] and accounts[row] != causal
            if changed and evidence.past["before"][row] == 0:
                yield row

    @staticmethod
    def _say(evidence: Evidence, row: int, causal: str) -> str:
        hop = evidence.hops.row(row, named=True)
        return f"{hop['src']} -> {hop['dst']} uses {hop['account']}, but {causal} is who came; never seen before"
