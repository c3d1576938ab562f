"""Users, hosts, sources and keys, a disc for each segment.

Shape tells the kind of a node, colour its segment, role or risk, width how often a link was used, dashes that it was
only tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from graphmap.figures import swarm
from graphmap.figures.captions import Caption, captions
from graphmap.figures.colouring import Colour, Colouring, Swatch
from graphmap.figures.layout import Layout, disc_layout
from graphmap.figures.regions import Regions
from graphmap.figures.strokes import ARROW, CROWD, Strokes
from graphmap.figures.theme import LIGHT, Theme
from graphmap.figures.words import of_link, of_node, on, short
from graphmap.graph.grouping import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

SYMBOLS = {"host": "square", "user": "circle", "source": "diamond", "key": "hexagon2", GROUP: "circle"}

SIZES = (10.0, 22.0)
"""Pixels of the smallest and largest node."""

GROUPS = (22.0, 46.0)
"""The same of a group, by its members."""

CLOSE = (0.4, 0.75)
"""The same at most, as parts of the space that a node has."""

MARGIN = 54.0
"""Pixels around everything; the topmost name has room there."""

FOOT = 14.0
"""More of them below, where a page has its legend."""

ALIKE = (0.8, 1.2)
"""How far a scale may be from the one that fits for the edge of the picture to count."""

FULL = (400, 1_600)
"""Most nodes and links that are markers; more are drawn as outlines, many in one element."""

ARROWED = 1_000
"""Most nodes whose links have arrows."""

NAMED = 150
"""Most names of nodes that are drawn as outlines."""


@dataclass(frozen=True, slots=True)
class View:
    """How a network is drawn.

    Parameters
    ----------
    width, height
        Pixels. Labels are placed for this size.
    theme
        Colours.
    labels
        Whether nodes are named; segments always are.
    path
        Ids of nodes that are drawn as a chain, in its order.
    selected
        Id of the node that is drawn with a ring.
    colour
        What colours say.
    segments
        All segments and whether each is restricted, so that each keeps its colour whatever is drawn; empty for those
        that are drawn.
    scale
        Pixels of a unit, of who looks at a part; None to fit everything.
    """

    width: int = 1000
    height: int = 640
    theme: Theme = LIGHT
    labels: bool = True
    path: tuple[str, ...] = ()
    selected: str | None = None
    colour: Colour = Colour.SEGMENT
    segments: tuple[tuple[str, bool], ...] = ()
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, what its colours say, and where each node is.

    `places` has `id`, `x`, `y` and `size` (pixels) of each node, in the order in which they are drawn and named.
    """

    figure: go.Figure
    legend: list[Swatch] = field(default_factory=list)
    places: list[tuple[str, float, float, float]] = field(default_factory=list)


def network(
    nodes: pl.DataFrame, links: pl.DataFrame, view: View | None = None, layout: Layout | None = None
) -> go.Figure:
    """Draw a part of the graph.

    Parameters
    ----------
    nodes
        `id`, `kind`, `name`, `segment`, `restricted`, `degree`, `count`, `failures`; each id once. A node of kind
        ``group`` has `members` too (`graphmap.graph.grouping.fold`). `roles` and `risk` (a severity) are used where
        colours say them.
    links
        `graphmap.graph.subgraph.LINKS` between them.
    view
        How; None for the default.
    layout
        Where; None to lay out these nodes alone in discs (`disc_layout`). It may have more nodes than are drawn, which
        keeps every node at its place whatever else is shown.

    Returns
    -------
    Figure. Up to FULL its nodes and links are points, whose `customdata` has the id of the node, or of both nodes of a
    link; more are outlines.
    """
    return picture(nodes, links, view, layout).figure


def picture(
    nodes: pl.DataFrame, links: pl.DataFrame, view: View | None = None, layout: Layout | None = None
) -> Picture:
    """As `network`, with what a page needs to know of it."""
    plan = _Plan(nodes, links, view or View(), layout or disc_layout(nodes, links))
    figure = go.Figure(layout=plan.layout(), data=list(plan.traces()))
    places = [(row["id"], *plan.places[row["id"]][:2], round(plan.size(row), 1)) for row in plan.rows]
    return Picture(figure, plan.colours.legend(), places)


class _Plan:
    """All that is drawn, in order."""

    def __init__(self, nodes: pl.DataFrame, links: pl.DataFrame, view: View, layout: Layout) -> None:
        self.view, self.theme = view, view.theme
        self.rows = sorted(nodes.iter_rows(named=True), key=self._importance)
        self.places = {row["id"]: layout.places[row["id"]] for row in self.rows}
        steps = list(zip(view.path, view.path[1:], strict=False))
        numbers = {step: number for number, step in reversed(list(enumerate(steps, 1)))}
        self.strokes = Strokes(links, self.places, numbers, self.theme)
        self.regions = Regions(layout, self.places.values())
        self.colours = Colouring(self.theme, view.colour, self.rows, view.segments or self.regions.segments(layout))
        self.most = max(16, *(row["degree"] or 0 for row in self.rows), 0)
        self.dense = len(self.rows) > FULL[0] or self.strokes.links.height > FULL[1]
        self._fit(math.sqrt(len(layout.places) / max(len(self.rows), 1)))

    def _importance(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """What is drawn and named first."""
        node = row["id"]
        path = node not in self.view.path
        return (
            node != self.view.selected,
            path,
            row["kind"] != GROUP,
            not row["restricted"],
            -(row["degree"] or 0),
            node,
        )

    def _fit(self, thinned: float) -> None:
        """Pixels of a unit, and the ranges of both axes that show everything."""
        left, right, low, high = self.regions.extent()
        view = self.view
        across = max(view.width - 2 * MARGIN, 50) / max(right - left, 1e-9)
        fitting = min(across, max(view.height - 2 * MARGIN - FOOT, 50) / max(high - low, 1e-9), 90.0)
        self.scale = view.scale or fitting
        self.whole = ALIKE[0] < self.scale / fitting < ALIKE[1]
        self.room = self.scale * self.regions.spacing * min(thinned, 2.0)
        x, y = (left + right) / 2, (low + high - FOOT / fitting) / 2
        self.x_range = [x - view.width / 2 / fitting, x + view.width / 2 / fitting]
        self.y_range = [y - view.height / 2 / fitting, y + view.height / 2 / fitting]

    def layout(self) -> dict[str, Any]:
        hidden = {"visible": False, "fixedrange": False}
        return self.theme.layout(
            width=self.view.width,
            height=self.view.height,
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            xaxis={**hidden, "range": self.x_range},
            yaxis={**hidden, "range": self.y_range, "scaleanchor": "x"},
            dragmode="pan",
            hovermode="closest",
            hoverdistance=12,
            shapes=[*self.regions.shapes(self.theme, self.colours.of_segment), *self.strokes.shapes()],
        )

    def traces(self) -> Iterator[dict[str, Any]]:
        if self.dense:
            yield from self._swarm()
        else:
            yield self._arrows()
            yield self._nodes()
        yield self._counts()
        yield self.regions.names(self.theme)
        if self.strokes.numbers:
            yield self._digits()
        yield self._labels()

    # Links

    def _arrows(self) -> dict[str, Any]:
        links = self.strokes.links
        points = self.strokes.curves.at(ARROW)
        small = 7 if links.height < 4 * CROWD else 5
        return {
            "type": "scatter",
            "name": "links",
            "mode": "markers",
            "x": points.x.tolist(),
            "y": points.y.tolist(),
            "customdata": list(map(list, links.select("src", "dst").iter_rows())),
            "hovertext": [of_link(link) for link in links.iter_rows(named=True)],
            "hoverinfo": "text",
            "marker": {
                "symbol": "triangle-up",
                "angle": points.angle.tolist(),
                "size": [11 if row in self.strokes.numbers else small for row in range(links.height)],
                "opacity": 1,
                "color": self.strokes.colours(),
                "line": {"width": 0},
            },
        }

    def _digits(self) -> dict[str, Any]:
        found = self.strokes.digits()
        return {
            "type": "scatter",
            "name": "hops",
            "mode": "markers+text",
            "x": [x for _, x, _ in found],
            "y": [y for _, _, y in found],
            "text": [str(number) for number, _, _ in found],
            "textfont": {"size": 11, "weight": 700, "color": self.theme.on_risk},
            "marker": {"symbol": "square", "size": 17, "color": self.theme.risk, "opacity": 1},
            "hoverinfo": "skip",
        }

    # Nodes

    def size(self, row: dict[str, Any]) -> float:
        """Pixels, by the root of the degree; smaller where nodes lie close together. Of a group by its members."""
        if row["kind"] == GROUP:
            members: int = row["members"]
            return min(GROUPS[0] + 6 * math.pow(math.log10(max(members, 1)), 1.2), GROUPS[1])
        smallest, largest = (max(4.0, min(size, part * self.room)) for size, part in zip(SIZES, CLOSE, strict=True))
        degree: int = row["degree"] or 0
        return smallest + (largest - smallest) * math.sqrt(degree / self.most)

    def _ring(self, row: dict[str, Any]) -> str | None:
        """The colour of the ring of what is selected or on the path."""
        if row["id"] == self.view.selected:
            return self.theme.accent
        return self.theme.risk if row["id"] in self.view.path else None

    def _nodes(self) -> dict[str, Any]:
        rings = [self._ring(row) for row in self.rows]
        return {
            "type": "scatter",
            "name": "nodes",
            "mode": "markers",
            "x": [self.places[row["id"]].x for row in self.rows],
            "y": [self.places[row["id"]].y for row in self.rows],
            "customdata": [[row["id"]] for row in self.rows],
            "hovertext": [of_node(row) for row in self.rows],
            "hoverinfo": "text",
            "marker": {
                "symbol": [SYMBOLS[row["kind"]] for row in self.rows],
                "size": [round(self.size(row), 1) for row in self.rows],
                "color": [self.colours.of(row) for row in self.rows],
                "opacity": 1,
                "line": {
                    "width": [3 if one else 1 for one in rings],
                    "color": [one or self.theme.text for one in rings],
                },
            },
        }

    def _swarm(self) -> Iterator[dict[str, Any]]:
        """Arrows, rings and nodes as outlines, one trace for each colour."""
        if len(self.rows) <= ARROWED:
            points, colours = self.strokes.curves.at(ARROW), np.array(self.strokes.colours())
            for colour in dict.fromkeys(colours.tolist()):
                x, y, angle = (part[colours == colour] for part in points)
                yield swarm.filled("arrows", colour, [swarm.outlined(swarm.ARROW, x, y, 3.2 / self.scale, angle)])
        ringed = [(colour, row, 3.0) for row in self.rows if (colour := self._ring(row))]
        nodes = [(self.colours.of(row), row, 0.0) for row in self.rows]
        for part in (ringed, nodes):
            alike: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
            for colour, row, more in part:
                place, radius = self.places[row["id"]], self.size(row) / 2 + more
                alike.setdefault(colour, {}).setdefault(row["kind"], []).append((place.x, place.y, radius))
            for colour, kinds in alike.items():
                placed = [(swarm.OUTLINES[kind], *np.array(rows).T) for kind, rows in kinds.items()]
                outlines = [swarm.outlined(shape, x, y, radius / self.scale) for shape, x, y, radius in placed]
                yield swarm.filled("nodes", colour, outlines)

    def _counts(self) -> dict[str, Any]:
        """How many nodes each group stands for."""
        groups = [row for row in self.rows if row["kind"] == GROUP]
        return {
            "type": "scatter",
            "name": "counts",
            "mode": "text",
            "x": [self.places[row["id"]].x for row in groups],
            "y": [self.places[row["id"]].y for row in groups],
            "text": [short(row["members"]) for row in groups],
            "textfont": {"size": 12, "weight": 700, "color": [on(self.colours.of(row)) for row in groups]},
            "hoverinfo": "skip",
        }

    def _pixels(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x_range[0]) * self.scale, (self.y_range[1] - y) * self.scale

    def _labels(self) -> dict[str, Any]:
        named = [row for row in self.rows if row["kind"] != GROUP] if self.view.labels else []
        wishes = [
            Caption(row["name"], *self._pixels(*self.places[row["id"]][:2]), self.size(row), row) for row in named
        ]
        titles = [(*self._pixels(x, y), text) for x, y, text, _ in self.regions.titles]
        digits = [self._pixels(x, y) for _, x, y in self.strokes.digits()]
        edge = (self.view.width, self.view.height) if self.whole else None
        found = captions(wishes, titles, digits, edge, NAMED if self.dense else None)
        marked = [self._ring(caption.row) is not None for caption, _ in found]
        return {
            "type": "scatter",
            "name": "labels",
            "mode": "text",
            "x": [self.places[caption.row["id"]].x for caption, _ in found],
            "y": [self._lowered(caption, side) for caption, side in found],
            "text": [caption.beside(side) for caption, side in found],
            "textposition": [side for _, side in found],
            "textfont": {
                "size": 11,
                "weight": [700 if one else 400 for one in marked],
                "color": [self.theme.text if one else self.theme.muted for one in marked],
                "shadow": f"0 0 3px {self.theme.surface}, 0 0 3px {self.theme.surface}",
            },
            "hoverinfo": "skip",
        }

    def _lowered(self, caption: Caption, side: str) -> float:
        """Plotly sets the text of a trace without markers at its point: it is moved past the node."""
        away = {"bottom center": -1.0, "top center": 1.0}.get(side, 0.0)
        return round(self.places[caption.row["id"]].y + away * (caption.size / 2) / self.scale, 3)
