"""Many nodes and arrows as a few outlines: an element for each would keep a browser busy for seconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphmap.figures.strokes import Point

    Outline = Sequence[tuple[float, float]]


def _regular(corners: int, turned: float, radius: float) -> list[tuple[float, float]]:
    angles = [turned + 2 * math.pi * corner / corners for corner in range(corners)]
    return [(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]


OUTLINES: dict[str, Outline] = {
    "host": _regular(4, math.pi / 4, math.sqrt(2)),
    "user": _regular(10, 0, 1.0),
    "source": _regular(4, 0, 1.3),
    "key": _regular(6, 0, 1.1),
    "group": _regular(24, 0, 1.0),
}
"""The outline of each kind of node of radius 1, as `graphmap.figures.network.SYMBOLS` has it as a marker."""

ARROW: Outline = ((0.0, 1.0), (0.8, -0.7), (-0.8, -0.7))
"""Of an arrow that points upwards."""


def outlines(
    placed: Iterable[tuple[float, float, float, Outline, float]],
) -> tuple[list[float | None], list[float | None]]:
    """Closed outlines, one after the other: x and y with None between them.

    Parameters
    ----------
    placed
        Middle (x, y), radius, outline, and how far it is turned: degrees clockwise.
    """
    xs: list[float | None] = []
    ys: list[float | None] = []
    for x, y, radius, outline, turned in placed:
        sine, cosine = math.sin(-math.radians(turned)), math.cos(-math.radians(turned))
        for across, up in (*outline, outline[0]):
            xs.append(round(x + radius * (across * cosine - up * sine), 3))
            ys.append(round(y + radius * (across * sine + up * cosine), 3))
        xs.append(None)
        ys.append(None)
    return xs[:-1], ys[:-1]


def filled(name: str, placed: Iterable[tuple[float, float, float, Outline, float]], colour: str) -> dict[str, Any]:
    """A trace of outlines of one colour. They have no edge: Plotly makes an element for each line that ends."""
    xs, ys = outlines(placed)
    return {"name": name, "x": xs, "y": ys, "mode": "none", "fill": "toself", "fillcolor": colour, "hoverinfo": "skip"}


def arrows(points: Iterable[tuple[Point, str]], radius: float) -> list[dict[str, Any]]:
    """Traces of arrows, one for each colour."""
    by_colour: dict[str, list[tuple[float, float, float, Outline, float]]] = {}
    for point, colour in points:
        by_colour.setdefault(colour, []).append((point.x, point.y, radius, ARROW, point.angle))
    return [filled("arrows", placed, colour) for colour, placed in by_colour.items()]
