"""Chains that go on under another account."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from graphmap.detect.base import Evidence, along, finding, steps
from graphmap.detect.coincidence import doubtful
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex
    from graphmap.graph.paths import Path


@dataclass(frozen=True, slots=True)
class CredentialSwitch:
    """A hop under an account that is not the one its origin came in with, to where that account had never come from.

    The causal account is the owner of the host where the chain starts, where the inventory names one, else the
    account of the first hop. Aliases of one account are that account, and going back to it is no switch. At least one
    switch must be more than a coincidence of one second (`graphmap.detect.coincidence`).
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
            unlikely = set(doubtful(evidence.index, path))
            if unlikely.issuperset(switched):
                continue
            rows = [path.rows[number] for number in switched]
            names = " -> ".join(dict.fromkeys((causal, *(_account(evidence.index, row) for row in path.rows))))
            yield finding(
                self,
                (chain.id,),
                severity=Severity.HIGH if len(rows) > 1 else Severity.MEDIUM,
                score=chain.score + len(rows),
                title=f"credentials change along {along(chain)}: {names}",
                why=(*(self._say(evidence, row, causal) for row in rows), *steps(chain.hops)),
                hops=chain.hops,
            )

    @staticmethod
    def _causal(evidence: Evidence, path: Path) -> str:
        first, index = path.rows[0], evidence.index
        owner = evidence.identity.owner(index.names.name(int(index.src[first])))
        return evidence.identity.account_of(owner) if owner else _account(index, first)

    @staticmethod
    def _switches(evidence: Evidence, path: Path, causal: str) -> Iterator[int]:
        """Numbers of the hops at which the account becomes one that is not the causal one, on a way never taken."""
        index = evidence.index
        for number, (before, row) in enumerate(pairwise(path.rows), 1):
            named = index.names.nobody not in {index.account[row], index.account[before]} and causal
            changed = named and index.account[row] != index.account[before] and _account(index, row) != causal
            if changed and evidence.past.before[row] == 0:
                yield number

    @staticmethod
    def _say(evidence: Evidence, row: int, causal: str) -> str:
        index = evidence.index
        src, dst = (index.names.name(int(node[row])) for node in (index.src, index.dst))
        return f"{src} -> {dst} uses {_account(index, row)}, but {causal} is who came; never seen before"


def _account(index: HopIndex, row: int) -> str:
    return index.names.accounts[int(index.account[row])]
