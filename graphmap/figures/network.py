"""Users, hosts, sources and keys, a disc for each segment.

Shape tells the kind of a node, colour its segment, width how often a link was used, dashes that it was only tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from graphmap.figures.labels import Box, Wish, place_labels
from graphmap.figures.layout import APART, Layout, disc_layout
from graphmap.figures.text import inert, label, moment
from graphmap.figures.theme import LIGHT, Theme, see_through

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from graphmap.figures.layout import Disc

SYMBOLS = {"host": "square", "user": "circle", "source": "diamond", "key": "hexagon2"}

WIDTHS = ((1_000, 2.6), (100, 1.8), (10, 1.2), (0, 0.8))
"""Attempts of a link from which on it is so many pixels wide."""

CHAIN_WIDTH = 3.4

BEND = 0.10
"""How far a link bends, as a part of its length: there and back are two lines."""

ARROW = 0.60
"""Where on a link its arrow is."""

SIZES = (10.0, 22.0)
"""Pixels of the smallest and largest node."""

CLOSE = (0.4, 0.75)
"""The same at most, as parts of the space that a node has."""

CROWD = 150
"""Links from which on they are drawn fainter, so that nodes and names stay in front."""

MARGIN = 44.0
"""Pixels around everything; the topmost name has room there."""


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
    """

    width: int = 1000
    height: int = 640
    theme: Theme = LIGHT
    labels: bool = True
    path: tuple[str, ...] = ()
    selected: str | None = None


def network(
    nodes: pl.DataFrame, links: pl.DataFrame, view: View | None = None, layout: Layout | None = None
) -> go.Figure:
    """Draw a part of the graph.

    Parameters
    ----------
    nodes
        `id`, `kind`, `name`, `segment`, `restricted`, `degree`, `count`, `failures`; each id once.
    links
        `graphmap.graph.subgraph.LINKS` between them.
    view
        How; None for the default.
    layout
        Where (`disc_layout`); None to lay out these nodes alone. It may have more nodes than are drawn, which keeps
        every node at its place whatever else is shown.

    Returns
    -------
    Figure. `customdata` of its points has the id of the node, or of both nodes of a link.
    """
    view = view or View()
    plan = _Plan(nodes, links, view, layout or disc_layout(nodes, links))
    figure = go.Figure(layout=plan.layout())
    figure.add_traces([go.Scatter(**trace) for trace in plan.traces()])
    return figure


class _Plan:
    """All that is drawn, in order."""

    def __init__(self, nodes: pl.DataFrame, links: pl.DataFrame, view: View, layout: Layout) -> None:
        self.view, self.theme = view, view.theme
        self.rows = sorted(nodes.iter_rows(named=True), key=self._importance)
        self.places = {row["id"]: layout.places[row["id"]] for row in self.rows}
        shown = {place.disc for place in self.places.values()}
        self.discs = [disc for disc in layout.discs if disc.name in shown]
        steps = list(zip(view.path, view.path[1:], strict=False))
        self.steps = {step: number for number, step in reversed(list(enumerate(steps, 1)))}
        drawn = links.sort("count", "src", "dst").iter_rows(named=True)
        self.links = [link for link in drawn if link["src"] != link["dst"]]
        self.colours = self.theme.colours(
            [(disc.name, disc.restricted) for disc in layout.discs if disc.name not in APART.values()]
        )
        self.most = max(16, *(row["degree"] for row in self.rows), 0)
        self.faint = max(0.3, min(1.0, math.sqrt(CROWD / max(len(self.links), 1)))) * (0.45 if self.steps else 1.0)
        self._fit()

    def _importance(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """What is drawn and named first."""
        node = row["id"]
        return (node != self.view.selected, node not in self.view.path, not row["restricted"], -row["degree"], node)

    def _fit(self) -> None:
        """Pixels of a unit, and the ranges of both axes that show every disc."""
        left = min((d.x - d.radius for d in self.discs), default=-1.0)
        right = max((d.x + d.radius for d in self.discs), default=1.0)
        low = min((d.y - d.radius for d in self.discs), default=-1.0)
        high = max((d.y + d.radius for d in self.discs), default=1.0)
        view = self.view
        across = max(view.width - 2 * MARGIN, 50) / max(right - left, 1e-9)
        self.scale = min(across, max(view.height - 2 * MARGIN, 50) / max(high - low, 1e-9), 90.0)
        x, y = (left + right) / 2, (low + high) / 2
        self.x_range = [x - view.width / 2 / self.scale, x + view.width / 2 / self.scale]
        self.y_range = [y - view.height / 2 / self.scale, y + view.height / 2 / self.scale]

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
            shapes=[*map(self._disc, self.discs), *self._lines()],
        )

    def traces(self) -> Iterator[dict[str, Any]]:
        yield self._arrows()
        yield self._nodes()
        yield self._disc_names()
        if self.steps:
            yield self._digits()
        yield self._labels()

    # Discs

    def _disc_colour(self, disc: Disc) -> str:
        return self.colours.get(disc.name, self.theme.other)

    def _disc(self, disc: Disc) -> dict[str, Any]:
        colour = self._disc_colour(disc)
        return {
            "type": "circle",
            "layer": "below",
            "x0": disc.x - disc.radius,
            "x1": disc.x + disc.radius,
            "y0": disc.y - disc.radius,
            "y1": disc.y + disc.radius,
            "fillcolor": see_through(colour, 0.07),
            "line": {
                "color": see_through(colour, 0.9 if disc.restricted else 0.4),
                "width": 2 if disc.restricted else 1,
            },
        }

    def _disc_names(self) -> dict[str, Any]:
        return {
            "name": "segments",
            "mode": "text",
            "x": [disc.x for disc in self.discs],
            "y": [disc.y + disc.radius for disc in self.discs],
            "text": [inert(_title(disc)) for disc in self.discs],
            "textposition": "top center",
            "textfont": {
                "size": 12,
                "weight": 600,
                "shadow": f"0 0 3px {self.theme.surface}, 0 0 3px {self.theme.surface}",
                "color": [self.theme.risk if disc.restricted else self.theme.muted for disc in self.discs],
            },
            "hoverinfo": "skip",
        }

    # Links

    def _lines(self) -> Iterator[dict[str, Any]]:
        """One shape for all links that look the same: a shape of its own for each would be slow."""
        paths: dict[tuple[str, float, str], list[str]] = {}
        for link in self.links:
            paths.setdefault(self._style(link), []).append(self._path(link))
        for (colour, width, dash), parts in sorted(paths.items(), key=lambda item: item[0][1]):
            line = {"color": colour, "width": width, "dash": dash}
            yield {"type": "path", "layer": "below", "path": "".join(parts), "line": line}

    def _style(self, link: dict[str, Any]) -> tuple[str, float, str]:
        if (link["src"], link["dst"]) in self.steps:
            return self.theme.risk, CHAIN_WIDTH, "solid"
        if not link["count"]:
            return see_through(self.theme.failure, 0.7 * self.faint), 1.0, "5px,4px"
        width = next(width for least, width in WIDTHS if link["count"] >= least)
        return see_through(self.theme.edge, self.faint), width, "solid"

    def _curve(self, link: dict[str, Any]) -> tuple[float, float, float, float, float, float]:
        """Start, control point and end."""
        start, end = self.places[link["src"]], self.places[link["dst"]]
        across, up = end.x - start.x, end.y - start.y
        return (
            start.x, start.y,
            (start.x + end.x) / 2 - 2 * BEND * up, (start.y + end.y) / 2 + 2 * BEND * across,
            end.x, end.y,
        )  # fmt: skip

    def _path(self, link: dict[str, Any]) -> str:
        x0, y0, cx, cy, x1, y1 = self._curve(link)
        return f"M{x0:.3f},{y0:.3f}Q{cx:.3f},{cy:.3f} {x1:.3f},{y1:.3f}"

    def _on_curve(self, link: dict[str, Any], part: float) -> tuple[float, float, float]:
        """A point of a link, and its direction as a marker's angle: degrees clockwise from upwards."""
        x0, y0, cx, cy, x1, y1 = self._curve(link)
        rest = 1 - part
        x = rest * rest * x0 + 2 * rest * part * cx + part * part * x1
        y = rest * rest * y0 + 2 * rest * part * cy + part * part * y1
        across = rest * (cx - x0) + part * (x1 - cx)
        up = rest * (cy - y0) + part * (y1 - cy)
        return round(x, 3), round(y, 3), round(90 - math.degrees(math.atan2(up, across)), 1)

    def _arrows(self) -> dict[str, Any]:
        points = [self._on_curve(link, ARROW) for link in self.links]
        chained = [(link["src"], link["dst"]) in self.steps for link in self.links]
        theme = self.theme
        return {
            "name": "links",
            "mode": "markers",
            "x": [x for x, _, _ in points],
            "y": [y for _, y, _ in points],
            "customdata": [[link["src"], link["dst"]] for link in self.links],
            "hovertext": [_of_link(link) for link in self.links],
            "hoverinfo": "text",
            "marker": {
                "symbol": "triangle-up",
                "angle": [angle for _, _, angle in points],
                "size": [11 if one else 7 if len(self.links) < 4 * CROWD else 5 for one in chained],
                "opacity": 1,
                "color": [
                    theme.risk if one else see_through(theme.edge if link["count"] else theme.failure, self.faint)
                    for one, link in zip(chained, self.links, strict=True)
                ],
                "line": {"width": 0},
            },
        }

    def _digits(self) -> dict[str, Any]:
        found = [(self.steps[step], link) for link in self.links if (step := (link["src"], link["dst"])) in self.steps]
        points = [self._on_curve(link, 0.4)[:2] for _, link in found]
        return {
            "name": "hops",
            "mode": "markers+text",
            "x": [x for x, _ in points],
            "y": [y for _, y in points],
            "text": [str(number) for number, _ in found],
            "textfont": {"size": 11, "weight": 700, "color": self.theme.on_risk},
            "marker": {"symbol": "square", "size": 17, "color": self.theme.risk, "opacity": 1},
            "hoverinfo": "skip",
        }

    # Nodes

    def _size(self, row: dict[str, Any]) -> float:
        """Pixels, by the root of the degree; smaller where nodes lie close together."""
        smallest, largest = (max(4.0, min(size, part * self.scale)) for size, part in zip(SIZES, CLOSE, strict=True))
        return smallest + (largest - smallest) * math.sqrt(row["degree"] / self.most)

    def _colour(self, row: dict[str, Any]) -> str:
        return self.colours.get(row["segment"] or "", self.theme.other)

    def _nodes(self) -> dict[str, Any]:
        ringed = [row["id"] in self.view.path or row["id"] == self.view.selected for row in self.rows]
        ring = [self.theme.accent if row["id"] == self.view.selected else self.theme.risk for row in self.rows]
        return {
            "name": "nodes",
            "mode": "markers",
            "x": [self.places[row["id"]].x for row in self.rows],
            "y": [self.places[row["id"]].y for row in self.rows],
            "customdata": [[row["id"]] for row in self.rows],
            "hovertext": [_of_node(row) for row in self.rows],
            "hoverinfo": "text",
            "marker": {
                "symbol": [SYMBOLS[row["kind"]] for row in self.rows],
                "size": [round(self._size(row), 1) for row in self.rows],
                "color": [self._colour(row) for row in self.rows],
                "opacity": 1,
                "line": {
                    "width": [3 if one else 1 for one in ringed],
                    "color": [colour if one else self.theme.text for one, colour in zip(ringed, ring, strict=True)],
                },
            },
        }

    def _pixels(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x_range[0]) * self.scale, (self.y_range[1] - y) * self.scale

    def _labels(self) -> dict[str, Any]:
        named = self.rows if self.view.labels else []
        wishes = [
            Wish(*self._pixels(*self.places[row["id"]][:2]), self._size(row), label(row["name"])) for row in named
        ]
        sides = place_labels(wishes, list(self._taken()))
        found = [(row, wish, side) for row, wish, side in zip(named, wishes, sides, strict=True) if side is not None]
        marked = [row["id"] in self.view.path or row["id"] == self.view.selected for row, _, _ in found]
        return {
            "name": "labels",
            "mode": "text",
            "x": [self.places[row["id"]].x for row, _, _ in found],
            "y": [self._lowered(row, side) for row, _, side in found],
            "text": [f"{_pad(side, wish)[0]}{inert(wish.text)}{_pad(side, wish)[1]}" for _, wish, side in found],
            "textposition": [side for _, _, side in found],
            "textfont": {
                "size": 11,
                "weight": [700 if one else 400 for one in marked],
                "color": [self.theme.text if one else self.theme.muted for one in marked],
                "shadow": f"0 0 3px {self.theme.surface}, 0 0 3px {self.theme.surface}",
            },
            "hoverinfo": "skip",
        }

    def _lowered(self, row: dict[str, Any], side: str) -> float:
        """Plotly sets the text of a trace without markers at its point: it is moved past the node."""
        away = {"bottom center": -1.0, "top center": 1.0}.get(side, 0.0)
        return round(self.places[row["id"]].y + away * (self._size(row) / 2) / self.scale, 3)

    def _taken(self) -> Iterator[Box]:
        """What no label may cover: the names of discs, digits, and what lies outside the picture."""
        width, height = self.view.width, self.view.height
        yield from (
            Box(-200, 0, 2, height),
            Box(width - 2, 0, width + 200, height),
            Box(0, height - 2, width, height + 40),
        )
        for disc in self.discs:
            x, y = self._pixels(disc.x, disc.y + disc.radius)
            half = 3.8 * len(_title(disc))
            yield Box(x - half, y - 18, x + half, y)
        for link in self.links:
            if (link["src"], link["dst"]) in self.steps:
                x, y = self._pixels(*self._on_curve(link, 0.4)[:2])
                yield Box(x - 10, y - 10, x + 10, y + 10)


def _title(disc: Disc) -> str:
    """The name of a disc, and in words what its colour says."""
    return label(disc.name) + _in_words(disc.name, restricted=disc.restricted)


def _in_words(segment: str, *, restricted: bool) -> str:
    return " (restricted)" if restricted and "restricted" not in segment.lower() else ""


def _pad(side: str, wish: Wish) -> tuple[str, str]:
    """Spaces that keep a label beside its node away from it."""
    spaces = "\N{NO-BREAK SPACE}" * max(1, math.ceil(wish.size / 2 / 3.2))
    return (spaces, "") if side == "middle right" else ("", spaces) if side == "middle left" else ("", "")


def _of_node(row: dict[str, Any]) -> str:
    parts = [
        f"{row['kind']} {inert(row['name'][:80])}",
        inert(row["segment"] or "") + _in_words(row["segment"] or "", restricted=row["restricted"]),
        f"{row['count']:,} accepted, {row['failures']:,} refused",
    ]
    return "<br>".join(part for part in parts if part)


def _of_link(link: dict[str, Any]) -> str:
    names = [node.partition(":")[2][:60] for node in (link["src"], link["dst"])]
    users: Sequence[str] = link["users"]
    who = ", ".join(inert(user[:40]) for user in users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")  # noqa: PLR2004 - as many as fit
    return "<br>".join(
        [
            f"{inert(names[0])} → {inert(names[1])}",
            f"as {who}",
            f"{link['count']:,} accepted, {link['failures']:,} refused",
            f"{moment(link['first'])} to {moment(link['last'])} UTC",
        ]
    )
