"""Whatever comes to a picture, what was there stays; every way of laying out is the same for the same data."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.figures.growing import group_layout, grown
from graphmap.figures.layout import disc_layout
from graphmap.figures.ways import Arrangement, lay_out

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEGMENTS = {None: False, "office": False, "vault": True}
NODES = st.lists(
    st.tuples(st.sampled_from(["host", "user"]), st.integers(0, 99), st.sampled_from(list(SEGMENTS))),
    unique_by=lambda node: node[:2],
    min_size=1,
    max_size=50,
)
PAIRS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=60)


def tables(nodes: list[Any], pairs: list[tuple[int, int]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [
        (f"{kind}:{n}", kind, segment, SEGMENTS[segment], NOON + timedelta(minutes=n) if n % 7 else None)
        for kind, n, segment in nodes
    ]
    table = pl.DataFrame(
        rows,
        schema={
            "id": pl.String, "kind": pl.String, "segment": pl.String, "restricted": pl.Boolean,
            "first": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )  # fmt: skip
    ends = [(rows[a % len(rows)][0], rows[b % len(rows)][0]) for a, b in pairs]
    return table, pl.DataFrame(ends, schema={"src": pl.String, "dst": pl.String}, orient="row")


@given(NODES, PAIRS, st.integers(1, 50), st.integers(1, 50))
def test_old_places_are_equal_however_many_come(nodes: list[Any], pairs: list[Any], first: int, second: int) -> None:
    table, links = tables(nodes, pairs)
    layout = disc_layout(table.head(first), links)
    more = grown(layout, table.head(first + second), links)
    every = grown(more, table, links)
    assert layout.places.items() <= more.places.items() <= every.places.items()
    assert set(every.places) == set(table["id"])
    assert every.discs[: len(layout.discs)] == layout.discs
    for one, other in combinations(every.places.values(), 2):
        assert math.dist(one[:2], other[:2]) > 0.3
    for disc, next_disc in combinations(every.discs, 2):
        assert math.dist((disc.x, disc.y), (next_disc.x, next_disc.y)) > disc.radius + next_disc.radius


@given(st.integers(1, 400))
def test_an_opened_group_has_room_for_its_members_within_its_disc(members: int) -> None:
    layout = group_layout([("office", False, members), ("vault", True, 3)])
    assert set(layout.places) == {"group:office", "group:vault"}
    table, links = tables([("host", n, "office") for n in range(members)], [])
    opened = grown(layout, table, links)
    (disc,) = [disc for disc in opened.discs if disc.name == "office"]
    assert len(opened.discs) == 2
    assert all(math.dist(opened.places[node][:2], (disc.x, disc.y)) < disc.radius for node in table["id"])
    assert len({place[:2] for place in opened.places.values()}) == members + 2


@pytest.mark.parametrize("way", Arrangement)
@given(NODES, PAIRS, st.randoms())
def test_each_way_has_a_place_for_each_node_and_ignores_the_order_of_rows(
    way: Arrangement, nodes: list[Any], pairs: list[Any], random: Any
) -> None:
    table, links = tables(nodes, pairs)
    layout = lay_out(way, table, links)
    assert set(layout.places) == set(table["id"])
    assert all(math.isfinite(value) for place in layout.places.values() for value in place[:2])
    shuffled = table.sample(fraction=1, shuffle=True, seed=random.randrange(1000))
    assert lay_out(way, shuffled, links) == layout
    for band in layout.bands:
        inside = [place for place in layout.places.values() if place.disc == band.name]
        assert inside
        assert all(band.left <= x <= band.right and band.low <= y <= band.high for x, y, _ in inside)
    if way != Arrangement.FORCE:
        assert len({place[:2] for place in layout.places.values()}) == table.height


@given(NODES)
def test_time_runs_to_the_right(nodes: list[Any]) -> None:
    table, _ = tables(nodes, [])
    places = lay_out(Arrangement.TIME, table, table.clear()).places
    timed = table.drop_nulls("first").sort("first")["id"].to_list()
    xs = [places[node].x for node in timed]
    assert xs == sorted(xs)


def test_force_brings_the_linked_together() -> None:
    table, links = tables([("host", n, None) for n in range(1, 13)], [(0, 1), (2, 3)])
    places = lay_out(Arrangement.FORCE, table, links).places
    ids = table["id"].to_list()
    near = math.dist(places[ids[0]][:2], places[ids[1]][:2])
    far = [math.dist(places[ids[0]][:2], places[node][:2]) for node in ids[2:]]
    assert near < min(far)


def test_layers_put_the_restricted_at_the_right_and_untangle() -> None:
    nodes = [("host", n, "office") for n in range(6)] + [("host", 10 + n, "vault") for n in range(6)]
    table, links = tables(nodes, [(n, 11 - n) for n in range(6)])
    places = lay_out(Arrangement.LAYERS, table, links).places
    assert all(places[f"host:{n}"].x < places[f"host:{10 + n}"].x for n in range(6))
    office = sorted(range(6), key=lambda n: places[f"host:{n}"].y)
    vault = sorted(range(6), key=lambda n: places[f"host:{15 - n}"].y)
    assert office == vault
