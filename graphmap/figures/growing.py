"""Places for nodes that come to a picture: what is there already stays where it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.figures.layout import (
    GAP,
    Disc,
    Layout,
    Place,
    disc_of,
    matched,
    neighbours_mean,
    packed,
    pairs_of,
    slots_of,
)
from graphmap.graph.grouping import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Points = NDArray[np.float64]

CHOICE = 4
"""Places that a disc offers for each node that has room in it."""

NEAR = 0.6
"""Least distance of two nodes of a disc, as a part of its spacing."""

GROWTH = 0.7
"""Power of the number of a group's members by which its disc grows."""

MIDDLE = 3
"""Slots around the middle of a disc that are left to its group."""

INSIDE = 400
"""Members of a group for which its disc has room."""


def group_layout(groups: Iterable[tuple[str, bool, int]]) -> Layout:
    """A disc for each group, with the node ``group:NAME`` in its middle, and room for its members.

    Parameters
    ----------
    groups
        Name, whether it is restricted, number of members.
    """
    ranked = sorted((*disc_of(GROUP, name, restricted), members) for name, restricted, members in groups)
    sizes = [(name, restricted, max(4, int(min(count, 1000) ** GROWTH))) for _, name, restricted, count in ranked]
    discs = [
        disc._replace(spacing=_spacing(disc.radius, min(members, INSIDE)))
        for disc, (_, _, _, members) in zip(packed(sizes), ranked, strict=True)
    ]
    return Layout({f"{GROUP}:{disc.name}": Place(disc.x, disc.y, disc.name) for disc in discs}, tuple(discs))


def _spacing(radius: float, members: int) -> float:
    """How far apart so many nodes lie in a disc."""
    return min(1.0, radius / (0.62 * math.sqrt(max(members, 4)) + 0.55))


def grown(layout: Layout, nodes: pl.DataFrame, links: pl.DataFrame) -> Layout:
    """Place the nodes that have no place yet.

    Parameters
    ----------
    layout
        Its places and discs stay as they are.
    nodes
        `id`, `kind`, `segment` and `restricted`, of those with a place too.
    links
        `src` and `dst`, node ids; a newcomer comes near its neighbours.

    Notes
    -----
    Where a disc has no room left, or there is none of that name, another is put beneath the picture. Cost: linear in
    the nodes that have a place; for the newcomers of a disc, their number times the room it offers.
    """
    new = nodes.filter(~pl.col("id").is_in(list(layout.places))).sort("id")
    if new.is_empty():
        return layout
    wanted = _wanted(layout, new["id"].to_list(), links)
    places, discs = dict(layout.places), list(layout.discs)
    members: dict[tuple[int, str, bool], list[str]] = {}
    for node, *row in new.select("id", "kind", "segment", "restricted").iter_rows():
        members.setdefault(disc_of(*row), []).append(node)
    rest: list[tuple[str, bool, list[str]]] = []
    for (_, name, restricted), ids in sorted(members.items()):
        left = ids
        for disc in [one for one in discs if one.name == name]:
            left = _settle(places, disc, left, wanted)
        if left:
            rest.append((name, restricted, left))
    for disc, (_, _, ids) in zip(_beneath(layout, rest), rest, strict=True):
        discs.append(disc)
        for node, (x, y) in zip(ids, slots_of(disc, len(ids)), strict=True):
            places[node] = _place(x, y, disc.name)
    return Layout(places, tuple(discs), layout.bands, layout.ticks)


def _place(x: float, y: float, disc: str) -> Place:
    return Place(round(float(x), 3), round(float(y), 3), disc)


def _wanted(layout: Layout, new: Sequence[str], links: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """For each newcomer that knows somebody the mean of their places."""
    ids = [*layout.places, *new]
    points = np.array([place[:2] for place in layout.places.values()] + [(np.nan, np.nan)] * len(new))
    pairs = pairs_of(ids, links)
    known = pairs[pairs[:, 1] < len(layout.places)]
    means = neighbours_mean(points, known)[len(layout.places) :]
    return {node: (x, y) for node, (x, y) in zip(new, means.tolist(), strict=True) if not math.isnan(x)}


def _settle(
    places: dict[str, Place], disc: Disc, ids: Sequence[str], wanted: dict[str, tuple[float, float]]
) -> list[str]:
    """Give each the free place of a disc that is nearest to where it wants to be; those left over come back."""
    there = np.array([place[:2] for place in places.values() if place.disc == disc.name]).reshape(-1, 2)
    if len(there) <= 1 and len(ids) > 1:
        return _spread(places, disc, ids, wanted)
    room = int(CHOICE * max(4, (disc.radius / disc.spacing / 0.62) ** 2))
    slots = slots_of(disc, room)
    free = np.ones(room, dtype=bool)
    for point in there:
        free &= ~_close(slots, point, disc)
    for number, node in enumerate(ids):
        if not free.any():
            return list(ids[number:])
        aim = np.array(wanted.get(node, (disc.x, disc.y)))
        distance = np.where(free, ((slots - aim) ** 2).sum(axis=1), np.inf)
        chosen = slots[int(distance.argmin())]
        places[node] = _place(chosen[0], chosen[1], disc.name)
        free &= ~_close(slots, chosen, disc)
    return []


def _spread(
    places: dict[str, Place], disc: Disc, ids: Sequence[str], wanted: dict[str, tuple[float, float]]
) -> list[str]:
    """The same where a disc has nobody but perhaps its group, in the middle: they take all of it."""
    room = int(max(4, (disc.radius / disc.spacing / 0.62) ** 2))
    some, rest = ids[:room], ids[room:]
    slots = slots_of(disc, len(some) + MIDDLE)[MIDDLE:]
    aims = np.array([wanted.get(node, (disc.x, disc.y)) for node in some])
    for node, (x, y) in zip(some, matched(aims, slots), strict=True):
        places[node] = _place(x, y, disc.name)
    return list(rest)


def _close(slots: Points, point: Points, disc: Disc) -> NDArray[np.bool_]:
    close: NDArray[np.bool_] = ((slots - point) ** 2).sum(axis=1) < (NEAR * disc.spacing) ** 2
    return close


def _beneath(layout: Layout, rest: Sequence[tuple[str, bool, list[str]]]) -> list[Disc]:
    """Discs for those without one, beneath all that is there."""
    made = packed([(name, restricted, len(ids)) for name, restricted, ids in rest])
    corners = [(disc.x - disc.radius, disc.y - disc.radius) for disc in layout.discs]
    corners += [(band.left, band.low) for band in layout.bands]
    corners += [(place.x, place.y) for place in layout.places.values()]
    if not made or not corners:
        return made
    left, low = map(min, zip(*corners, strict=True))
    right, top = left - min(d.x - d.radius for d in made), low - GAP - max(d.y + d.radius for d in made)
    return [disc._replace(x=round(disc.x + right, 3), y=round(disc.y + top, 3)) for disc in made]
