"""Jumps: a host that people go through and not to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.needs import Needs, Question
from graphmap.detect.sessionless import sessionless
from graphmap.graph.explain import hop_at
from graphmap.graph.index import NONE
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import Flags, HopIndex
    from graphmap.graph.table import Rows

    Jump = tuple[int, int]
    """Rows of HOPS: to the middle host and from it."""


@dataclass(frozen=True, slots=True)
class ProxyJump:
    """A logon that starts nothing, and within `window` a logon from that host by a way never taken before.

    So ProxyJump, ``ssh -W`` and a local forward to port 22 look. A host over which `bastion` different sources have
    jumped is a bastion: what goes over it is left to the other detectors.
    """

    window: timedelta = timedelta(seconds=30)
    bastion: int = 5
    name: str = "proxy-jump"
    title: str = "Jump over a host that is no bastion"
    technique: str = "T1090.001"
    needs: ClassVar[Needs] = (frozenset({Question.SESSIONS}),)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        for jump, rows in evidence.hops.each(self._jumps(evidence), lambda jump: jump):
            yield self._finding(evidence, jump, rows)

    def _jumps(self, evidence: Evidence) -> Iterator[Jump]:
        index, silent = evidence.index, sessionless(evidence)
        if not silent.any():
            return
        seen: dict[int, set[int]] = {}
        known = len(index.names.hosts)
        for row in np.flatnonzero(
            (evidence.past.before == 0) & (index.src < known) & (index.src != index.dst)
        ).tolist():
            middle = int(index.src[row])
            through = origin_of(index, silent, row, self.window // timedelta(microseconds=1))
            if through is None or index.src[through] == index.dst[row]:
                continue
            sources = seen.setdefault(middle, set())
            if len(sources) < self.bastion:
                yield through, row
            sources.add(int(index.src[through]))

    def _finding(self, evidence: Evidence, jump: Jump, rows: Rows) -> Finding:
        before, after = (hop_at(rows, row) for row in jump)
        accounts = [rows[row]["account"] for row in jump]
        origins = max(int(rows[jump[1]]["origins"]), 1)
        identity = evidence.identity
        inside = identity.is_restricted(identity.segment(after.dst))
        other = accounts[0] != accounts[1]
        certainty = 1 / origins
        return finding(
            self,
            (before.src, accounts[0], before.dst, accounts[1], after.dst),
            severity=Severity.HIGH if inside else Severity.MEDIUM if other else Severity.LOW,
            score=certainty + other + inside,
            title=f"{before.src} jumps over {before.dst} to {after.dst} as {after.user}",
            why=(
                f"{before.dst} accepted {before.user} from {before.src} and started no session, though it logs those",
                *list(steps([before, after]))[1:],
                f"sessions open on {before.dst} then: {origins}, so the jump is certain to {certainty:.2g}",
                *(["the accounts differ"] if other else []),
                *([f"{after.dst} lies in a restricted segment"] if inside else []),
            ),
            hops=[before, after],
        )


def origin_of(index: HopIndex, silent: Flags, row: int, window: int) -> int | None:
    """The latest session on the source of a hop that started nothing, no more than `window` us before it.

    One that is tied with the hop and shares neither its key nor its account is left out: it may be mere coincidence
    (`graphmap.detect.coincidence`).
    """
    for one in index.origins(row):
        if index.earliest[row] - index.earliest[one] > window:
            return None
        shared = index.account[one] == index.account[row] or (index.key[one] == index.key[row] != NONE)
        if silent[one] and (shared or not index.tied(one, row)):
            return one
    return None
