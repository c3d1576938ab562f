"""Which zones a host or source lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmap.identity.networks import Networks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmap.graph.index import Ids
    from graphmap.identity import Identity
    from graphmap.policy.rules import Zone


class Membership:
    """The zones of nodes, each worked out once.

    A zone holds a node that fits any of its lists: the node's segment, a role or the name of a host, or a network with
    one of the addresses that the host has or had; so a laptop that was once on the VPN lies in the VPN's zone, too.
    """

    def __init__(self, zones: Sequence[Zone], identity: Identity) -> None:
        self._identity = identity
        self._networks = Networks((cidr, zone.name) for zone in zones for cidr in zone.cidrs)
        self._segments = _by(zones, lambda zone: zone.segments)
        self._roles = _by(zones, lambda zone: zone.roles)
        self._hosts = _by(zones, lambda zone: map(self._host, zone.hosts))
        self._found: dict[str, frozenset[str]] = {}

    def of(self, node: str) -> frozenset[str]:
        """The names of the zones that hold a host, by its canonical name, or a source."""
        if node not in self._found:
            self._found[node] = frozenset(self._zones(node))
        return self._found[node]

    def grouped(self, nodes: Sequence[str]) -> tuple[list[frozenset[str]], Ids]:
        """The different sets of zones that hold nodes, and for each node the place of its set among them."""
        places: dict[frozenset[str], int] = {}
        of_node = [places.setdefault(self.of(node), len(places)) for node in nodes]
        return list(places), np.array(of_node, np.int32)

    def _zones(self, node: str) -> Iterable[str]:
        yield from self._hosts.get(node, ())
        yield from self._segments.get(self._identity.segment(node) or "", ())
        for role in self._identity.roles(node):
            yield from self._roles.get(role, ())
        for address in self._identity.addresses(node):
            yield from self._networks.holding(address)

    def _host(self, name: str) -> str:
        entry = self._identity.host(name)
        return entry.name if entry else name


def _by(zones: Iterable[Zone], values: Callable[[Zone], Iterable[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for zone in zones:
        for value in values(zone):
            found.setdefault(value, []).append(zone.name)
    return found
