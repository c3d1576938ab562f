"""A segment policy: zones of hosts, and who may log in from which to which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphmap.identity import Inventory

ANY = "any"
"""The zone of every source, also of those that nobody knows. No zone of a file has this name."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Hosts and addresses that a policy speaks of together: those that fit any of the lists.

    Parameters
    ----------
    name
        Unique in its policy.
    segments, roles, hosts
        Of the inventory; roles in the form of `graphmap.identity.roles.role_named`.
    cidrs
        Networks in canonical text: of a source, and of any address that a host has or had.
    closed
        Whether nobody may log in whom no rule permits, though no rule names the zone.
    line
        Where it is written; None where it is not written in a policy.
    """

    name: str
    segments: tuple[str, ...] = ()
    cidrs: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    closed: bool = False
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission to log in from some zones to others. None in place of a list permits everything.

    Parameters
    ----------
    name
        Unique in its policy.
    sources, destinations
        Names of zones; a source may be `ANY`.
    accounts, methods, services
        As in HOPS; accounts by any of their names.
    since, until
        When it holds: from `since` (inclusive) to `until` (exclusive).
    author, reason
        Who permitted it, and why.
    line
        Where it is written; None where it is not written in a policy.
    """

    name: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    accounts: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    author: str | None = None
    reason: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Zones and rules in the order of the file.

    A zone is stated, so that logons to its hosts are judged, if it is closed or a rule names it as a destination.
    """

    zones: tuple[Zone, ...] = ()
    rules: tuple[Rule, ...] = ()
    path: str = ""
    """The file as the user named it; empty where it is not written in one."""

    def stated(self) -> tuple[Zone, ...]:
        """The zones to which not everybody may log in."""
        named = {name for rule in self.rules for name in rule.destinations}
        return tuple(zone for zone in self.zones if zone.closed or zone.name in named)


NO_POLICY = Policy()
"""Nothing is permitted or forbidden but by the inventory."""


def stated_in(inventory: Inventory) -> Policy:
    """What `allowed_from` of an inventory's segments says: a zone for each segment, closed where it is stated."""
    return Policy(
        tuple(
            Zone(f"segment {one.name}", segments=(one.name,), closed=one.allowed_from is not None)
            for one in inventory.segments
        ),
        tuple(
            Rule(
                f"allowed_from of {one.name}",
                tuple(f"segment {name}" for name in one.allowed_from),
                (f"segment {one.name}",),
            )
            for one in inventory.segments
            if one.allowed_from
        ),
    )
