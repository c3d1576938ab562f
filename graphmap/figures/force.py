"""Where nodes come to rest that push each other away while links pull them together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from graphmap.figures.layout import SPACING, Layout, Place, disc_layout, disc_of, pairs_of

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

ROUNDS = 80
"""Steps until everything rests; each may be shorter than the one before."""

SAMPLE = 600
"""Most nodes of which each is pushed: of more, a fixed sample of them stands for all."""

BLOCK = 64
"""Nodes whose push is reckoned at once."""

ROOM = 1.6 * SPACING
"""Length at which pull and push of two linked nodes are even."""

SEED = 7
"""Of the sample: the same nodes always give the same picture."""


def force_layout(nodes: pl.DataFrame, links: pl.DataFrame) -> Layout:
    """Place nodes near those they are linked with.

    Parameters
    ----------
    nodes
        `id`, `kind`, `segment` and `restricted`; each id once.
    links
        `src` and `dst`, node ids; those of other nodes are left out.

    Notes
    -----
    The spring model of Fruchterman and Reingold (1991), with a weak pull to the middle so that no part drifts away. It
    begins at the discs of the segments: without a random start, the same data gives the same picture. Cost: O(rounds *
    (n * SAMPLE + links)).
    """
    begin = disc_layout(nodes, links)
    ids = sorted(begin.places)
    points = np.array([begin.places[node][:2] for node in ids]).reshape(-1, 2)
    if len(ids) > 1:
        points = _rested(points - points.mean(axis=0), pairs_of(ids, links))
    discs = dict(zip(nodes["id"], map(disc_of, nodes["kind"], nodes["segment"], nodes["restricted"]), strict=True))
    return Layout(
        {
            node: Place(round(float(x), 3), round(float(y), 3), discs[node][1])
            for node, (x, y) in zip(ids, points, strict=True)
        }
    )


def _rested(points: Points, pairs: NDArray[np.int64]) -> Points:
    many = len(points)
    random = np.random.default_rng(SEED)
    wide = ROOM * math.sqrt(many)
    points = points * (wide / max(float(np.abs(points).max()), 1e-9)) / 2
    for step in range(ROUNDS):
        sample = random.choice(many, SAMPLE, replace=False) if many > SAMPLE else np.arange(many)
        force = _push(points, points[sample]) * (many / len(sample))
        if len(pairs):
            apart = points[pairs[:, 1]] - points[pairs[:, 0]]
            pull = apart * np.sqrt((apart**2).sum(axis=1, keepdims=True)) / ROOM
            np.add.at(force, pairs[:, 0], pull / np.bincount(pairs[:, 0], minlength=many)[pairs[:, 0], None] ** 0.5)
        force -= 0.6 * points
        length = np.maximum(np.sqrt((force**2).sum(axis=1, keepdims=True)), 1e-9)
        points = points + force / length * np.minimum(length, wide * 0.12 * (1 - step / ROUNDS))
    return points


def _push(points: Points, others: Points) -> Points:
    """What pushes each point away from others: the sum of (point - other) * ROOM^2 / distance^2.

    In single precision and so many points at a time that all stays in the processor's cache.
    """
    those = others.astype(np.float32)
    pushed = np.empty_like(points)
    for begin in range(0, len(points), BLOCK):
        mine = points[begin : begin + BLOCK].astype(np.float32)
        apart = [mine[:, axis, None] - those[:, axis] for axis in (0, 1)]
        weight = apart[0] ** 2
        weight += apart[1] ** 2
        np.maximum(weight, np.float32((0.1 * ROOM) ** 2), out=weight)
        np.divide(np.float32(ROOM**2), weight, out=weight)
        for axis in (0, 1):
            pushed[begin : begin + BLOCK, axis] = np.multiply(apart[axis], weight, out=apart[axis]).sum(axis=1)
    return pushed
