"""Hosts, addresses over time, segments and accounts: what the inventory says and what logs teach."""

from graphmap.identity.addresses import AMBIGUOUS
from graphmap.identity.inventory import (
    EMPTY,
    Inventory,
    dump_inventory,
    parse,
    parse_inventory,
    parse_inventory_csv,
)
from graphmap.identity.names import canonical_address, canonical_name
from graphmap.identity.resolver import Identity

__all__ = [
    "AMBIGUOUS",
    "EMPTY",
    "Identity",
    "Inventory",
    "canonical_address",
    "canonical_name",
    "dump_inventory",
    "parse",
    "parse_inventory",
    "parse_inventory_csv",
]
