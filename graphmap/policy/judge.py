"""What a policy says of logons: of all of them at once, and of one in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from graphmap.documents import some_of, time_text
from graphmap.model import Verdict
from graphmap.policy.membership import Membership
from graphmap.policy.rules import ANY, Policy, Rule, Zone, stated_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from graphmap.graph.index import Flags, Ids
    from graphmap.identity import Identity
    from graphmap.policy.logons import Logon, Logons

    Bits = NDArray[np.uint8]

PERMITS, FORBIDS = 1, 2
"""Bits of what zones of a destination say; a logon that no stated zone covers has neither."""

VERDICTS = (Verdict.NOT_COVERED, Verdict.PERMITTED, Verdict.VIOLATION, Verdict.BOTH)
"""By the bits."""

SHOWN = 5
"""How many zones or names a message lists."""


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a stated zone of the destination does not permit a logon; `rule` is the one that comes nearest, if any."""

    zone: Zone
    text: str
    rule: Rule | None


class Judge:
    """Judges logons by the `allowed_from` of an inventory's segments and by a policy.

    Each stated zone that holds the destination permits or forbids a logon. A logon from a host to itself crosses
    nothing and is not covered.
    """

    def __init__(self, policy: Policy, identity: Identity) -> None:
        self._parts = [_Part(one, identity) for one in (stated_in(identity.inventory), policy) if one.stated()]

    def bits(self, logons: Logons) -> Bits:
        """What is said of each logon: `PERMITS`, `FORBIDS`, both or none.

        Cost: linear in the nodes and logons, and for each stated zone in its logons times the rules that lead there.
        """
        found = np.zeros(len(logons.src), np.uint8)
        for part in self._parts:
            part.judge(logons, found)
        return found

    def zones(self, nodes: tuple[str, ...]) -> tuple[list[list[str]], Ids]:
        """The different lists of zones and stated segments that hold nodes, sorted, and the place of each node's."""
        parts = [part.zones.grouped(nodes) for part in self._parts]
        places: dict[tuple[int, ...], int] = {}
        of_node = [
            places.setdefault(place, len(places))
            for place in zip(*(of_node.tolist() for _, of_node in parts), strict=True)
        ] or [0] * len(nodes)
        lists = [
            sorted(name for place, (held, _) in zip(at, parts, strict=True) for name in held[place]) for at in places
        ]
        return lists or [[]], np.array(of_node, np.int32)

    def permissions(self, logon: Logon) -> list[Rule]:
        """The rules that permit a logon."""
        return [rule for part in self._parts for _, rule in part.permissions(logon)]

    def denials(self, logon: Logon) -> list[Denial]:
        """The stated zones of the destination that do not permit it."""
        return [denial for part in self._parts for denial in part.denials(logon)]


class _Part:
    """One policy with the zones of every node."""

    def __init__(self, policy: Policy, identity: Identity) -> None:
        self._file = PurePath(policy.path).name
        self._identity = identity
        self.zones = Membership(policy.zones, identity)
        self._stated = policy.stated()
        self._into = {
            zone.name: [rule for rule in policy.rules if zone.name in rule.destinations] for zone in self._stated
        }
        self._accounts = {
            rule.name: frozenset(map(identity.account_of, rule.accounts))
            for rule in policy.rules
            if rule.accounts is not None
        }

    def judge(self, logons: Logons, found: Bits) -> None:
        """Add to `found` what this policy says."""
        held, of_node = self.zones.grouped(logons.nodes)
        crossing = logons.src != logons.dst
        for zone in self._stated:
            inside = np.array([zone.name in one for one in held], np.bool_)[of_node]
            rows = np.flatnonzero(inside[logons.dst] & crossing)
            origins = of_node[logons.src[rows]]
            permitted = np.zeros(len(rows), np.bool_)
            for rule in self._into[zone.name] if len(rows) else ():
                comes = np.array([_comes_from(rule, one) for one in held], np.bool_)[origins]
                permitted |= comes & self._fits(rule, logons, rows)
            found[rows] |= np.where(permitted, PERMITS, FORBIDS).astype(np.uint8)

    def _fits(self, rule: Rule, logons: Logons, rows: NDArray[np.int64]) -> Flags:
        """Which of the rows a rule permits, whatever their zones."""
        kept = np.ones(len(rows), np.bool_)
        for allowed, column in (
            (self._accounts.get(rule.name), logons.account),
            (rule.methods, logons.method),
            (rule.services, logons.service),
        ):
            if allowed is not None:
                kept &= column.marks(allowed.__contains__)[column.codes[rows]]
        if rule.since is not None:
            kept &= logons.time[rows] >= _microseconds(rule.since)
        if rule.until is not None:
            kept &= logons.time[rows] < _microseconds(rule.until)
        return kept

    def _covering(self, logon: Logon) -> Iterator[Zone]:
        held = self.zones.of(logon.dst)
        return (zone for zone in self._stated if zone.name in held and logon.src != logon.dst)

    def permissions(self, logon: Logon) -> Iterator[tuple[Zone, Rule]]:
        """The rules that permit a logon, each with the zone that it leads to."""
        for zone in self._covering(logon):
            for rule in self._into[zone.name]:
                if _comes_from(rule, self.zones.of(logon.src)) and not any(self._missing(rule, logon)):
                    yield zone, rule

    def denials(self, logon: Logon) -> Iterator[Denial]:
        """The zones of the destination that do not permit a logon, and why."""
        permitting = {zone.name for zone, _ in self.permissions(logon)}
        for zone in self._covering(logon):
            if zone.name not in permitting:
                yield self._denial(zone, logon)

    def _denial(self, zone: Zone, logon: Logon) -> Denial:
        leading = [rule for rule in self._into[zone.name] if _comes_from(rule, self.zones.of(logon.src))]
        if not leading:
            origins = sorted(self.zones.of(logon.src))
            origin = f"from {some_of(origins, SHOWN)}" if origins else f"from {logon.src}, which lies in no zone"
            return Denial(zone, f"{self._at(zone)}: no rule permits logons {origin}", None)
        nearest = min(leading, key=lambda rule: len(list(self._missing(rule, logon))))
        return Denial(
            zone, f"{self._at(zone)}: {self._rule(nearest)} is {'; '.join(self._missing(nearest, logon))}", nearest
        )

    def _missing(self, rule: Rule, logon: Logon) -> Iterator[str]:
        """What keeps a rule from permitting a logon from its zones."""
        accounts = self._accounts.get(rule.name)
        if accounts is not None and logon.account not in accounts:
            yield f"for {some_of(sorted(accounts), SHOWN)} only"
        if rule.methods is not None and logon.method not in rule.methods:
            yield f"by {some_of(rule.methods, SHOWN)} only"
        if rule.services is not None and logon.service not in rule.services:
            yield f"over {some_of(rule.services, SHOWN)} only"
        if rule.since is not None and logon.time < rule.since:
            yield f"of {time_text(rule.since)} and later"
        if rule.until is not None and logon.time >= rule.until:
            yield f"over since {time_text(rule.until)}"

    def _at(self, zone: Zone) -> str:
        return f"zone {zone.name} ({self._file}:{zone.line})" if zone.line else zone.name

    def _rule(self, rule: Rule) -> str:
        return f"rule {rule.name!r} ({self._file}:{rule.line})"


def _comes_from(rule: Rule, zones: frozenset[str]) -> bool:
    return ANY in rule.sources or not zones.isdisjoint(rule.sources)


def _microseconds(time: datetime) -> int:
    return int(time.timestamp() * 1_000_000)
