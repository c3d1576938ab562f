"""Keys that are used from where they never were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

import numpy as np

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.needs import Learns, Whose
from graphmap.documents import number_of, some_of
from graphmap.graph.conformal import earlier, known_for
from graphmap.graph.explain import hop_at
from graphmap.model import Basis, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphmap.graph.table import Rows

SHOWN = 5
"""How many sources a finding names."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """A key that was known for `history` and from `min_logons`, used from a source for the first time.

    Where a session with the same key was open on that source the key came along through agent forwarding, or lies
    there for that purpose: that is no finding. One finding for each key and source.
    """

    min_logons: int = 5
    history: timedelta = timedelta(days=7)
    name: str = "key-new-source"
    title: str = "Known key from a new source"
    technique: str = "T1552.004"

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.KEY, self.history, self.min_logons)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        rows, sources = self._wanted(evidence)
        wanted = list(zip(rows.tolist(), sources, strict=True))
        for (row, known), hops in evidence.hops.each(wanted, lambda found: [found[0]]):
            yield self._finding(evidence, row, known, hops)

    def _wanted(self, evidence: Evidence) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
        """Rows of HOPS, and for each the earlier rows of its key."""
        index = evidence.index
        rows = np.flatnonzero((index.key >= 0) & (index.src != index.dst))
        if not len(rows):
            return rows, []
        key, src, time = index.key[rows], index.src[rows], index.earliest[rows]
        pair = key.astype(np.int64) * (int(index.src.max()) + 1) + src
        first = np.unique(pair, return_index=True)[1]  # of several logons of one moment, the first stands for all
        basis = evidence.hops.column("basis")
        follows = basis.marks(Basis.KEY.value.__eq__)[basis.codes[rows[first]]]
        old = known_for(key, time)[first] >= self.history // timedelta(microseconds=1)
        first = np.sort(first[(earlier(key, time)[first] >= self.min_logons) & old & ~follows])
        order = np.argsort(key, kind="stable")
        bounds = np.searchsorted(key[order], [key[first], key[first] + 1])
        past = [
            rows[order[low:high]][time[order[low:high]] < time[place]]
            for low, high, place in zip(*bounds.tolist(), first.tolist(), strict=True)
        ]
        return rows[first], past

    def _finding(self, evidence: Evidence, row: int, past: NDArray[np.int64], hops: Rows) -> Finding:
        hop, names = hop_at(hops, row), evidence.index.names
        sources = sorted({names.name(node) for node in np.unique(evidence.index.src[past]).tolist()})
        return finding(
            self,
            (hop.key, hop.src),
            severity=Severity.HIGH if len(sources) == 1 else Severity.MEDIUM,
            score=log2(1 + len(past) / len(sources)) / 2,
            title=f"the key of {hop.user} comes from {hop.src} for the first time, to {hop.dst}",
            why=(
                (
                    f"{hop.key}: {number_of(len(past), 'earlier logon')} from {some_of(sources, SHOWN)},"
                    f" none from {hop.src}"
                ),
                "no session with this key was open there, so that agent forwarding does not explain it",
                *steps([hop]),
            ),
            hops=[hop],
        )
