"""Layouts in straight lines: layers, a column for each segment; time, from the first that was seen to the last."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from graphmap.figures.layout import GAP, SPACING, Band, Layout, Place, disc_of, neighbours_mean, pairs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    Keys = Sequence[tuple[int, str, bool]]

SWEEPS = 12
"""How often the nodes of each column are sorted by their neighbours. More changes little."""

TALLEST = 40
"""Nodes above each other; a segment of more has several columns."""

COLUMN = 3.0 * SPACING
"""Between two columns of a segment: a name has room."""

PAD = 1.2 * SPACING
"""Around the nodes of a band."""

LENGTH = 48.0 * SPACING
"""Of the time axis."""

TICKS = 3
"""On the time axis."""

HOUR = 3600.0
"""Seconds; ticks of a shorter time tell seconds."""


def layer_layout(nodes: pl.DataFrame, links: pl.DataFrame) -> Layout:
    """A column for each segment, what lies in none at the left, the restricted at the right.

    Parameters
    ----------
    nodes
        `id`, `kind`, `segment` and `restricted`; each id once.
    links
        `src` and `dst`, node ids; those of other nodes are left out.

    Notes
    -----
    The nodes of a column are sorted by the mean height of their neighbours, again and again (the barycentre method of
    Sugiyama, Tagawa and Toda, 1981), which leaves few crossings. Cost: O(rounds * (n log n + links)).
    """
    ids, keys = _ordered(nodes)
    members = _members(keys)
    pairs = pairs_of(ids, links)
    heights = np.zeros((len(ids), 1))
    for rows in members.values():
        heights[rows, 0] = _spread(len(rows))
    around = [(np.array(rows), pairs[np.isin(pairs[:, 0], rows)]) for rows in members.values()]
    for _ in range(SWEEPS if len(pairs) else 0):
        for those, mine in around:  # one after the other: two columns that turn at once would cross for ever
            order = np.argsort(neighbours_mean(heights, mine)[those, 0], kind="stable")
            heights[those[order], 0] = _spread(len(those))
    places: dict[str, Place] = {}
    bands: list[Band] = []
    left = 0.0
    for (_, name, restricted), rows in members.items():
        sorted_rows = [rows[n] for n in np.argsort(-heights[rows, 0], kind="stable")]
        columns = math.ceil(len(rows) / TALLEST)
        tall = math.ceil(len(rows) / columns)
        for number, row in enumerate(sorted_rows):
            column, step = divmod(number, tall)
            y = (tall - 1) / 2 - step
            places[ids[row]] = Place(round(left + PAD + column * COLUMN, 3), round(y * SPACING, 3), name)
        right = left + 2 * PAD + (columns - 1) * COLUMN
        high = (tall - 1) / 2 * SPACING + PAD
        bands.append(Band(name, round(left, 3), round(right, 3), round(-high, 3), round(high, 3), restricted))
        left = right + 2.5 * GAP
    return Layout(places, bands=tuple(bands))


def time_layout(nodes: pl.DataFrame) -> Layout:
    """From left to right when each was first seen, in a lane for each segment, the restricted lowest.

    Parameters
    ----------
    nodes
        `id`, `kind`, `segment`, `restricted` and `first`; who has no first time is at the left end.

    Notes
    -----
    Those of a lane that were first seen about the same time stand above each other. Cost: O(n log n).
    """
    ids, keys = _ordered(nodes)
    by_id = dict(nodes.select("id", "first").iter_rows())
    known = [time for time in by_id.values() if time is not None]
    begin, end = (min(known), max(known)) if known else (datetime.fromtimestamp(0, UTC),) * 2
    whole = max((end - begin).total_seconds(), 1.0)
    times = [((by_id[node] or begin) - begin).total_seconds() / whole * LENGTH for node in ids]
    places: dict[str, Place] = {}
    bands: list[Band] = []
    top = 0.0
    for (_, name, restricted), rows in _members(keys).items():
        ends: list[float] = []
        for row in sorted(rows, key=lambda row: (times[row], ids[row])):
            lane = next((n for n, last in enumerate(ends) if last + SPACING <= times[row]), len(ends))
            ends[lane:lane + 1] = [times[row]]  # fmt: skip
            places[ids[row]] = Place(round(times[row], 3), round(top - PAD - lane * SPACING, 3), name)
        low = top - 2 * PAD - (len(ends) - 1) * SPACING
        bands.append(Band(name, -PAD, LENGTH + PAD, round(low, 3), round(top, 3), restricted))
        top = low - GAP
    ticks = tuple(
        (round(LENGTH * part / TICKS, 3), _tick(begin + (end - begin) * part / TICKS, whole))
        for part in range(TICKS + 1)
    )
    return Layout(places, bands=tuple(bands), ticks=ticks if known else ())


def _tick(time: datetime, whole: float) -> str:
    """A moment of a time of so many seconds."""
    moment = time.astimezone(UTC)
    return f"{moment.day} {moment:%b %H:%M}" + (f":{moment:%S}" if whole < HOUR else "")


def _ordered(nodes: pl.DataFrame) -> tuple[list[str], Keys]:
    ordered = nodes.sort("id")
    keys = [disc_of(*row) for row in ordered.select("kind", "segment", "restricted").iter_rows()]
    return ordered["id"].to_list(), keys


def _members(keys: Keys) -> dict[tuple[int, str, bool], list[int]]:
    """Rows by segment, in the order of the picture."""
    found: dict[tuple[int, str, bool], list[int]] = {key: [] for key in sorted(set(keys))}
    for row, key in enumerate(keys):
        found[key].append(row)
    return found


def _spread(many: int) -> NDArray[np.float64]:
    """So many heights around zero, as far apart as fits: columns of few and of many span the same."""
    return (np.arange(many) + 0.5) / many - 0.5
