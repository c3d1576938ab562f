"""Logons of accounts with which no person should log in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.daemons import DAEMONS
from graphmap.detect.needs import Learns, Whose
from graphmap.detect.root_logon import TYPED
from graphmap.detect.ways import ways_among
from graphmap.graph.columns import Column
from graphmap.graph.conformal import earlier, known_for
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphmap.graph.index import Flags
    from graphmap.graph.table import Rows

    Reasons = dict[str, Flags]

CONSOLES = frozenset({"rdp", "console"})
"""Services that show a person a screen."""

TAKES_OVER = ("typed", "screen", "shell")
"""Reasons that speak for a person."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A logon of a service's account as a person logs in, from a new source, or by a new method.

    Such are the accounts that the inventory marks so, and those that Debian and Red Hat make for daemons
    (`graphmap.detect.daemons`) unless the inventory lists them as somebody's. Any logon of a daemon that the inventory
    does not mark deserves a look. Sources and methods are new once `min_logons` of the account in at least `history`
    were seen. A first typed secret, screen or shell needs no history. One finding for each way (source, account,
    destination), at its first such logon.
    """

    min_logons: int = 10
    history: timedelta = timedelta(days=7)
    name: str = "service-account"
    title: str = "Service account logs in"
    technique: str = "T1078"

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.ACCOUNT, self.history, self.min_logons)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        index = evidence.index
        of_service, of_daemon = _accounts(evidence)
        rows = np.flatnonzero((of_service | of_daemon)[index.account] & (index.src != index.dst))
        if not len(rows):
            return
        reasons = self._reasons(evidence, rows, of_daemon[index.account[rows]])
        wanted = rows[np.logical_or.reduce(list(reasons.values()))]
        ways = [int(way[0]) for way in ways_among(index, wanted)]
        for row, hops in evidence.hops.each(ways, lambda row: [row]):
            place = int(np.searchsorted(rows, row))
            yield self._finding(hops, row, [name for name, flags in reasons.items() if flags[place]])

    def _reasons(self, evidence: Evidence, rows: NDArray[np.int64], daemon: Flags) -> Reasons:
        """Why rows deserve a look."""
        index, table = evidence.index, evidence.hops
        account, time = index.account[rows].astype(np.int64), index.earliest[rows]
        method, service = table.column("method"), table.column("service")
        shell = Column.of(table.scan(), pl.col("command").str.starts_with("shell"))
        long = known_for(account, time) >= self.history // timedelta(microseconds=1)
        old = long & (earlier(account, time) >= self.min_logons)
        nodes = len(index.names.hosts) + len(index.names.sources)
        person = {
            "typed": method.marks(TYPED.__contains__)[method.codes[rows]],
            "screen": service.marks(CONSOLES.__contains__)[service.codes[rows]],
            "shell": shell.marks("true".__eq__)[shell.codes[rows]],
        }
        unseen = {name: flags & _unseen(account, flags, time) for name, flags in person.items()}
        new_method = earlier(account * len(method.names) + method.codes[rows], time) == 0
        return {
            "daemon": daemon & (evidence.past.before[rows] == 0),
            **unseen,
            "source": old & (earlier(account * nodes + index.src[rows], time) == 0),
            "method": old & new_method & ~unseen["typed"],
        }

    def _finding(self, hops: Rows, row: int, reasons: list[str]) -> Finding:
        hop, account = hop_at(hops, row), hops[row]["account"]
        grave = not {"daemon", *TAKES_OVER}.isdisjoint(reasons)
        said = {
            "daemon": f"{account} is an account that systems make for a daemon, and the inventory does not mark it",
            "typed": f"{account} never gave a password before; now by {hop.method}",
            "screen": f"{account} never had a screen before; now over {hop.service}",
            "shell": f"{account} never had a shell before",
            "source": f"{account} never came from {hop.src} before",
            "method": f"{account} never came by {hop.method or 'a method that the log does not name'} before",
        }
        return finding(
            self,
            (hop.src, account, hop.dst),
            severity=Severity.HIGH if grave else Severity.MEDIUM,
            score=float(len(reasons)) + grave,
            title=f"service account {hop.user} logs in: {hop.src} -> {hop.dst}",
            why=(*(said[reason] for reason in reasons), *steps([hop])),
            hops=[hop],
        )


def _accounts(evidence: Evidence) -> tuple[Flags, Flags]:
    """Which accounts are those of services by the inventory, and which those of daemons that it does not know."""
    names = evidence.index.names.accounts
    identity = evidence.identity
    listed = {name for one in identity.inventory.accounts for name in (one.name, *one.aliases)}
    service = np.array([identity.is_service(name) for name in names], np.bool_)
    daemon = np.array([name in DAEMONS and name not in listed for name in names], np.bool_)
    return service, daemon


def _unseen(account: NDArray[np.int64], flags: Flags, time: NDArray[np.int64]) -> Flags:
    """Whether the account of each row never had the flag before."""
    had = np.zeros(len(account), np.int32)
    had[flags] = earlier(account[flags], time[flags])
    unseen: Flags = had == 0
    return unseen
