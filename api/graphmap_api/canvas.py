"""Where a figure will be drawn, and figures as answers have them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from graphmap.figures.theme import THEMES, Theme


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a figure will be drawn."""

    width: int
    height: int
    theme: Theme


async def _canvas(
    width: Annotated[int, Query(ge=200, le=4000, description="Pixels.")] = 1000,
    height: Annotated[int, Query(ge=200, le=4000, description="Pixels; some figures are as high as they need.")] = 640,
    theme: Annotated[Literal["light", "dark"], Query()] = "light",
) -> Canvas:
    return Canvas(width, height, THEMES[theme])


OnCanvas = Annotated[Canvas, Depends(_canvas)]


def plain(figure: Any) -> dict[str, Any]:
    """As JSON has it: Plotly's own writer knows times and arrays."""
    plain: dict[str, Any] = json.loads(figure.to_json(validate=False, remove_uids=True))
    plain["layout"].pop("template", None)
    return plain
