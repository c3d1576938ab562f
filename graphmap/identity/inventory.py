"""The inventory: what people know about hosts, segments and accounts, as text and as an object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import yaml

from graphmap.errors import InputError
from graphmap.identity.check import check
from graphmap.identity.csv_form import read_csv
from graphmap.identity.names import format_time
from graphmap.identity.problems import Problems
from graphmap.identity.yaml_form import read_yaml
from graphmap.model import Account, Host, Segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.identity.entries import Entries
    from graphmap.model import Address


@dataclass(frozen=True, slots=True)
class Inventory:
    """Hosts, segments and accounts in the order of the file.

    Host names and aliases are lower case, addresses and networks in canonical text, times in UTC. No name is there
    twice, no address is that of two hosts at one time, and every segment that is named exists.
    """

    hosts: tuple[Host, ...] = ()
    segments: tuple[Segment, ...] = ()
    accounts: tuple[Account, ...] = ()


EMPTY = Inventory()
"""No inventory: everything is learned from the logs."""


def parse(text: str, path: str) -> Inventory:
    """Read an inventory in the form that the suffix of its file names: .csv, .yaml, .yml or .json.

    Parameters
    ----------
    text
        The content of the file.
    path
        The file as the user named it, for messages.

    Raises
    ------
    InventoryError
        Something in the text is wrong. The message tells the first such place, the hint how many more there are.
    InputError
        The suffix is another.
    """
    match PurePath(path).suffix.lower():
        case ".csv":
            return parse_inventory_csv(text, path)
        case ".yaml" | ".yml":
            return parse_inventory(text, path)
        case ".json":
            # YAML takes no tab for white space; JSON has tabs nowhere else (RFC 8259, section 7).
            return parse_inventory(text.replace("\t", " "), path)
    raise InputError(f"{path} is no inventory: its name has another suffix", hint="one of: .yaml, .yml, .json, .csv")


def parse_inventory(text: str, path: str) -> Inventory:
    """Read an inventory in YAML. Parameters and errors are those of `parse`; empty text is an empty inventory."""
    return _parse(read_yaml, text, path)


def parse_inventory_csv(text: str, path: str) -> Inventory:
    """Read an inventory of hosts in CSV. Parameters and errors are those of `parse`."""
    return _parse(read_csv, text, path)


def _parse(read: Callable[[str, Problems], Entries], text: str, path: str) -> Inventory:
    problems = Problems(path)
    hosts, segments, accounts = check(read(text.removeprefix("\ufeff"), problems), problems)
    problems.raise_any()
    return Inventory(hosts, segments, accounts)


def dump_inventory(inventory: Inventory) -> str:
    """Write an inventory as YAML that `parse_inventory` reads as an equal one. What is not said is left out."""
    data = {
        "segments": [_segment(segment) for segment in inventory.segments],
        "hosts": [_host(host) for host in inventory.hosts],
        "accounts": [_account(account) for account in inventory.accounts],
    }
    filled = {key: entries for key, entries in data.items() if entries}
    return yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=120) if filled else ""


def _segment(segment: Segment) -> dict[str, Any]:
    entry = _said(name=segment.name, restricted=segment.restricted, cidrs=list(segment.cidrs))
    if segment.allowed_from is not None:
        entry["allowed_from"] = list(segment.allowed_from)
    return entry


def _host(host: Host) -> dict[str, Any]:
    return _said(
        name=host.name,
        addresses=[_address(address) for address in host.addresses],
        segment=host.segment,
        roles=list(host.roles),
        owner=host.owner,
        aliases=list(host.aliases),
    )


def _address(address: Address) -> str | dict[str, str]:
    bounds = {"from": address.since, "until": address.until}
    said = {key: format_time(time) for key, time in bounds.items() if time is not None}
    return {"address": address.address, **said} if said else address.address


def _account(account: Account) -> dict[str, Any]:
    return _said(name=account.name, aliases=list(account.aliases), service=account.service)


def _said(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
