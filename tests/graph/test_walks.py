"""The compiled walks against the plain ones, and both against a twin that tries everything."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphmap.graph.hops import build_hops
from graphmap.graph.index import HopIndex, build_index
from graphmap.graph.kernels.chains import BIT, NEVER
from graphmap.graph.paths import origins_of
from graphmap.graph.spread import provenance, reach
from graphmap.graph.walks import Walks, Weights
from tests.graph import twin
from tests.graph.twin import SECOND, Logon

if TYPE_CHECKING:
    import polars as pl

GAP = SECOND
BEGIN = int(twin.EPOCH.timestamp()) * SECOND
ESTATES = twin.logons(most=6)


def build(logons: list[Logon]) -> tuple[pl.DataFrame, HopIndex, Walks, list[int]]:
    hops = build_hops(twin.session_table(logons), timedelta(microseconds=GAP))
    index = build_index(hops)
    return hops, index, Walks.over(index), [lines[0]["line"] for lines in hops["lines"].to_list()]


def every_path(logons: list[Logon], numbers: list[int]) -> list[tuple[int, ...]]:
    """All paths, as rows."""
    row_of = {number: row for row, number in enumerate(numbers)}
    return [tuple(row_of[n] for n in path) for path in twin.all_paths(logons, GAP)]


def score(walks: Walks, weights: Weights, path: tuple[int, ...]) -> int:
    """What a chain scores, by the words of `Weights`."""
    links = [walks.path(path).certainties[n] for n in range(1, len(path))]
    hops = sum(int(weights.step[row]) for row in path[1:])
    certain = sum(
        -round(BIT * log2(round(1 / c / (2 if tied else 1)))) - (BIT if tied else 0)
        for c, tied in zip(links, ties(walks, path), strict=True)
    )
    return int(weights.first[path[0]]) + hops + int(weights.last[path[-1]]) + weights.links * certain


def ties(walks: Walks, path: tuple[int, ...]) -> list[bool]:
    return [walks.index.tied(a, b) for a, b in pairwise(path)]


@given(twin.logons(most=9))
def test_origins_are_those_of_the_plain_way(logons: list[Logon]) -> None:
    hops, index, walks, _ = build(logons)
    assert walks.hops.origins.tolist() == hops["origins"].to_list()
    for row in range(len(index)):
        origins = origins_of(index, row)
        best = [o for o in origins if o.basis == hops["basis"][row]]
        assert walks.hops.preferred[row] == len(best)
        for origin in origins:
            path = walks.path((origin.hop, row))
            assert (path.certainties[1], path.bases[1]) == (origin.certainty, origin.basis)


ENDED = [
    Logon(0, None, "A", "A", "ann", None),
    Logon(0, None, "B", "A", "ann", None),
    Logon(0, SECOND // 4, "A", "B", "ann", None),
]
"""A session of a whole-second stamp that ended within that second: nothing follows it later in the second."""


@example(ENDED, "A", SECOND // 2, 0)
@given(twin.logons(most=9), st.sampled_from("ABCx"), twin.STAMPS, twin.STAMPS)
def test_reach_and_provenance_are_those_of_the_plain_way(
    logons: list[Logon], host: str, begin: int, length: int
) -> None:
    _, index, walks, _ = build(logons)
    node = index.names.node(host)
    if node is None:
        return
    window = BEGIN + begin, BEGIN + begin + length
    ahead = walks.reach(*window, hosts=[node])
    assert dict(zip(ahead.rows.tolist(), ahead.moments.tolist(), strict=True)) == reach(index, node, *window)
    assert ahead.rows.tolist() == sorted(ahead.rows.tolist())
    back = walks.provenance(*window, hosts=[node])
    assert dict(zip(back.rows.tolist(), back.moments.tolist(), strict=True)) == provenance(index, node, *window)


@given(ESTATES, st.sampled_from(["ann", "bob"]))
def test_reach_of_an_account_and_provenance_of_a_session(logons: list[Logon], account: str) -> None:
    _, index, walks, numbers = build(logons)
    paths = every_path(logons, numbers)
    window = BEGIN, BEGIN + 100 * SECOND
    if account in index.names.accounts:
        ahead = walks.reach(*window, account=index.names.accounts.index(account))
        assert set(ahead.rows.tolist()) == {p[-1] for p in paths if logons[numbers[p[0]]].account == account}
    for row in range(len(index)):
        assert set(walks.provenance(*window, session=row).rows.tolist()) == {p[0] for p in paths if p[-1] == row}
        assert set(walks.reach(*window, session=row).rows.tolist()) == {p[-1] for p in paths if p[0] == row}


@given(ESTATES, st.integers(1, 6))
def test_counts_are_those_of_the_twin(logons: list[Logon], longest: int) -> None:
    _, _, walks, numbers = build(logons)
    lengths = [len(path) for path in every_path(logons, numbers)]
    assert walks.count(longest=longest) == [lengths.count(n) for n in range(1, longest + 1)]


@given(ESTATES, st.data())
def test_counts_by_role(logons: list[Logon], data: st.DataObject) -> None:
    _, index, walks, numbers = build(logons)
    roles = np.array(data.draw(st.lists(st.integers(0, 7), min_size=len(index), max_size=len(index))), np.uint8)
    found = [
        len(p) for p in every_path(logons, numbers)
        if roles[p[0]] & 1 and all(roles[row] & 2 for row in p[1:]) and roles[p[-1]] & 4
    ]  # fmt: skip
    assert walks.count(roles, longest=6) == [found.count(n) for n in range(1, 7)]


WORTHS = st.sampled_from([NEVER, 0, 0, BIT, 3 * BIT, 17])


@st.composite
def weighed(draw: st.DrawFn) -> tuple[list[Logon], Weights]:
    logons = draw(ESTATES)
    worths = st.lists(WORTHS, min_size=len(logons), max_size=len(logons)).map(lambda drawn: np.array(drawn, np.int32))
    return logons, draw(st.builds(Weights, worths, worths, worths, st.sampled_from([0, 1])))


def allowed(weights: Weights, path: tuple[int, ...]) -> bool:
    marks = [weights.first[path[0]], weights.last[path[-1]], *(weights.step[row] for row in path[1:])]
    return all(mark > NEVER // 2 for mark in marks)


@given(weighed(), st.integers(1, 6))
def test_best_endings_are_those_of_the_twin(case: tuple[list[Logon], Weights], longest: int) -> None:
    logons, weights = case
    _, index, walks, numbers = build(logons)
    free = weights._replace(last=np.zeros(len(index), np.int32))
    best, missed = walks.best_endings(weights, longest=longest)
    found = {
        (row, n + 1): int(best[row, n])
        for row in range(len(index))
        for n in range(longest)
        if best[row, n] > NEVER // 2
    }
    expected: dict[tuple[int, int], int] = {}
    for path in every_path(logons, numbers):
        if len(path) <= longest and allowed(free, path):
            end = path[-1], len(path)
            expected[end] = max(expected.get(end, NEVER), score(walks, free, path))
    assert found == expected
    assert not missed


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_best_endings_where_all_pass_one_host(seed: int) -> None:
    """Hundreds of sessions are open there at a time, of few accounts and keys, and close in any order."""
    rng = np.random.default_rng(seed)
    logons = [
        Logon(
            start,
            start + int(rng.exponential(50_000)),
            *((f"H{rng.integers(20)}", "BASTION") if rng.random() < 0.6 else ("BASTION", f"H{rng.integers(20)}")),
            f"u{rng.integers(4)}",
            (None, "SHA256:a", "SHA256:b", "SHA256:c")[rng.integers(4)],
        )
        for start in range(1, 600_000, 1_000)
    ]
    _, index, walks, _ = build(logons)
    worth = rng.integers(-3 * BIT, 9 * BIT, len(index)).astype(np.int32)
    best, _ = walks.best_endings(walks.weights(worth), longest=4)
    assert int(walks.hops.origins.max()) > 20
    expected = np.full((len(index), 4), NEVER, np.int64)
    for row in range(len(index)):  # no two stamps are the same, so that rows are in the order of time
        expected[row, 0] = worth[row]
        for origin in origins_of(index, row):
            link = round(BIT * log2(round(1 / origin.certainty)))
            expected[row, 1:] = np.maximum(expected[row, 1:], expected[origin.hop, :-1] + worth[row] - link)
    assert np.maximum(best, NEVER // 2).tolist() == np.maximum(expected, NEVER // 2).tolist()


@settings(max_examples=300)
@given(weighed(), st.integers(1, 8), st.integers(1, 3), st.booleans())
def test_best_chains_are_the_first_of_all_in_order(
    case: tuple[list[Logon], Weights], limit: int, shortest: int, simple: bool
) -> None:
    logons, weights = case
    _, _, walks, numbers = build(logons)
    hosts = {
        path: [logons[numbers[path[0]]].src, *(logons[numbers[r]].dst for r in path)]
        for path in every_path(logons, numbers)
    }
    candidates = [
        path for path, names in hosts.items()
        if len(path) >= shortest and allowed(weights, path) and (not simple or len(path) == 1 or len(set(names)) == len(names))
    ]  # fmt: skip
    candidates.sort(key=lambda p: (-score(walks, weights, p), len(p), [-row for row in reversed(p)]))
    chains, scores, cut = walks.best_chains(weights, limit=limit, shortest=shortest, simple=simple)
    assert chains == candidates[:limit]
    assert scores == [score(walks, weights, path) for path in candidates[:limit]]
    assert not cut
