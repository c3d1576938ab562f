"""Multi-hop chains that hold something new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmap.detect.base import Evidence, along, finding, steps
from graphmap.detect.coincidence import is_coincidence
from graphmap.model import Chain, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.paths import Path


@dataclass(frozen=True, slots=True)
class MultiHop:
    """A chain of at least `min_hops`, of which some hop goes a way that was never taken before.

    A way is a source, an account and a destination. Chains whose every hop is routine are left to `graphmap chains`,
    and so are those that may be mere coincidence: below `min_certainty`, as on a busy bastion, or of one second
    (`graphmap.detect.coincidence`).
    """

    min_hops: int = 2
    min_certainty: float = 0.05
    name: str = "multi-hop-chain"
    title: str = "Multi-hop chain with a new hop"
    technique: str = "T1021.004"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        for path, chain in evidence.chains:
            new = [number for number, row in enumerate(path.rows) if evidence.past.before[row] == 0]
            likely = chain.certainty >= self.min_certainty and not is_coincidence(evidence.index, path)
            if len(path.rows) >= self.min_hops and new and likely:
                yield finding(
                    self,
                    (chain.id,),
                    severity=_severity(evidence, chain),
                    score=chain.score,
                    title=f"{along(chain)} as {', '.join(dict.fromkeys(chain.users))}",
                    why=(*steps(chain.hops), _newness(path, new)),
                    hops=chain.hops,
                )


def _severity(evidence: Evidence, chain: Chain) -> Severity:
    identity = evidence.identity
    enters = any(
        identity.is_restricted(identity.segment(hop.dst)) and identity.segment(hop.src) != identity.segment(hop.dst)
        for hop in chain.hops
    )
    if enters:
        return Severity.HIGH
    return Severity.MEDIUM if len(chain.hops) > 2 or len(set(chain.users)) > 1 else Severity.LOW  # noqa: PLR2004 - a third hop is what an administrator by way of a bastion does not need


def _newness(path: Path, new: list[int]) -> str:
    if len(new) == len(path.rows):
        return "none of its hops was seen before"
    numbers = ", ".join(str(number + 1) for number in new)
    return f"not seen before: {'hop' if len(new) == 1 else 'hops'} {numbers} of {len(path.rows)}"
