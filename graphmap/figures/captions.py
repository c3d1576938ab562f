"""The names of nodes, where there is room for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmap.figures.labels import Box, Wish, place_labels
from graphmap.figures.text import inert, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Caption(NamedTuple):
    """A name, and its node: place and size in pixels."""

    name: str
    x: float
    y: float
    size: float
    row: dict[str, Any]

    def beside(self, side: str) -> str:
        """As Plotly draws it; spaces keep a name beside its node away from it."""
        spaces = "\N{NO-BREAK SPACE}" * max(1, math.ceil(self.size / 2 / 3.2))
        before, after = {"middle right": (spaces, ""), "middle left": ("", spaces)}.get(side, ("", ""))
        return f"{before}{inert(label(self.name))}{after}"


def captions(
    wanted: Sequence[Caption],
    titles: Sequence[tuple[float, float, str]],
    digits: Sequence[tuple[float, float]],
    edge: tuple[int, int] | None,
    most: int | None = None,
) -> list[tuple[Caption, str]]:
    """Those for which there is room, with the side of the node on which each stands.

    Parameters
    ----------
    wanted
        The one that matters most first.
    titles, digits
        What no name may cover: the names of discs with the middle of their lower side, and the middles of digits.
    edge
        Width and height of the picture, where its edge counts.
    most
        Names at most; None for as many as there is room for.
    """
    taken = [*_edges(edge), *map(_title, titles), *(Box(x - 10, y - 10, x + 10, y + 10) for x, y in digits)]
    wishes = [Wish(one.x, one.y, one.size, label(one.name)) for one in wanted]
    sides = place_labels(wishes, taken, most)
    return [(one, side) for one, side in zip(wanted, sides, strict=True) if side is not None]


def _title(title: tuple[float, float, str]) -> Box:
    x, y, text = title
    half = 3.8 * len(text)
    return Box(x - half, y - 18, x + half, y)


def _edges(edge: tuple[int, int] | None) -> Iterator[Box]:
    if edge is not None:
        width, height = edge
        yield Box(-200, 0, 2, height)
        yield Box(width - 2, 0, width + 200, height)
        yield Box(0, height - 2, width, height + 40)
