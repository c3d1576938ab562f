"""Host names as logged become canonical names."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from graphmap.identity.names import canonical_address, canonical_name, short_name

if TYPE_CHECKING:
    from graphmap.identity.inventory import Inventory


class HostNames:
    """The names and aliases of an inventory, and the rule that matches what logs call a host.

    Names match without regard to case and trailing dot. A logged short name also matches the one host that has a
    longer name beginning with it. A logged long name also matches the host that has its first label as a name,
    unless the inventory knows that label in a longer name: then another domain means another host.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._hosts = {name: host.name for host in inventory.hosts for name in (host.name, *host.aliases)}
        self._by_label: defaultdict[str, set[str]] = defaultdict(set)
        for name, host in self._hosts.items():
            if short_name(name) != name:
                self._by_label[short_name(name)].add(host)

    def listed(self, text: str) -> str | None:
        """The host of the inventory that a logged name means; None where there is none."""
        name = canonical_name(text)
        if name in self._hosts:
            return self._hosts[name]
        label = short_name(name)
        longer = self._by_label.get(label, set())
        if label == name:
            return next(iter(longer)) if len(longer) == 1 else None
        return None if longer else self._hosts.get(label)

    def canonical(self, text: str) -> str:
        """The listed host, else the canonical address that the text is, else the name in canonical form."""
        return self.listed(text) or canonical_address(text) or canonical_name(text)
