"""Sessions of one account from places far apart at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

import numpy as np

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.needs import Learns, Whose
from graphmap.documents import number_of
from graphmap.graph.conformal import earlier, known_for
from graphmap.graph.explain import hop_at
from graphmap.graph.overlaps import open_elsewhere
from graphmap.identity.names import is_of_internet, parse_address
from graphmap.model import Basis, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphmap.graph.table import Rows

PREFIX = {4: 16, 6: 32}
"""How much of an address of the internet tells places apart: about what one provider has."""


@dataclass(frozen=True, slots=True)
class DistantSessions:
    """Sessions of one account that are open at once and come from places that never were so before.

    A place is a segment, or about a provider's part of the internet. Only logons at which something begins count: one
    that may follow a session on its source, as by way of a bastion, does not. Accounts of services are left out. Pairs
    of places are learned for `history` after the account was first seen. One finding for each account and pair.
    """

    history: timedelta = timedelta(days=7)
    name: str = "distant-sessions"
    title: str = "One account from far apart at once"
    technique: str = "T1078"

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.ACCOUNT, self.history)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        index = evidence.index
        places, of_node = _places(evidence)
        basis = evidence.hops.column("basis")
        begins = basis.marks(Basis.START.value.__eq__)[basis.codes]
        people = np.array([not evidence.identity.is_service(name) for name in index.names.accounts], np.bool_)
        if index.names.nobody >= 0:
            people[index.names.nobody] = False
        rows = np.flatnonzero(begins & people[index.account] & (of_node[index.src] >= 0) & (index.src != index.dst))
        if not len(rows):
            return
        account, place = index.account[rows].astype(np.int64), of_node[index.src[rows]]
        time, open_ = index.earliest[rows], index.open[rows]
        other = open_elsewhere(account, place, time, open_)
        late = np.flatnonzero(other >= 0)
        pair = np.sort(np.stack([place[late], place[other[late]]]), axis=0)
        met = (account[late] * len(places) + pair[0]) * len(places) + pair[1]
        first = late[np.unique(met, return_index=True)[1]]
        first = np.sort(first[known_for(account, time)[first] >= self.history // timedelta(microseconds=1)])
        past = earlier(account, time)
        found = [(int(rows[other[one]]), int(rows[one]), int(past[one])) for one in first.tolist()]
        named = {row: places[of_node[index.src[row]]] for pair in found for row in pair[:2]}
        for (one, two, before), hops in evidence.hops.each(found, lambda pair: pair[:2]):
            yield self._finding(hops, (one, two), (named[one], named[two]), before)

    def _finding(self, hops: Rows, rows: tuple[int, int], places: tuple[str, str], before: int) -> Finding:
        one, two = (hop_at(hops, row) for row in rows)
        account = hops[rows[0]]["account"]
        outside = any("/" in place for place in places)
        return finding(
            self,
            (account, *sorted(places)),
            severity=Severity.HIGH if outside else Severity.MEDIUM,
            score=2.0 + outside,
            title=f"{two.user} at once on {one.dst} from {places[0]} and on {two.dst} from {places[1]}",
            why=(
                f"{two.src} ({places[1]}) came while the session from {one.src} ({places[0]}) was open",
                f"in {number_of(before, 'earlier logon')} {account} never came from both at once",
                *steps([one, two]),
            ),
            hops=[one, two],
        )


def _places(evidence: Evidence) -> tuple[list[str], NDArray[np.int64]]:
    """Names of places, and that of each node; -1 where nothing is known."""
    names = evidence.index.names
    place_of = [_place(evidence, node) for node in (*names.hosts, *names.sources)]
    places = sorted({place for place in place_of if place is not None})
    numbers = {place: number for number, place in enumerate(places)}
    return places, np.array([-1 if place is None else numbers[place] for place in place_of], np.int64)


def _place(evidence: Evidence, node: str) -> str | None:
    segment = evidence.identity.segment(node)
    if segment is not None:
        return segment
    address = parse_address(node) if is_of_internet(node) else None
    return None if address is None else str(ip_network(f"{address}/{PREFIX[address.version]}", strict=False))
