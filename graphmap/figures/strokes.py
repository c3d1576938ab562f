"""How the links of a network run: curves, arrows, what they look like. All links at once, as arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from graphmap.figures.theme import see_through

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from graphmap.figures.layout import Place
    from graphmap.figures.theme import Theme

    Floats = NDArray[np.float64]

WIDTHS = ((0, 0.8), (10, 1.2), (100, 1.8), (1_000, 2.6))
"""Attempts of a link from which on it is so many pixels wide."""

REFUSED_WIDTH = 1.0
CHAIN_WIDTH = 3.4

BEND = 0.10
"""How far a link bends, as a part of its length: there and back are two lines."""

ARROW = 0.60
"""Where on a link its arrow is."""

DIGIT = 0.40
"""Where on a step of the path its number is."""

CROWD = 150
"""Links from which on they are drawn fainter, so that nodes and names stay in front."""


class Points(NamedTuple):
    """Points of curves, and the direction at each: degrees clockwise from upwards, as a marker's angle."""

    x: Floats
    y: Floats
    angle: Floats


class Curves(NamedTuple):
    """Links from one place to another, bent to their left: starts, control points and ends, a row (x, y) for each."""

    start: Floats
    control: Floats
    end: Floats

    @classmethod
    def between(cls, start: Floats, end: Floats) -> Curves:
        """The links of two columns of places."""
        along = end - start
        left = np.column_stack([-along[:, 1], along[:, 0]])
        return cls(start, (start + end) / 2 + 2 * BEND * left, end)

    def path(self, rows: NDArray[np.intp]) -> str:
        """Some of them as a shape of Plotly has them."""
        numbers = np.hstack([part[rows] for part in self]).tolist()
        return "".join(["M%.3f,%.3fQ%.3f,%.3f %.3f,%.3f" % tuple(row) for row in numbers])  # noqa: UP031 - half the time

    def at(self, part: float) -> Points:
        """The point of each after so much of it."""
        rest = 1 - part
        x, y = (rest * rest * self.start + 2 * rest * part * self.control + part * part * self.end).T
        across, up = (rest * (self.control - self.start) + part * (self.end - self.control)).T
        return Points(x.round(3), y.round(3), (90 - np.degrees(np.arctan2(up, across))).round(1))


class Strokes:
    """The links of a picture.

    Parameters
    ----------
    links
        `graphmap.graph.subgraph.LINKS`; those of a node to itself are not drawn.
    places
        By id.
    steps
        The number of each step of the path that is drawn, by its two ids.
    theme
        Colours.
    """

    def __init__(
        self, links: pl.DataFrame, places: Mapping[str, Place], steps: Mapping[tuple[str, str], int], theme: Theme
    ) -> None:
        self.links = links.filter(pl.col("src") != pl.col("dst")).sort("count", "src", "dst")
        self.theme = theme
        ends = [[places[node][:2] for node in self.links[name].to_list()] for name in ("src", "dst")]
        self.curves = Curves.between(*(np.array(points, dtype=np.float64).reshape(-1, 2) for points in ends))
        pairs = enumerate(self.links.select("src", "dst").iter_rows() if steps else ())
        self.numbers = {row: steps[pair] for row, pair in pairs if pair in steps}
        self.faint = max(0.3, min(1.0, math.sqrt(CROWD / max(self.links.height, 1)))) * (0.45 if steps else 1.0)

    def colours(self) -> list[str]:
        """Of the arrow of each link."""
        accepted, refused = (see_through(one, self.faint) for one in (self.theme.edge, self.theme.failure))
        found = [accepted if count else refused for count in self.links["count"].to_list()]
        for row in self.numbers:
            found[row] = self.theme.risk
        return found

    def shapes(self) -> Iterator[dict[str, Any]]:
        """One shape for all links that look the same: a shape of its own for each would be slow."""
        counts = self.links["count"].to_numpy()
        least, widths = zip(*WIDTHS, strict=True)
        style = np.searchsorted(least, counts, side="right") - 1
        refused, chain = len(WIDTHS), len(WIDTHS) + 1
        style[counts == 0] = refused
        style[list(self.numbers)] = chain
        edge, failure = see_through(self.theme.edge, self.faint), see_through(self.theme.failure, 0.7 * self.faint)
        looks = [
            *((number, edge, width, "solid") for number, width in enumerate(widths)),
            (refused, failure, REFUSED_WIDTH, "5px,4px"),
            (chain, self.theme.risk, CHAIN_WIDTH, "solid"),
        ]
        for number, colour, width, dash in sorted(looks, key=lambda look: look[2]):
            rows = np.flatnonzero(style == number)
            if len(rows):
                line = {"color": colour, "width": width, "dash": dash}
                yield {"type": "path", "layer": "below", "path": self.curves.path(rows), "line": line}

    def digits(self) -> list[tuple[int, float, float]]:
        """The steps of the path, and where their numbers stand (x, y)."""
        if not self.numbers:
            return []
        x, y, _ = self.curves.at(DIGIT)
        return [(number, float(x[row]), float(y[row])) for row, number in self.numbers.items()]
