"""Intruders keep to what they can have and know."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl
import pytest

from graphmap.simulate.company import CORE, VERSIONS
from graphmap.simulate.enterprise import Enterprise
from graphmap.simulate.moves import JUMP, NO_KEY, SCP, SFTP
from graphmap.simulate.options import DAY, EPOCH, Family, Stealth
from tests.simulate.conftest import SMALL

if TYPE_CHECKING:
    from graphmap.simulate.attacks import Attack


@pytest.fixture(scope="module")
def played() -> tuple[Enterprise, pl.DataFrame]:
    """An enterprise with all its days behind it, and what others did in them."""
    enterprise = Enterprise(dataclasses.replace(SMALL, hosts=80, days=24, history=16, clean=0, attacks=8))
    ordinary = pl.concat(list(enterprise.days())).filter(pl.col("attack") < 0, "accepted")
    return enterprise, ordinary


def _dawn(enterprise: Enterprise, attack: Attack) -> int:
    """The first moment of the day on which an attack was planned."""
    return EPOCH + enterprise.intruders.plan[attack.number][0] * DAY


def test_most_of_what_is_planned_is_possible(played: tuple[Enterprise, pl.DataFrame]) -> None:
    enterprise, _ = played
    assert len(enterprise.attacks) > 0.9 * len(enterprise.intruders.plan)
    assert {attack.family for attack in enterprise.attacks} == set(Family)
    assert {attack.stealth for attack in enterprise.attacks} == set(Stealth)


def test_an_intruder_uses_what_came_in_where_it_was_accepted(played: tuple[Enterprise, pl.DataFrame]) -> None:
    enterprise, ordinary = played
    people = enterprise.company.people
    for attack in enterprise.attacks:
        dawn = _dawn(enterprise, attack)
        month = ordinary.filter(pl.col("start") < dawn)
        came: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for src, dst, account, key in (
            month.filter(pl.col("start") >= dawn - 7 * DAY).select("src", "dst", "account", "key").iter_rows()
        ):
            came[dst].add((account, key))
            if src == account and src < people:
                came[src].add((account, key))
        accepted = set(month.select("dst", "account", "key").iter_rows())
        held = set(came[attack.origin])
        hosts = {attack.origin}
        guessed = attack.family == Family.SPRAY
        ways = attack.moves.select("src", "dst", "account", "key", "accepted")
        for src, dst, account, key, right in ways.iter_rows():
            assert src in hosts
            if right and not guessed and key < len(enterprise.company.accounts) * VERSIONS:  # not an intruder's own
                typed = key == NO_KEY
                assert any((a == account if typed else k == key) for a, k in held)
                assert typed or (dst, account, key) in accepted
            if right:
                hosts.add(dst)
                held |= came[dst]
                guessed = False


def test_stealth_keeps_to_edges_and_to_active_accounts(played: tuple[Enterprise, pl.DataFrame]) -> None:
    enterprise, ordinary = played
    checked = 0
    for attack in enterprise.attacks:
        dawn = _dawn(enterprise, attack)
        before = ordinary.filter(pl.col("start") < dawn)
        edges = set(before.select("src", "dst").iter_rows())
        active = set(before.filter(pl.col("start") >= dawn - DAY).select("dst", "account").iter_rows())
        logons = attack.moves.filter("accepted").select("src", "dst", "account", "key")
        for src, dst, account, key in logons.iter_rows():
            if attack.stealth in {Stealth.EDGES, Stealth.BOTH}:
                assert (src, dst) in edges
            planted = key >= len(enterprise.company.accounts) * VERSIONS
            if attack.stealth in {Stealth.ACCOUNTS, Stealth.BOTH} and not planted:
                assert (src, account) in active or src == account
                checked += 1
    assert checked > 20


def test_families_do_what_they_are_named_after(played: tuple[Enterprise, pl.DataFrame]) -> None:
    enterprise, _ = played
    company = enterprise.company
    by: defaultdict[Family, list[Attack]] = defaultdict(list)
    for attack in enterprise.attacks:
        by[attack.family].append(attack)
    assert all(attack.moves.height <= 50 for attack in by[Family.SPREAD])
    assert max(attack.moves.height for attack in by[Family.SPREAD]) > 10
    assert all(attack.moves.height <= 5 for attack in by[Family.TARGETED])
    ends = [company.segment[int(attack.moves["dst"][-1])] for attack in by[Family.TARGETED]]
    assert ends.count(CORE) > len(ends) / 2
    assert all((~attack.moves["accepted"]).any() for attack in by[Family.SPRAY])
    assert all(attack.moves["kind"][0] == JUMP for attack in by[Family.TUNNEL])
    assert all(attack.moves["kind"].is_in([SFTP, SCP]).any() for attack in by[Family.STAGING])
    planted = len(company.accounts) * VERSIONS
    assert all((attack.moves["key"] >= planted).any() for attack in by[Family.PLANTED_KEY])
    assert len({int(a.moves["key"].max()) for a in by[Family.PLANTED_KEY]}) == len(by[Family.PLANTED_KEY])  # type: ignore[arg-type]
