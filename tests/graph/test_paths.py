"""Paths against a twin that tries everything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.hops import build_hops
from graphmap.graph.index import HopIndex, build_index
from graphmap.graph.paths import chains, origins_of
from graphmap.graph.pivots import paths_between, ways_from, ways_to
from graphmap.graph.spread import provenance, reach
from graphmap.model import Basis
from tests.graph import twin
from tests.graph.twin import SECOND, Logon

if TYPE_CHECKING:
    import polars as pl

GAP = SECOND
BEGIN = int(twin.EPOCH.timestamp()) * SECOND


def build(logons: list[Logon]) -> tuple[pl.DataFrame, HopIndex, list[int]]:
    """Hops, their index, and for each row the number of its logon."""
    hops = build_hops(twin.session_table(logons), timedelta(microseconds=GAP))
    return hops, build_index(hops), [lines[0]["line"] for lines in hops["lines"].to_list()]


def named(paths: object, numbers: list[int]) -> set[tuple[int, ...]]:
    return {tuple(numbers[row] for row in path.rows) for path in paths}  # type: ignore[attr-defined]


@given(twin.logons())
def test_origins_certainty_and_basis_are_those_of_the_twin(logons: list[Logon]) -> None:
    hops, index, numbers = build(logons)
    for row, number in enumerate(numbers):
        hop = logons[number]
        possible = [n for n, o in enumerate(logons) if twin.could_be_origin(o, hop, GAP)]
        same_key = [n for n in possible if hop.key and logons[n].key == hop.key]
        same_account = [n for n in possible if logons[n].account == hop.account]
        preferred = same_key or same_account or possible
        sure = any(twin.surely_before(logons[n], hop) for n in preferred)
        basis = Basis.KEY if same_key else Basis.ACCOUNT if same_account else Basis.OPEN if possible else Basis.START
        assert hops["origins"][row] == len(possible)
        assert hops["basis"][row] == basis
        assert hops["certainty"][row] == ((1.0 if sure else 0.5) / len(preferred) if preferred else 1.0)
        found = origins_of(index, row)
        assert sorted(numbers[o.hop] for o in found) == possible
        for origin in found:
            n = numbers[origin.hop]
            share = len(preferred) if n in preferred else len(possible)
            assert origin.certainty == (1.0 if twin.surely_before(logons[n], hop) else 0.5) / share
        assert [o.certainty for o in found] == sorted((o.certainty for o in found), reverse=True)


@given(twin.logons())
def test_followers_mirror_origins(logons: list[Logon]) -> None:
    _, index, _ = build(logons)
    pairs = {(origin, hop) for hop in range(len(index)) for origin in index.origins(hop)}
    assert {(hop, after) for hop in range(len(index)) for after in index.followers(hop)} == pairs


@given(twin.logons(), st.integers(1, 3))
def test_chains_are_the_paths_that_nothing_prolongs(logons: list[Logon], min_hops: int) -> None:
    _, index, numbers = build(logons)
    every = twin.all_paths(logons, GAP)
    inner = {path[1:] for path in every} | {path[:-1] for path in every}
    found = chains(index, min_hops=min_hops, alternatives=1000)
    assert not found.cut
    assert named(found.paths, numbers) == {path for path in every - inner if len(path) >= min_hops}


@given(twin.logons(), st.sampled_from("ABC"), twin.STAMPS, twin.STAMPS)
def test_reach_and_provenance_are_those_of_the_twin(logons: list[Logon], host: str, begin: int, length: int) -> None:
    _, index, numbers = build(logons)
    if host not in index.names.hosts:
        return
    node, end = index.names.hosts.index(host), begin + length
    inside = [n for n, hop in enumerate(logons) if hop.moments[1] >= begin and hop.moments[0] <= end]
    every = {p for p in twin.all_paths(logons, GAP) if set(p) <= set(inside) and in_time(logons, p, begin, end)}
    ahead = reach(index, node, BEGIN + begin, BEGIN + end)
    assert {numbers[row] for row in ahead} == {p[-1] for p in every if logons[p[0]].src == host}
    back = provenance(index, node, BEGIN + begin, BEGIN + end)
    assert {numbers[row] for row in back} == {p[0] for p in every if logons[p[-1]].dst == host}


@given(twin.logons(), st.sampled_from("ABC"))
def test_ways_begin_and_end_where_they_say(logons: list[Logon], host: str) -> None:
    _, index, numbers = build(logons)
    if host not in index.names.hosts:
        return
    node, every = index.names.hosts.index(host), twin.all_paths(logons, GAP)
    here = {p for p in every if logons[p[0]].src == host}
    ways = ways_from(index, node, reach(index, node, BEGIN, BEGIN + 100 * SECOND))
    assert {index.names.name(n) for n in ways} == {logons[p[-1]].dst for p in here} - {host}
    assert named(ways.values(), numbers) <= here
    there = {p for p in every if logons[p[-1]].dst == host}
    back = ways_to(index, node, provenance(index, node, BEGIN, BEGIN + 100 * SECOND))
    assert named(back, numbers) <= there
    assert {numbers[path.rows[0]] for path in back} == {p[0] for p in there}


def in_time(logons: list[Logon], path: tuple[int, ...], begin: int, end: int) -> bool:
    """Whether the moments can be picked inside the window: clip the window's edges into the stamps."""
    clipped = [Clipped(logons[n], begin, end) for n in path]
    return twin.is_path(tuple(clipped), GAP)  # type: ignore[arg-type]


class Clipped:
    """A logon whose start can only lie within a window."""

    def __init__(self, logon: Logon, begin: int, end: int) -> None:
        self.logon, self.begin, self.end = logon, begin, end
        self.src, self.dst, self.known = logon.src, logon.dst, logon.known

    @property
    def moments(self) -> tuple[int, int]:
        low, high = self.logon.moments
        return max(low, self.begin), min(high, self.end)

    def open_until(self, gap: int) -> int:
        return self.logon.open_until(gap)


@given(twin.logons(), st.sampled_from(["AB", "BC", "CA", "AA", "ABC", "CAB"]), st.sets(st.integers(0, 5), max_size=2))
def test_paths_between_are_all_simple_paths_of_the_twin(logons: list[Logon], ends: str, excluded: set[int]) -> None:
    _, index, numbers = build(logons)
    src, goals = ends[0], ends[1:]
    if not {*ends} <= {*index.names.hosts}:
        return
    kept = np.array([numbers[row] not in excluded for row in range(len(index))])
    found = paths_between(
        index,
        index.names.hosts.index(src),
        [index.names.hosts.index(goal) for goal in goals],
        BEGIN,
        BEGIN + 100 * SECOND,
        limit=1000,
        few=lambda rows: rows[kept[rows]],
    )
    expected = {
        path
        for path in twin.all_paths(logons, GAP)
        if logons[path[0]].src == src
        and logons[path[-1]].dst in goals
        and not any(logons[number].dst in goals for number in path[:-1])
        and visits_once(logons, path)
        and excluded.isdisjoint(path)
    }
    assert named(found.paths, numbers) == expected
    assert [p.certainty for p in found.paths] == sorted((p.certainty for p in found.paths), reverse=True)


def visits_once(logons: list[Logon], path: tuple[int, ...]) -> bool:
    hosts = [logons[path[0]].src, *(logons[n].dst for n in path)]
    return len(set(hosts)) == len(hosts) or len(hosts) == 2


@given(twin.logons(most=8), st.randoms(use_true_random=False))
def test_order_of_the_input_changes_nothing(logons: list[Logon], random: object) -> None:
    shuffled = logons.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = build_hops(twin.session_table(logons)).drop("lines")
    assert one.equals(build_hops(twin.session_table(shuffled)).drop("lines"))


def test_a_hub_does_not_explode() -> None:
    """300 sessions open on a bastion and 300 hops from it: 90,000 chains, of which the best of each hop are given."""
    came = [Logon(n * SECOND + 1, None, "x", "A", f"u{n}", None) for n in range(300)]
    went = [Logon((300 + n) * SECOND + 1, (300 + n) * SECOND + 2, "A", "B", f"u{n}", None) for n in range(300)]
    hops = build_hops(twin.session_table([*came, *went]))
    found = chains(build_index(hops), alternatives=1)
    assert [path.certainty for path in found.paths] == [1.0] * 300
    assert found.cut


def test_what_a_path_must_not_do() -> None:
    logons = [Logon(5, 10, "A", "B", "ann", None), Logon(11, 20, "B", "C", "ann", None)]
    _, index, _ = build(logons)
    assert list(index.origins(1)) == []


@pytest.mark.parametrize("stamp", [0, 1])
def test_a_hop_never_follows_itself(stamp: int) -> None:
    hops, index, _ = build([Logon(stamp, None, "A", "A", "ann", "SHA256:a")])
    assert hops.select("origins", "certainty", "basis").rows() == [(0, 1.0, "start")]
    assert chains(index, min_hops=1).paths[0].rows == (0,)
