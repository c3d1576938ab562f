"""The best chains by rarity, certainty and time, blast radius and choke points, against counting them all."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.graph.pivots import paths_between
from graphmap.graph.ranking import By, best_chains, blast_radius, chains_between, choke_points
from graphmap.graph.rarity import surprise
from tests.graph import twin
from tests.graph.test_paths import visits_once
from tests.graph.test_walks import BEGIN, build, every_path
from tests.graph.twin import SECOND, Logon

if TYPE_CHECKING:
    from graphmap.graph.index import Ids
    from graphmap.graph.walks import Walks

END = BEGIN + 100 * SECOND


@given(twin.logons(most=6), st.sampled_from(["AB", "BC", "CA", "xA"]), st.sampled_from(list(By)), st.integers(1, 5))
def test_chains_between_are_the_best_of_all(logons: list[Logon], ends: str, by: By, limit: int) -> None:
    _, index, walks, numbers = build(logons)
    src, dst = index.names.node(ends[0]), index.names.node(ends[1])
    if src is None or dst is None:
        return
    every = [
        path
        for path in every_path(logons, numbers)
        if index.src[path[0]] == src
        and index.dst[path[-1]] == dst
        and visits_once(logons, tuple(numbers[r] for r in path))
    ]
    expected = sorted((worth(walks, path, by) for path in every), reverse=True)[:limit]
    found = chains_between(walks, src, [dst], BEGIN, END, by=by, limit=limit)
    assert found.scores == pytest.approx(expected, abs=1e-3)
    assert {path.rows for path in found.paths} <= set(every)
    assert [worth(walks, path.rows, by) for path in found.paths] == pytest.approx(expected, abs=1e-3)
    assert not found.cut


def worth(walks: Walks, path: tuple[int, ...], by: By) -> float:
    """What a chain is worth, by the words of `By`."""
    if by == By.TIME:
        return -float(walks.index.earliest[path[-1]] - walks.index.earliest[path[0]]) / SECOND
    certainty = sum(log2(c) for c in walks.path(path).certainties)
    return certainty + (float(surprise(walks.index)[list(path)].sum()) if by == By.RARITY else 0.0)


@given(twin.logons(most=6), st.sampled_from(["AB", "BC", "CA", "ABC"]), st.sets(st.integers(0, 5), max_size=2))
def test_by_certainty_it_is_the_plain_search(logons: list[Logon], ends: str, excluded: set[int]) -> None:
    _, index, walks, _ = build(logons)
    src, *goals = (index.names.node(end) for end in ends)
    known = [goal for goal in goals if goal is not None]
    if src is None or len(known) < len(goals):
        return

    def few(rows: Ids) -> Ids:
        return rows[~np.isin(rows, list(excluded))]

    plain = paths_between(index, src, known, BEGIN, END, limit=1000, few=few)
    quick = chains_between(walks, src, known, BEGIN, END, limit=1000, few=few)
    assert [path.rows for path in quick.paths] == [path.rows for path in plain.paths]
    assert [path.certainty for path in quick.paths] == pytest.approx([path.certainty for path in plain.paths])


@given(twin.logons(most=6), st.sampled_from(list(By)), st.integers(1, 6))
def test_best_chains(logons: list[Logon], by: By, limit: int) -> None:
    _, _, walks, numbers = build(logons)
    every = [path for path in every_path(logons, numbers) if len(path) > 1]
    expected = sorted((worth(walks, path, by) for path in every), reverse=True)[:limit]
    assert best_chains(walks, by=by, limit=limit).scores == pytest.approx(expected, abs=1e-3)


@given(twin.logons(most=6), st.sampled_from("ABCx"))
def test_blast_radius(logons: list[Logon], host: str) -> None:
    _, index, walks, numbers = build(logons)
    node = index.names.node(host)
    if node is None:
        return
    segments = {"A": "office", "B": "office", "C": None}
    table = blast_radius(walks, walks.reach(BEGIN, END, hosts=[node]), segments.__getitem__)
    reached = {logons[numbers[p[-1]]].dst for p in every_path(logons, numbers) if logons[numbers[p[0]]].src == host}
    expected = {
        segment: {name for name in reached if segments[name] == segment}
        for segment in {segments[name] for name in reached}
    }
    assert {row["segment"]: set(row["names"]) for row in table.to_dicts()} == expected
    assert all(row["hosts"] == len(row["names"]) for row in table.to_dicts())


@settings(max_examples=60)
@given(twin.logons(most=6), st.sampled_from(["A", "AB"]))
def test_choke_points(logons: list[Logon], segment: str) -> None:
    _, index, walks, numbers = build(logons)
    inside = [node for name in segment if (node := index.names.node(name)) is not None and name in index.names.hosts]
    into = [
        [logons[numbers[row]] for row in path]
        for path in every_path(logons, numbers)
        if len(path) <= 3 and logons[numbers[path[-1]]].dst in segment and logons[numbers[path[-1]]].src not in segment
    ]
    cut: dict[tuple[str, str], int] = {}
    for path in into:
        hosts = {h.src for h in path if h.known} | {h.dst for h in path}
        for thing in [("host", name) for name in hosts - set(segment)] + [
            ("account", n) for n in {h.account for h in path}
        ]:
            cut[thing] = cut.get(thing, 0) + 1
    table = choke_points(walks, inside, BEGIN, END, max_hops=3, limit=100)
    assert {(row["kind"], row["name"]): row["cut"] for row in table.to_dicts() if row["cut"]} == cut
    assert all(row["chains"] == len(into) for row in table.to_dicts())
