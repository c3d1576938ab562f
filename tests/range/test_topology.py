"""Topologies are plain functions of the seed: no root is needed to judge them."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.range import topology
from tests.range.conftest import SEEDS
from tests.range.scenario import Work, waves

BUILT = [topology.build(seed) for seed in SEEDS]
HOSTS = [host for built in BUILT for host in built.hosts]


@given(st.integers(0, 10_000))
def test_every_seed_gives_a_network_that_can_be_wired(seed: int) -> None:
    built = topology.build(seed)
    assert built == topology.build(seed)
    assert 6 <= len(built.hosts) <= 10
    assert len({host.name for host in built.hosts}) == len(built.hosts)
    addresses = [address for host in built.hosts for _, address in host.addresses]
    assert len(set(addresses)) == len(addresses)
    networks = {
        segment.name: [ipaddress.ip_network(segment.prefix), ipaddress.ip_network(segment.prefix6)]
        for segment in built.segments
    }
    for host in built.hosts:
        assert host.addresses[0][0] == host.segment
        for segment, text in host.addresses:
            assert any(ipaddress.ip_address(text) in network for network in networks[segment])
    assert sum(segment.restricted for segment in built.segments) == 1


@given(st.integers(0, 10_000))
def test_every_seed_has_the_people_that_the_scenario_needs(seed: int) -> None:
    built = topology.build(seed)
    careless, *others = built.humans
    assert careless.key_homes == tuple(host.name for host in built.hosts)
    assert any(person.keyed for person in others)
    assert {person.method for person in built.humans} >= {"publickey", "password", "certificate"}
    assert len({person.name for person in built.people}) == len(built.people)


def test_the_recorded_seeds_differ_in_all_that_logs_differ_in() -> None:
    assert len({len(built.hosts) for built in BUILT}) == len(SEEDS)
    assert {host.log_level for host in HOSTS} == {"VERBOSE", "INFO"}
    assert {host.folds for host in HOSTS} == {True, False}
    assert {host.family for host in HOSTS} == {"inet", "inet6"}
    assert {host.max_tries for host in HOSTS} == {3, 6}
    assert {person.method for built in BUILT for person in built.humans} >= {"keyboard-interactive"}
    assert any(len({segment for segment, _ in host.addresses}) == 2 for host in HOSTS)


@pytest.mark.parametrize("seed", range(20))
def test_the_inventory_names_every_host_and_account(seed: int) -> None:
    built = topology.build(seed)
    inventory = built.inventory()
    assert [host["name"] for host in inventory["hosts"]] == [host.name for host in built.hosts]
    assert {host["segment"] for host in inventory["hosts"]} <= {segment["name"] for segment in inventory["segments"]}
    assert [a["name"] for a in inventory["accounts"] if a.get("service")] == ["deploy", "backup"]


def work(leaves: str, enters: str) -> Work:
    return Work(frozenset(leaves), frozenset(enters), lambda: None)


@given(st.lists(st.builds(work, st.text("abcde", min_size=1, max_size=2), st.text("abcde", min_size=1, max_size=2))))
def test_no_wave_has_work_that_looks_like_a_chain_with_other_work(items: list[Work]) -> None:
    shared = waves(items)
    assert sorted(id(item) for wave in shared for item in wave) == sorted(map(id, items))
    for wave in shared:
        for item in wave:
            others = [other for other in wave if other is not item]
            assert not any(item.leaves & other.enters for other in others)
