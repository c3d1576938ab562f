"""What holds an address: values by network."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from graphmap.identity.names import parse_address, parse_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Networks:
    """Values by the networks (canonical CIDRs) that they are given for; a network may have several."""

    def __init__(self, given: Iterable[tuple[str, str]]) -> None:
        self._values: defaultdict[tuple[int, int], defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for cidr, value in given:
            network = parse_network(cidr)
            shift = network.max_prefixlen - network.prefixlen
            self._values[network.version, shift][int(network.network_address) >> shift].append(value)
        self._shifts = sorted(self._values)

    def holding(self, ip: str) -> Iterator[str]:
        """The values of the networks that hold an address, the longest prefix first; none where it is no address."""
        address = parse_address(ip) if self._shifts else None
        if address is None:
            return
        number = int(address)
        for version, shift in self._shifts:
            if version == address.version:
                yield from self._values[version, shift].get(number >> shift, ())
