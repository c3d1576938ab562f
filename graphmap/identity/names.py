"""What a host name, an address and a point in time look like, in the inventory and in logs.

Every function here gives the one canonical text of its input, so that two spellings of a thing compare equal.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

LOCALHOST = frozenset({"localhost", "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost"})
"""Names that always mean the host itself (RFC 6761, and the /etc/hosts of common distributions)."""

NO_HOST = (
    r"^(?:127\.|0\.|169\.254\.|22[4-9]\.|23[0-9]\.|255\.255\.255\.255$"
    r"|::1?$|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)"
)
"""Canonical addresses that identify no host: loopback, unspecified, link-local, multicast, broadcast (RFC 6890)."""

LOOPBACK = r"^(?:127\.|::1$)"
"""Canonical addresses that mean the host itself."""

_MAPPED = IPv6Network("::ffff:0:0/96")
_TIME = re.compile(
    r"""[0-9]{4}-[0-9]{2}-[0-9]{2}
    (?:[Tt\ ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?""",
    re.VERBOSE,
)
_NAMES_NO_HOST = re.compile(NO_HOST)


def canonical_name(text: str) -> str:
    """A host name in lower case without trailing dots (names compare without regard to case: RFC 4343).

    A text of dots alone is given back as it is: it names nothing, and must still be shown.
    """
    return text.rstrip(".").lower() or text


def short_name(name: str) -> str:
    """The first label of a host name: `db1` of `db1.corp.example`."""
    return name.split(".", 1)[0]


def canonical_address(text: str) -> str | None:
    """The canonical text of an IP address (RFC 5952), or None where the text is no address.

    An IPv4-mapped IPv6 address becomes the IPv4 address; the zone of a scoped address (`%eth0`) and the brackets of a
    URL are dropped.
    """
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    address = parse_address(text)
    return None if address is None else str(address)


def parse_address(text: str) -> IPAddress | None:
    """As `canonical_address`, as an object."""
    bare, _, zone = text.partition("%")
    if (zone or "%" in text) and ":" not in bare:
        return None
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def identifies_host(address: str) -> bool:
    """Tell whether a canonical address can be that of one host on a network."""
    return not _NAMES_NO_HOST.search(address)


def is_of_internet(node: str) -> bool:
    """Tell whether a name of a host or source is an address that the internet routes (RFC 6890)."""
    address = parse_address(node)
    return address is not None and address.is_global


def parse_network(text: str) -> IPNetwork:
    """The network of a CIDR; a plain address is a network of one. IPv4-mapped networks become IPv4.

    Raises
    ------
    ValueError
        The text is no network, or has bits set behind its prefix.
    """
    if "%" in text:
        raise ValueError(text)
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((int(mapped), network.prefixlen - _MAPPED.prefixlen))
    return network


def parse_time(text: str) -> datetime | None:
    """A point in time in UTC from RFC 3339, or None where the text is none.

    A date alone is its first moment; a stamp without offset is UTC; seconds may be left out.
    """
    if not _TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text.upper())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def format_time(time: datetime) -> str:
    """RFC 3339 in UTC, as `parse_time` reads it."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
