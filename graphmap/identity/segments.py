"""Which segment an address lies in, and which segments are restricted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.identity.networks import Networks

if TYPE_CHECKING:
    from graphmap.identity.inventory import Inventory


class Segments:
    """The segments of an inventory by network (the longest prefix wins) and by name."""

    def __init__(self, inventory: Inventory) -> None:
        self._restricted = frozenset(segment.name for segment in inventory.segments if segment.restricted)
        self._networks = Networks((cidr, segment.name) for segment in inventory.segments for cidr in segment.cidrs)

    def of_address(self, ip: str) -> str | None:
        """The segment with the smallest network that holds an address; None where none does or it is no address."""
        return next(self._networks.holding(ip), None)

    def is_restricted(self, name: str | None) -> bool:
        """Tell whether a segment is restricted. One that is not listed is not."""
        return name in self._restricted
