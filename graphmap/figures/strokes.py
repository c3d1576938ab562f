"""How the links of a network run: curves, arrows, what they look like."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmap.figures.theme import see_through

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphmap.figures.layout import Place
    from graphmap.figures.theme import Theme

WIDTHS = ((1_000, 2.6), (100, 1.8), (10, 1.2), (0, 0.8))
"""Attempts of a link from which on it is so many pixels wide."""

CHAIN_WIDTH = 3.4

BEND = 0.10
"""How far a link bends, as a part of its length: there and back are two lines."""

ARROW = 0.60
"""Where on a link its arrow is."""

CROWD = 150
"""Links from which on they are drawn fainter, so that nodes and names stay in front."""


class Point(NamedTuple):
    """A point of a curve, and the direction there: degrees clockwise from upwards, as a marker's angle."""

    x: float
    y: float
    angle: float


class Curve(NamedTuple):
    """A link from one node to another: start, control point and end."""

    x0: float
    y0: float
    cx: float
    cy: float
    x1: float
    y1: float

    @classmethod
    def between(cls, start: Place, end: Place) -> Curve:
        """The link of two places, bent to its left."""
        across, up = end.x - start.x, end.y - start.y
        middle = (start.x + end.x) / 2 - 2 * BEND * up, (start.y + end.y) / 2 + 2 * BEND * across
        return cls(start.x, start.y, *middle, end.x, end.y)

    def path(self) -> str:
        """As a shape of Plotly has it."""
        return f"M{self.x0:.3f},{self.y0:.3f}Q{self.cx:.3f},{self.cy:.3f} {self.x1:.3f},{self.y1:.3f}"

    def at(self, part: float) -> Point:
        """The point after so much of it."""
        rest = 1 - part
        x = rest * rest * self.x0 + 2 * rest * part * self.cx + part * part * self.x1
        y = rest * rest * self.y0 + 2 * rest * part * self.cy + part * part * self.y1
        across = rest * (self.cx - self.x0) + part * (self.x1 - self.cx)
        up = rest * (self.cy - self.y0) + part * (self.y1 - self.cy)
        return Point(round(x, 3), round(y, 3), round(90 - math.degrees(math.atan2(up, across)), 1))


class Strokes:
    """The links of a picture.

    Parameters
    ----------
    links
        Rows of `graphmap.graph.subgraph.LINKS`, none of a node to itself.
    places
        By id.
    steps
        The number of each step of the path that is drawn, by its two ids.
    theme
        Colours.
    """

    def __init__(
        self,
        links: Sequence[dict[str, Any]],
        places: Mapping[str, Place],
        steps: Mapping[tuple[str, str], int],
        theme: Theme,
    ) -> None:
        self.links, self.theme, self.steps = links, theme, steps
        self.curves = [Curve.between(places[link["src"]], places[link["dst"]]) for link in links]
        self.faint = max(0.3, min(1.0, math.sqrt(CROWD / max(len(links), 1)))) * (0.45 if steps else 1.0)

    def number(self, link: dict[str, Any]) -> int | None:
        """Which step of the path a link is."""
        return self.steps.get((link["src"], link["dst"]))

    def colour(self, link: dict[str, Any]) -> str:
        """Of its arrow."""
        if self.number(link):
            return self.theme.risk
        return see_through(self.theme.edge if link["count"] else self.theme.failure, self.faint)

    def shapes(self) -> Iterator[dict[str, Any]]:
        """One shape for all links that look the same: a shape of its own for each would be slow."""
        paths: dict[tuple[str, float, str], list[str]] = {}
        for link, curve in zip(self.links, self.curves, strict=True):
            paths.setdefault(self._style(link), []).append(curve.path())
        for (colour, width, dash), parts in sorted(paths.items(), key=lambda item: item[0][1]):
            line = {"color": colour, "width": width, "dash": dash}
            yield {"type": "path", "layer": "below", "path": "".join(parts), "line": line}

    def _style(self, link: dict[str, Any]) -> tuple[str, float, str]:
        if self.number(link):
            return self.theme.risk, CHAIN_WIDTH, "solid"
        if not link["count"]:
            return see_through(self.theme.failure, 0.7 * self.faint), 1.0, "5px,4px"
        width = next(width for least, width in WIDTHS if link["count"] >= least)
        return see_through(self.theme.edge, self.faint), width, "solid"

    def digits(self) -> list[tuple[int, Point]]:
        """The steps of the path, and where their numbers stand."""
        pairs = zip(self.links, self.curves, strict=True)
        return [(number, curve.at(0.4)) for link, curve in pairs if (number := self.number(link))]
