"""Nodes lie in the discs of their segments, apart from each other, and stay where they are."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.figures.layout import Layout, disc_layout
from graphmap.graph.grouping import APART

SEGMENTS = {None: False, "office": False, "dmz": False, "vault": True}

NODES = st.lists(
    st.tuples(st.sampled_from(["host", "source"]), st.integers(0, 200), st.sampled_from(list(SEGMENTS))),
    unique_by=lambda node: node[:2],
    max_size=60,
)


def laid_out(nodes: list[Any], links: list[tuple[int, int]]) -> tuple[Layout, pl.DataFrame]:
    rows = [(f"{kind}:{n}", kind, segment, SEGMENTS[segment]) for kind, n, segment in nodes]
    table = pl.DataFrame(
        rows,
        schema={"id": pl.String, "kind": pl.String, "segment": pl.String, "restricted": pl.Boolean},
        orient="row",
    )
    ends = [(rows[a % len(rows)][0], rows[b % len(rows)][0]) for a, b in links if rows]
    return disc_layout(table, pl.DataFrame(ends, schema={"src": pl.String, "dst": pl.String}, orient="row")), table


LINKS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=80)


@given(NODES, LINKS)
def test_every_node_lies_in_its_disc_and_no_two_at_one_place(nodes: list[Any], links: list[tuple[int, int]]) -> None:
    layout, table = laid_out(nodes, links)
    discs = {disc.name: disc for disc in layout.discs}
    assert set(layout.places) == set(table["id"])
    for node, kind, segment, restricted in table.iter_rows():
        place = layout.places[node]
        disc = discs[place.disc]
        assert place.disc == (segment or APART[kind])
        assert disc.restricted == restricted
        assert math.dist(place[:2], (disc.x, disc.y)) < disc.radius
    for one, other in combinations(layout.places.values(), 2):
        assert math.dist(one[:2], other[:2]) > 0.35


@given(NODES, LINKS)
def test_discs_do_not_meet_and_the_restricted_are_at_the_right(nodes: list[Any], links: list[tuple[int, int]]) -> None:
    layout, _ = laid_out(nodes, links)
    for one, other in combinations(layout.discs, 2):
        assert math.dist((one.x, one.y), (other.x, other.y)) > one.radius + other.radius
        if one.restricted < other.restricted:
            assert one.x < other.x


@given(NODES, st.randoms())
def test_the_order_of_rows_changes_nothing(nodes: list[Any], random: Any) -> None:
    layout, table = laid_out(nodes, [])
    shuffled = table.sample(fraction=1, shuffle=True, seed=random.randrange(1000))
    assert disc_layout(shuffled, pl.DataFrame(schema={"src": pl.String, "dst": pl.String})) == layout
