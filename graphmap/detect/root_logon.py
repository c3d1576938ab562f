"""Logons as root over the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from graphmap.detect.base import MOST_LINES, Evidence, finding, steps
from graphmap.detect.entries import Entry, entries
from graphmap.documents import time_text
from graphmap.graph.explain import hop_at
from graphmap.identity.names import is_of_internet
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.table import Rows

ROOT = "root"
TYPED = frozenset({"password", "keyboard-interactive", "keyboard-interactive/pam"})
"""Methods of sshd(8) by which a secret is typed or guessed."""


@dataclass(frozen=True, slots=True)
class RootLogon:
    """A way (source and host) that root takes for the first time or rarely, or on which it gives a password.

    Who logs in as root is nobody in particular, so nothing says later who it was. First seen and rare are those of
    restricted-segment. Severity is high for a password, or from an address of the internet.
    """

    min_days: int = 2
    history: timedelta = timedelta(days=7)
    name: str = "root-logon"
    title: str = "Root over the network"
    technique: str = "T1078.003"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        for (entry, typed), rows in evidence.hops.each(
            self._wanted(evidence), lambda found: found[0].rows[:MOST_LINES].tolist()
        ):
            yield self._finding(evidence, entry, rows, typed=typed)

    def _wanted(self, evidence: Evidence) -> Iterator[tuple[Entry, bool]]:
        """The ways that root takes, and whether a password was given on them."""
        index, table = evidence.index, evidence.hops
        user, method = table.column("user"), table.column("method")
        is_root = user.marks(ROOT.__eq__)[user.codes]
        typed = is_root & method.marks(TYPED.__contains__)[method.codes]
        for host in np.unique(index.dst[is_root]).tolist():
            for entry in entries(index, host, min_days=self.min_days, history=self.history):
                mine = entry.rows[is_root[entry.rows]]
                if len(mine) and (entry.rare or typed[mine].any()):
                    yield entry._replace(rows=mine), bool(typed[mine].any())

    def _finding(self, evidence: Evidence, entry: Entry, rows: Rows, *, typed: bool) -> Finding:
        row = int(entry.rows[0])
        hop = hop_at(rows, row)
        outside = is_of_internet(hop.src)
        said = [
            *(["a password was given"] if typed else []),
            *([f"{hop.src} is an address of the internet"] if outside else []),
        ]
        return finding(
            self,
            (hop.src, hop.dst),
            severity=Severity.HIGH if said else Severity.MEDIUM,
            score=1.0 + len(said),
            title=f"root over the network: {hop.src} -> {hop.dst}",
            why=(
                f"first seen {time_text(hop.start)}",
                entry.taken(ROOT, hop.dst, int(evidence.past.before_user[row])),
                *said,
                *steps([hop]),
            ),
            hops=[hop],
            lines=entry.later_lines(rows),
        )
