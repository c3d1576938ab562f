"""What an inventory file says, value by value with its position, before it is known to make sense as a whole.

Both shapes of the file, YAML and CSV, become entries; `graphmap.identity.check` makes an inventory of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - dataclasses.fields reads it

from graphmap.identity.names import (
    canonical_address,
    canonical_name,
    identifies_host,
    parse_network,
    parse_time,
)
from graphmap.identity.problems import Located, Place, Problems, shown
from graphmap.model import Address

Text = Located[str]


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment as written. None and empty mean: not said."""

    name: Text
    restricted: Located[bool] | None = None
    cidrs: tuple[Text, ...] = ()
    allowed_from: tuple[Text, ...] | None = None


@dataclass(frozen=True, slots=True)
class HostEntry:
    """A host as written."""

    name: Text
    addresses: tuple[Located[Address], ...] = ()
    segment: Text | None = None
    roles: tuple[Text, ...] = ()
    owner: Text | None = None
    aliases: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An account as written."""

    name: Text
    aliases: tuple[Text, ...] = ()
    service: bool = False


@dataclass(slots=True)
class Entries:
    """A file's entries, in its order."""

    segments: list[SegmentEntry] = field(default_factory=list)
    hosts: list[HostEntry] = field(default_factory=list)
    accounts: list[AccountEntry] = field(default_factory=list)


def word(text: Text, what: str, problems: Problems) -> Text | None:
    """A name of anything but a host: trimmed, printable, not empty. None where it is not, with the problem noted."""
    value = text.value.strip()
    if not value:
        problems.add(text.place, f"{what} is empty")
    elif not value.isprintable():
        problems.add(text.place, f"{what} {shown(value)} has characters that cannot be printed")
    else:
        return Located(value, text.place)
    return None


def host_name(text: Text, what: str, problems: Problems) -> Text | None:
    """A canonical host name. None where the text cannot be one, with the problem noted."""
    valid = word(text, what, problems)
    if valid is None:
        return None
    value = canonical_name(valid.value)
    if not value.strip("."):
        problems.add(text.place, f"{what} is empty")
    elif any(character.isspace() for character in value):
        problems.add(text.place, f"{what} {shown(value)} has white space in it")
    elif canonical_address(value) is not None:
        problems.add(text.place, f"{shown(value)} is an address, not a name", hint="list it under addresses")
    elif not value.isprintable() or canonical_name(value) != value:
        problems.add(text.place, f"{what} {shown(value)} has no stable lower-case form")
    else:
        return Located(value, text.place)
    return None


def host_address(
    text: Text, problems: Problems, *, since: Text | None = None, until: Text | None = None
) -> Located[Address] | None:
    """An address of a host, in canonical text, with the time it holds. None where it is wrong, problems noted."""
    address = canonical_address(text.value.strip())
    begin, end = (moment(bound, problems) for bound in (since, until))
    if address is None:
        problems.add(text.place, f"{shown(text.value)} is not an IP address")
    elif not identifies_host(address):
        hint = "leave out loopback, unspecified, link-local, multicast and broadcast addresses"
        problems.add(text.place, f"{address} identifies no host", hint=hint)
    elif begin and end and end <= begin:
        place = text.place if until is None else until.place
        problems.add(place, "the address ends before it begins", hint="until is exclusive and lies after from")
    else:
        return Located(Address(address, begin, end), text.place)
    return None


def moment(text: Text | None, problems: Problems) -> datetime | None:
    """A point in time; None where there is no text, or where it is wrong, with the problem noted."""
    if text is None:
        return None
    time = parse_time(text.value.strip())
    if time is None:
        problems.add(text.place, f"{shown(text.value)} is not a time", hint="write it as 2026-01-31T09:30:00Z")
    return time


def network(text: Text, problems: Problems) -> Text | None:
    """A canonical CIDR. None where the text is none, with the problem noted."""
    value = text.value.strip()
    try:
        return Located(str(parse_network(value)), text.place)
    except ValueError:
        problems.add(text.place, f"{shown(value)} is not a network", hint=_network_hint(value))
    return None


def _network_hint(value: str) -> str:
    address, slash, prefix = value.partition("/")
    parsed = canonical_address(address)
    if parsed and slash and prefix.isascii() and prefix.isdigit() and len(prefix) <= len("128"):
        bits = 128 if ":" in parsed else 32
        if int(prefix) <= bits:
            return f"bits are set behind the prefix; did you mean {_enclosing(parsed, int(prefix))}?"
    return "write it as 10.1.0.0/16"


def _enclosing(address: str, prefix: int) -> str:
    bits = 128 if ":" in address else 32
    parsed = parse_network(address).network_address
    kept = int(parsed) >> (bits - prefix) << (bits - prefix)
    return f"{type(parsed)(kept)}/{prefix}"


def here(line: int, column: int) -> Place:
    """A place from the 0-based numbers that parsers count in."""
    return Place(line + 1, column + 1)
