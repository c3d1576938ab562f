"""Logons on hypervisors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from graphmap.detect.base import MOST_LINES, Evidence, finding, steps
from graphmap.detect.classes import HYPERVISOR
from graphmap.detect.entries import Entry, entries
from graphmap.documents import time_text
from graphmap.graph.explain import hop_at, hops_along
from graphmap.graph.paths import history_of
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.paths import Path
    from graphmap.graph.table import Rows


@dataclass(frozen=True, slots=True)
class HypervisorAccess:
    """A way (source, account, destination) onto a hypervisor that is first seen or rare.

    Who is on a hypervisor has all its guests, and its SSH server is off but for maintenance, so that each new way there
    deserves a look, also where the policy permits it. First seen and rare are those of restricted-segment. One finding
    for each way; it shows the first logon with the chain that led there.
    """

    min_days: int = 2
    history: timedelta = timedelta(days=7)
    name: str = "hypervisor-access"
    title: str = "First-seen or rare way onto a hypervisor"
    technique: str = "T1021.004"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        index = evidence.index
        for (entry, path), rows in evidence.hops.each(
            ((entry, history_of(index, int(entry.rows[0])).paths[0]) for entry in self._wanted(evidence)),
            lambda found: (*found[1].rows, *found[0].rows[:MOST_LINES].tolist()),
        ):
            yield self._finding(evidence, entry, path, rows)

    def _wanted(self, evidence: Evidence) -> Iterator[Entry]:
        for host, name in enumerate(evidence.index.names.hosts):
            if not HYPERVISOR.roles.isdisjoint(evidence.identity.roles(name)):
                found = entries(evidence.index, host, min_days=self.min_days, history=self.history)
                yield from (entry for entry in found if entry.rare)

    def _finding(self, evidence: Evidence, entry: Entry, path: Path, rows: Rows) -> Finding:
        row = int(entry.rows[0])
        hop, led = hop_at(rows, row), hops_along(path, rows)
        account = rows[row]["account"]
        return finding(
            self,
            (hop.src, account, hop.dst),
            severity=Severity.HIGH,
            score=1 + path.certainty * len(led),
            title=f"{hop.user} onto hypervisor {hop.dst}: {' -> '.join([led[0].src, *(h.dst for h in led)])}",
            why=(
                f"first seen {time_text(hop.start)}",
                entry.taken(account, hop.dst, int(evidence.past.before_user[row])),
                *steps(led),
            ),
            hops=led,
            lines=entry.later_lines(rows),
        )
