"""The wires: one bridge a segment, one namespace a host, and this (outer) namespace as the router between them."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.range.namespaces import sh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.range.topology import Host, Segment, Topology

FORWARDING = ("/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding")


def build(topology: Topology) -> None:
    """Lay all wires. Addresses stay as they are from end to end: nothing is translated."""
    for switch in FORWARDING:
        Path(switch).write_text("1", encoding="ascii")
    bridges = {segment.name: f"seg{i}" for i, segment in enumerate(topology.segments)}
    outer = ["link set lo up"]
    for segment in topology.segments:
        outer += _bridge(segment, bridges[segment.name])
    for number, host in enumerate(topology.hosts):
        outer.append(f"netns add {host.name}")
        outer += _veths(host, number, bridges)
    sh(["ip", "-batch", "-"], stdin="\n".join(outer) + "\n")
    for host in topology.hosts:
        commands = list(_inside(host, topology))
        sh(["ip", "-netns", host.name, "-batch", "-"], stdin="\n".join(commands) + "\n")


def _gateways(segment: Segment) -> list[str]:
    """Addresses of the router with their prefix length."""
    networks = [ipaddress.ip_network(prefix) for prefix in (segment.prefix, segment.prefix6)]
    return [f"{network[1]}/{network.prefixlen}" for network in networks]


def router(host: Host, topology: Topology) -> str:
    """The address of the router in a host's segment."""
    segment = next(segment for segment in topology.segments if segment.name == host.segment)
    kind = 6 if all(":" in address for _, address in host.addresses) else 4
    return next(
        str(address.ip) for address in map(ipaddress.ip_interface, _gateways(segment)) if address.version == kind
    )


def _bridge(segment: Segment, name: str) -> list[str]:
    return [
        f"link add name {name} type bridge",
        *(f"address add {address} dev {name}{_nodad(address)}" for address in _gateways(segment)),
        f"link set {name} up",
    ]


def _nodad(address: str) -> str:
    """Duplicate address detection would keep an IPv6 address unusable for a second."""
    return " nodad" if ":" in address else ""


def _veths(host: Host, number: int, bridges: dict[str, str]) -> Iterator[str]:
    for i, segment in enumerate(_segments(host)):
        yield f"link add name h{number}e{i} type veth peer name eth{i} netns {host.name}"
        yield f"link set h{number}e{i} master {bridges[segment]} up"


def _segments(host: Host) -> list[str]:
    """Segments that a host has a leg in, its own first."""
    return list(dict.fromkeys(segment for segment, _ in host.addresses))


def _inside(host: Host, topology: Topology) -> Iterator[str]:
    legs = _segments(host)
    yield "link set lo up"
    for segment, address in host.addresses:
        length = 64 if ":" in address else 24
        yield f"address add {address}/{length} dev eth{legs.index(segment)}{_nodad(address)}"
    for i in range(len(legs)):
        yield f"link set eth{i} up"
    home = next(segment for segment in topology.segments if segment.name == host.segment)
    for gateway in _gateways(home):
        if (":" in gateway) <= any(":" in address for _, address in host.addresses):
            yield f"route add default via {gateway.partition('/')[0]}"
