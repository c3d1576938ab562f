"""Which segment an address lies in, and who may log in to a segment."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from graphmap.identity.names import parse_address, parse_network

if TYPE_CHECKING:
    from graphmap.identity.inventory import Inventory


class Segments:
    """The segments of an inventory by network (the longest prefix wins) and by name."""

    def __init__(self, inventory: Inventory) -> None:
        self._segments = {segment.name: segment for segment in inventory.segments}
        self._networks: defaultdict[tuple[int, int], dict[int, str]] = defaultdict(dict)
        for segment in inventory.segments:
            for cidr in segment.cidrs:
                network = parse_network(cidr)
                shift = network.max_prefixlen - network.prefixlen
                self._networks[network.version, shift][int(network.network_address) >> shift] = segment.name
        self._shifts = sorted(self._networks)

    def of_address(self, ip: str) -> str | None:
        """The segment with the smallest network that holds an address; None where none does or it is no address."""
        address = parse_address(ip)
        if address is None:
            return None
        number = int(address)
        for version, shift in self._shifts:
            if version == address.version and number >> shift in self._networks[version, shift]:
                return self._networks[version, shift][number >> shift]
        return None

    def is_restricted(self, name: str | None) -> bool:
        """Tell whether a segment is restricted. One that is not listed is not."""
        segment = self._segments.get(name) if name is not None else None
        return segment is not None and segment.restricted

    def allowed(self, src: str | None, dst: str | None) -> bool | None:
        """Tell whether the policy lets hosts of `src` log in to `dst`; None where no policy is stated for `dst`."""
        segment = self._segments.get(dst) if dst is not None else None
        if segment is None or segment.allowed_from is None:
            return None
        return src in segment.allowed_from
