"""The discs or bands that nodes lie in: their shapes, names, and all that is around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmap.figures.colouring import plain
from graphmap.figures.text import inert, label
from graphmap.figures.theme import see_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graphmap.figures.layout import Band, Disc, Layout, Place
    from graphmap.figures.theme import Theme

TICKED = 1.5
"""Length below everything that what is written along the lower side takes."""


class Regions:
    """Those of a layout that something is drawn in.

    Parameters
    ----------
    layout
        All of them.
    places
        Of the nodes that are drawn.
    """

    def __init__(self, layout: Layout, places: Iterable[Place]) -> None:
        self._places = list(places)
        shown = {place.disc for place in self._places}
        self.discs: list[Disc] = [disc for disc in layout.discs if disc.name in shown]
        self.bands: list[Band] = [band for band in layout.bands if band.name in shown]
        self.ticks = layout.ticks
        self.spacing = min((disc.spacing for disc in self.discs), default=1.0)

    @property
    def titles(self) -> list[tuple[float, float, str, bool]]:
        """Where each is named (x, y), the name, and whether it is restricted."""
        discs = [(disc.x, disc.y + disc.radius, _title(disc), disc.restricted) for disc in self.discs]
        bands = [((band.left + band.right) / 2, band.high, _title(band), band.restricted) for band in self.bands]
        return discs + bands

    @staticmethod
    def segments(layout: Layout) -> list[tuple[str, bool]]:
        """The segments of a layout and whether each is restricted."""
        every = [(disc.name, disc.restricted) for disc in layout.discs]
        every += [(band.name, band.restricted) for band in layout.bands]
        return [(name, restricted) for name, restricted in every if plain(name)]

    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, low and high end of everything."""
        xs, ys = [place.x for place in self._places], [place.y for place in self._places]
        middle = [(min(xs) - 0.6, max(xs) + 0.6, min(ys) - 0.6, max(ys) + 0.6)] if xs else []
        discs = [(d.x - d.radius, d.x + d.radius, d.y - d.radius, d.y + d.radius) for d in self.discs]
        bands = [(b.left, b.right, b.low, b.high) for b in self.bands]
        lefts, rights, lows, highs = zip(*(middle + discs + bands or [(-1.0, 1.0, -1.0, 1.0)]), strict=True)
        return min(lefts), max(rights), min(lows) - (TICKED if self.ticks else 0.0), max(highs)

    def shapes(self, theme: Theme, colour_of: Callable[[str], str]) -> Iterator[dict[str, Any]]:
        """As Plotly has them; a restricted one is outlined in the colour of risk."""
        for disc in self.discs:
            box = (disc.x - disc.radius, disc.x + disc.radius, disc.y - disc.radius, disc.y + disc.radius)
            yield _shape("circle", box, theme.risk if disc.restricted else colour_of(disc.name), disc.restricted)
        for band in self.bands:
            box = (band.left, band.right, band.low, band.high)
            yield _shape("rect", box, theme.risk if band.restricted else colour_of(band.name), band.restricted)

    def names(self, theme: Theme) -> dict[str, Any]:
        """A trace of the names, and of what is written along the lower side."""
        low = self.extent()[2] + TICKED
        ticks = [(x, low, text, False) for x, text in self.ticks]
        every = [*self.titles, *ticks]
        return {
            "type": "scatter",
            "name": "segments",
            "mode": "text",
            "x": [x for x, _, _, _ in every],
            "y": [y for _, y, _, _ in every],
            "text": [inert(text) for _, _, text, _ in every],
            "textposition": ["top center"] * len(self.titles) + ["bottom center"] * len(ticks),
            "textfont": {
                "size": 12,
                "weight": [600] * len(self.titles) + [400] * len(ticks),
                "shadow": f"0 0 3px {theme.surface}, 0 0 3px {theme.surface}",
                "color": [theme.risk if restricted else theme.muted for _, _, _, restricted in every],
            },
            "hoverinfo": "skip",
        }


def _title(region: Disc | Band) -> str:
    """The name, and in words what the outline says."""
    words = " (restricted)" if region.restricted and "restricted" not in region.name.lower() else ""
    return label(region.name) + words


def _shape(kind: str, box: tuple[float, float, float, float], colour: str, strong: bool) -> dict[str, Any]:  # noqa: FBT001 - of a row
    x0, x1, y0, y1 = box
    return {
        "type": kind, "layer": "below", "x0": x0, "x1": x1, "y0": y0, "y1": y1,
        "fillcolor": see_through(colour, 0.07),
        "line": {"color": see_through(colour, 0.9 if strong else 0.4), "width": 2 if strong else 1},
    }  # fmt: skip
