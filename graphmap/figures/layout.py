"""Where nodes are drawn: a disc for each segment, the restricted ones at the right.

The same nodes and links always give the same places. A disc grows in steps, so its neighbours seldom move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.graph.grouping import APART
from graphmap.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Points = NDArray[np.float64]

SPACING = 1.0
"""Length that two nodes of a disc are apart, about; everything else is a multiple of it."""

GAP = 1.4
"""Between discs; a disc's name has room in it."""

ROUNDS = 12
"""How often nodes move towards their neighbours. More changes little."""

GOLDEN = math.pi * (3 - math.sqrt(5))
"""Angle between a slot of a disc and the next one: a sunflower's seeds are nowhere closer than elsewhere."""

WIDE = 1.3
"""Width of the whole picture over its height, about."""


class Place(NamedTuple):
    """Where a node is, and the name of its disc."""

    x: float
    y: float
    disc: str


class Disc(NamedTuple):
    """A disc; `restricted` as the inventory says of the segment."""

    name: str
    x: float
    y: float
    radius: float
    restricted: bool
    spacing: float = SPACING  # that two of its nodes are apart, about


class Band(NamedTuple):
    """A segment where it is no disc: a rectangle."""

    name: str
    left: float
    right: float
    low: float
    high: float
    restricted: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Places by node id, the discs or bands that they lie in, and what is written along the lower side: x and text."""

    places: dict[str, Place]
    discs: tuple[Disc, ...] = ()
    bands: tuple[Band, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()


def disc_layout(nodes: pl.DataFrame, links: pl.DataFrame) -> Layout:
    """Place nodes.

    Parameters
    ----------
    nodes
        `id`, `kind`, `segment` and `restricted`; each id once.
    links
        `src` and `dst`, node ids; those of other nodes are left out.

    Notes
    -----
    Nodes of a disc are moved towards the mean of their neighbours for some rounds, and take the slots of the disc in
    that order. Cost: O(rounds * (n log n + links)).
    """
    ordered = nodes.sort("id")
    ids = ordered["id"].to_list()
    groups = [disc_of(*row) for row in ordered.select("kind", "segment", "restricted").iter_rows()]
    members: dict[tuple[int, str, bool], list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    every = sorted(members)
    discs = packed([(name, restricted, len(members[(rank, name, restricted)])) for rank, name, restricted in every])
    slots = [(members[key], slots_of(disc, len(members[key]))) for key, disc in zip(every, discs, strict=True)]
    points = np.zeros((len(ids), 2))
    for rows, places in slots:
        points[rows] = places
    pairs = pairs_of(ids, links)
    for _ in range(ROUNDS if len(pairs) else 0):
        wanted = neighbours_mean(points, pairs)
        for rows, places in slots:
            points[rows] = matched(wanted[rows], places)
    places_of = {
        node: Place(round(float(x), 3), round(float(y), 3), group[1])
        for node, (x, y), group in zip(ids, points, groups, strict=True)
    }
    return Layout(places_of, tuple(discs))


def disc_of(kind: str, segment: str | None, restricted: bool | None) -> tuple[int, str, bool]:  # noqa: FBT001 - a column
    """Rank from the left, name, whether it is restricted."""
    name = segment or APART[NodeKind(kind)]
    if name in APART.values():
        return list(APART.values()).index(name), name, bool(restricted)
    return len(APART) + bool(restricted), name, bool(restricted)


def packed(sizes: Sequence[tuple[str, bool, int]]) -> list[Disc]:
    """Discs in columns, in their order; of several heights the one that makes the picture's shape nearest to WIDE."""
    radii = [SPACING * (0.62 * math.sqrt(_capacity(size)) + 0.55) for _, _, size in sizes]
    tallest = max((2 * radius for radius in radii), default=0.0)
    every = sum(2 * radius + GAP for radius in radii)
    tried = [_columns(sizes, radii, tallest + (every - tallest) * part / 8) for part in range(9)]
    columns = min(tried, key=lambda columns: _shape(columns, radii))
    discs: dict[int, Disc] = {}
    left = 0.0
    for column in columns:
        width = 2 * max(radii[number] for number in column)
        top = _height(column, radii) / 2
        for number in column:
            name, restricted, _ = sizes[number]
            x, y = left + width / 2, top - radii[number]
            discs[number] = Disc(name, round(x, 3), round(y, 3), round(radii[number], 3), restricted)
            top -= 2 * radii[number] + GAP
        left += width + GAP
    return [discs[number] for number in range(len(sizes))]


def _columns(sizes: Sequence[tuple[str, bool, int]], radii: Sequence[float], height: float) -> list[list[int]]:
    """Discs by column, none higher than `height`; the restricted ones have columns of their own."""
    columns: list[list[int]] = []
    for number in range(len(sizes)):
        before = columns[-1] if columns else None
        apart = before is not None and sizes[before[-1]][1] != sizes[number][1]
        if before is None or apart or _height([*before, number], radii) > height + 1e-9:
            columns.append([number])
        else:
            before.append(number)
    return columns


def _height(column: Sequence[int], radii: Sequence[float]) -> float:
    return sum(2 * radii[number] + GAP for number in column) - GAP


def _shape(columns: Sequence[Sequence[int]], radii: Sequence[float]) -> float:
    """How far the shape of a picture is from WIDE."""
    width = sum(2 * max(radii[number] for number in column) + GAP for column in columns) - GAP
    height = max((_height(column, radii) for column in columns), default=1.0)
    return abs(math.log(max(width, 1e-9) / height / WIDE))


def _capacity(size: int) -> int:
    """The slots of a disc: the next power of two, so that it seldom grows; at least four."""
    return 1 << max(2, (size - 1).bit_length())


def slots_of(disc: Disc, size: int) -> Points:
    """The first slots of a disc, spread over all of it."""
    number = np.arange(size)
    radius = (disc.radius - 0.5 * SPACING) * np.sqrt((number + 0.5) / size) if size > 1 else np.zeros(1)
    angle = number * GOLDEN
    return np.column_stack([disc.x + radius * np.cos(angle), disc.y + radius * np.sin(angle)])


def pairs_of(ids: Sequence[str], links: pl.DataFrame) -> NDArray[np.int64]:
    """Links as pairs of row numbers, both ways, without loops."""
    rows = pl.DataFrame({"id": ids, "row": range(len(ids))}, schema={"id": pl.String, "row": pl.Int64})
    found = (
        links.select("src", "dst")
        .filter(pl.col("src") != pl.col("dst"))
        .join(rows, left_on="src", right_on="id")
        .join(rows, left_on="dst", right_on="id", suffix="_dst")
        .select("row", "row_dst")
        .unique()
        .sort("row", "row_dst")
        .to_numpy()
    )
    return np.concatenate([found, found[:, ::-1]])


def neighbours_mean(points: Points, pairs: NDArray[np.int64]) -> Points:
    """For each node the mean of its neighbours' places; its own where it has none."""
    total = np.zeros_like(points)
    np.add.at(total, pairs[:, 0], points[pairs[:, 1]])
    number = np.bincount(pairs[:, 0], minlength=len(points))
    return np.where(number[:, None] > 0, total / np.maximum(number, 1)[:, None], points)


def matched(wanted: Points, slots: Points) -> Points:
    """For each wanted place a slot near it: both are cut into strips by x, each strip is ordered by y, and paired."""
    strips = math.ceil(math.sqrt(len(slots)))
    taken = np.empty_like(slots)
    taken[_strip_order(wanted, strips)] = slots[_strip_order(slots, strips)]
    return taken


def _strip_order(points: Points, strips: int) -> NDArray[np.int64]:
    by_x = np.argsort(points[:, 0], kind="stable")
    parts = [part[np.argsort(points[part, 1], kind="stable")] for part in np.array_split(by_x, strips)]
    return np.concatenate(parts)
