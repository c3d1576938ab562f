"""Which nodes get a label and where it stands, so that no label covers a node or another label."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

LETTER = 6.3
"""Width of a letter of a label in pixels, about."""

HEIGHT = 14.0
"""Height of a label in pixels."""

SIDES = {"bottom center": (0.0, 1.0), "top center": (0.0, -1.0), "middle right": (1.0, 0.0), "middle left": (-1.0, 0.0)}
"""Where a label may stand, in the order in which it is tried, and which way that is from its node."""

CELL = 64.0
"""Side of the squares in which what is near is looked for, in pixels."""


class Wish(NamedTuple):
    """A node that wants a label: its place and size in pixels, and the label."""

    x: float
    y: float
    size: float
    text: str


class Box(NamedTuple):
    """What nothing may cover, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two boxes share a place."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


TRIED = 4
"""Of most labels: how many times as many nodes are tried at most, where it is so crowded that few find room."""


def place_labels(wishes: Iterable[Wish], taken: Iterable[Box], most: int | None = None) -> list[str | None]:
    """For each wish the side on which its label stands (`SIDES`), or None where there is no room.

    Parameters
    ----------
    wishes
        Every node, the one whose label matters most first.
    taken
        What else is there.
    most
        Labels after which no more are placed; None for as many as there is room for.
    """
    wanted = list(wishes)
    grid = _Grid()
    for box in taken:
        grid.add(box)
    for wish in wanted:
        grid.add(_around(wish.x, wish.y, wish.size / 2, wish.size / 2))
    sides: list[str | None] = []
    left = len(wanted) if most is None else most
    for wish in wanted[: TRIED * left]:
        if not left:
            break
        chosen = next((side for side in SIDES if grid.is_free(_of_side(wish, side))), None)
        if chosen is not None:
            grid.add(_of_side(wish, chosen))
            left -= 1
        sides.append(chosen)
    return sides + [None] * (len(wanted) - len(sides))


class _Grid:
    """Boxes, found by where they are."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = {}

    def add(self, box: Box) -> None:
        for cell in _cells(box):
            self._cells.setdefault(cell, []).append(box)

    def is_free(self, box: Box) -> bool:
        return not any(box.meets(other) for cell in _cells(box) for other in self._cells.get(cell, ()))


def _cells(box: Box) -> Iterable[tuple[int, int]]:
    columns = range(int(box.left // CELL), int(box.right // CELL) + 1)
    rows = range(int(box.top // CELL), int(box.bottom // CELL) + 1)
    return ((column, row) for column in columns for row in rows)


def _around(x: float, y: float, half_width: float, half_height: float) -> Box:
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)


def _of_side(wish: Wish, side: str) -> Box:
    """The box of a label, a little away from its node as Plotly draws it."""
    across, down = SIDES[side]
    half = LETTER * len(wish.text) / 2
    away = wish.size / 2 + 1
    return _around(wish.x + across * (away + half + 1), wish.y + down * (away + HEIGHT / 2), half, HEIGHT / 2 - 1)
