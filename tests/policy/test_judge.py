"""What a policy says of logons, held against a twin that reads the rules one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.identity import Identity, parse_inventory
from graphmap.model import Verdict
from graphmap.policy.judge import FORBIDS, PERMITS, VERDICTS, Judge
from graphmap.policy.logons import Logons
from graphmap.policy.membership import Membership
from graphmap.policy.rules import ANY, Policy, Rule, Zone
from graphmap.tables import EDGES

if TYPE_CHECKING:
    from graphmap.policy.logons import Logon

INVENTORY = parse_inventory(
    """
    segments:
      - {name: office, cidrs: [10.1.0.0/16]}
      - {name: lab, cidrs: [10.1.9.0/24]}
      - {name: prod, restricted: true, cidrs: [10.2.0.0/16], allowed_from: [office]}
      - {name: open, cidrs: [10.3.0.0/16]}
    hosts:
      - {name: pc, addresses: [10.1.0.1, 10.1.9.1], roles: [Developer PC]}
      - {name: dc, addresses: [10.2.0.1], roles: [domain-controller], aliases: [dc.corp.example]}
      - {name: db, addresses: [10.2.0.2]}
      - {name: web, addresses: [10.3.0.1]}
    accounts: [{name: ann, aliases: [adm-ann]}]
    """,
    "inventory.yaml",
)
IDENTITY = Identity(INVENTORY)
NODES = ("pc", "dc", "db", "web", "10.1.9.77", "198.51.100.1", "somewhere.example")
START = datetime(2026, 3, 1, tzinfo=UTC)


def logons(*rows: tuple[str, str, str, str, str, datetime]) -> Logons:
    """Logons of (source, account, destination, service, method, time)."""
    columns = ["src", "user", "dst", "service", "method", "last"]
    frame = pl.DataFrame(rows, {name: EDGES[name] for name in columns}, orient="row")
    return Logons.of_edges(frame, IDENTITY)


def verdicts(policy: Policy, *rows: tuple[str, str, str, str, str, datetime]) -> list[Verdict]:
    return [VERDICTS[bit] for bit in Judge(policy, IDENTITY).bits(logons(*rows))]


def test_the_inventory_alone() -> None:
    """`allowed_from` means what it always did: the segments listed, the segment itself only where it is listed."""
    ways = {
        ("pc", "db"): Verdict.PERMITTED,
        ("web", "db"): Verdict.VIOLATION,
        ("dc", "db"): Verdict.VIOLATION,
        ("198.51.100.1", "db"): Verdict.VIOLATION,
        ("somewhere.example", "db"): Verdict.VIOLATION,
        ("db", "db"): Verdict.NOT_COVERED,
        ("pc", "web"): Verdict.NOT_COVERED,
    }
    rows = [(src, "ann", dst, "ssh", "password", START) for src, dst in ways]
    assert verdicts(Policy(), *rows) == list(ways.values())


@pytest.mark.parametrize(
    ("zone", "held"),
    [
        (Zone("z", segments=("office",)), {"pc"}),
        (Zone("z", segments=("lab",)), {"10.1.9.77"}),
        (Zone("z", cidrs=("10.1.9.0/24",)), {"pc", "10.1.9.77"}),  # any address that a host has
        (Zone("z", cidrs=("0.0.0.0/0",)), {"pc", "dc", "db", "web", "10.1.9.77", "198.51.100.1"}),
        (Zone("z", roles=("developer-pc",)), {"pc"}),
        (Zone("z", hosts=("dc.corp.example",)), {"dc"}),
        (Zone("z", hosts=("nobody",)), set()),
        (Zone("z", segments=("prod",), hosts=("web",)), {"dc", "db", "web"}),
    ],
)
def test_who_lies_in_a_zone(zone: Zone, held: set[str]) -> None:
    membership = Membership([zone], IDENTITY)
    assert {node for node in NODES if membership.of(node)} == held


def test_an_alias_in_a_rule_is_the_account() -> None:
    policy = Policy((Zone("z", hosts=("web",)),), (Rule("r", (ANY,), ("z",), accounts=("adm-ann",)),))
    rows = [("pc", user, "web", "ssh", "password", START) for user in ("ann", "adm-ann", "eve")]
    assert verdicts(policy, *rows) == [Verdict.PERMITTED, Verdict.PERMITTED, Verdict.VIOLATION]


# A twin

ZONES = st.builds(
    Zone,
    name=st.sampled_from("abc"),
    segments=st.lists(st.sampled_from(["office", "lab", "prod", "open"]), max_size=2).map(tuple),
    cidrs=st.lists(st.sampled_from(["10.1.9.0/24", "10.2.0.1/32", "198.51.100.0/24"]), max_size=1).map(tuple),
    roles=st.lists(st.sampled_from(["domain-controller", "developer-pc"]), max_size=1).map(tuple),
    hosts=st.lists(st.sampled_from(["web", "db"]), max_size=1).map(tuple),
    closed=st.booleans(),
    line=st.just(1),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    zones = draw(st.lists(ZONES, min_size=1, max_size=3, unique_by=lambda zone: zone.name))
    names = [zone.name for zone in zones]
    some = st.none() | st.lists(st.sampled_from(["ann", "eve"]), min_size=1, max_size=1).map(tuple)
    moments = st.none() | st.sampled_from([START, START + timedelta(hours=1)])
    rules = [
        Rule(
            f"r{number}",
            tuple(draw(st.lists(st.sampled_from([*names, ANY]), min_size=1, max_size=2))),
            tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=2))),
            accounts=draw(some),
            methods=draw(st.none() | st.just(("publickey",))),
            services=draw(st.none() | st.just(("ssh",))),
            since=draw(moments),
            until=draw(moments),
            line=1,
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return Policy(tuple(zones), tuple(rules), "p.yaml")


def holds(zone: Zone, node: str) -> bool:
    host = next((one for one in INVENTORY.hosts if one.name == node), None)
    addresses = [one.address for one in host.addresses] if host else [node]
    roles = [role.lower().replace(" ", "-") for role in host.roles] if host else []
    networks = [ip_network(cidr) for cidr in zone.cidrs]
    parsed = [ip_address(one) for one in addresses if one[0].isdigit()]
    return (
        node in zone.hosts
        or bool(set(roles) & set(zone.roles))
        or IDENTITY.segment(node) in zone.segments
        or any(address in network for address in parsed for network in networks)
    )


def permits(policy: Policy, rule: Rule, logon: Logon) -> bool:
    zones = {zone.name: zone for zone in policy.zones}
    return (
        any(name == ANY or holds(zones[name], logon.src) for name in rule.sources)
        and (rule.accounts is None or logon.account in rule.accounts)
        and (rule.methods is None or logon.method in rule.methods)
        and (rule.services is None or logon.service in rule.services)
        and (rule.since is None or rule.since <= logon.time)
        and (rule.until is None or logon.time < rule.until)
    )


def said(policy: Policy, logon: Logon) -> int:
    """PERMITS and FORBIDS by reading every rule for every zone."""
    bits = 0
    for zone in policy.zones:
        leading = [rule for rule in policy.rules if zone.name in rule.destinations]
        if logon.src != logon.dst and holds(zone, logon.dst) and (zone.closed or leading):
            bits |= PERMITS if any(permits(policy, rule, logon) for rule in leading) else FORBIDS
    segment = next((one for one in INVENTORY.segments if one.name == IDENTITY.segment(logon.dst)), None)
    if segment and segment.allowed_from is not None and logon.src != logon.dst:
        bits |= PERMITS if IDENTITY.segment(logon.src) in segment.allowed_from else FORBIDS
    return bits


ROWS = st.tuples(
    st.sampled_from(NODES),
    st.sampled_from(["ann", "eve"]),
    st.sampled_from(NODES[:4]),
    st.sampled_from(["ssh", "rdp"]),
    st.sampled_from(["publickey", "password"]),
    st.sampled_from([START, START + timedelta(minutes=30), START + timedelta(hours=1)]),
)


@settings(max_examples=60)
@given(policies(), st.lists(ROWS, max_size=12))
def test_all_at_once_is_as_one_by_one(policy: Policy, rows: list[tuple[str, str, str, str, str, datetime]]) -> None:
    judge, asked = Judge(policy, IDENTITY), logons(*rows)
    bits = judge.bits(asked)
    assert bits.tolist() == [said(policy, asked.at(row)) for row in range(len(rows))]
    for row, bit in enumerate(bits):
        assert bool(judge.denials(asked.at(row))) == bool(bit & FORBIDS)
        assert bool(judge.permissions(asked.at(row))) == bool(bit & PERMITS)
    held, of_node = judge.zones(asked.nodes)
    assert np.array_equal(of_node < len(held), np.ones(len(asked.nodes), np.bool_))
