"""Many nodes and arrows as a few outlines: an element for each would keep a browser busy for seconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Outline = Sequence[tuple[float, float]]


GRID = 256.0
"""Parts of a unit to which corners are rounded: such numbers end in zeros, which can be packed."""


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


def outlined(
    outline: Outline, x: Floats, y: Floats, radius: Floats | float, turned: Floats | float = 0.0
) -> NDArray[np.float64]:
    """Closed outlines, one after the other, with a row of NaN behind each: rows of x and y.

    Parameters
    ----------
    outline
        Of radius 1, around (0, 0).
    x, y, radius
        Of each.
    turned
        Degrees clockwise.
    """
    across, up = np.array([*outline, outline[0]]).T
    angle = -np.radians(np.broadcast_to(turned, x.shape))[:, None]
    size = np.broadcast_to(radius, x.shape)[:, None]
    found = np.full((len(x), len(across) + 1, 2), np.nan)
    found[:, :-1, 0] = x[:, None] + size * (across * np.cos(angle) - up * np.sin(angle))
    found[:, :-1, 1] = y[:, None] + size * (across * np.sin(angle) + up * np.cos(angle))
    return found.reshape(-1, 2)


def filled(name: str, colour: str, outlines: Sequence[NDArray[np.float64]]) -> dict[str, Any]:
    """A trace of outlines of one colour. They have no edge: Plotly makes an element for each line that ends.

    The numbers go to the browser as they lie in memory: written out they would be longer, and slow to write.
    """
    x, y = (np.concatenate(outlines)[:-1] * GRID).round().T / GRID
    return {
        "type": "scatter", "name": name, "x": x.astype(np.float32), "y": y.astype(np.float32),
        "mode": "none", "fill": "toself", "fillcolor": colour, "hoverinfo": "skip",
    }  # fmt: skip
