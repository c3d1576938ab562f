"""The ways to lay out a network, by name."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from graphmap.figures.columns import layer_layout, time_layout
from graphmap.figures.force import force_layout
from graphmap.figures.layout import disc_layout

if TYPE_CHECKING:
    import polars as pl

    from graphmap.figures.layout import Layout


class Arrangement(StrEnum):
    """How nodes are placed."""

    SEGMENTS = "segments"
    LAYERS = "layers"
    FORCE = "force"
    TIME = "time"


def lay_out(way: Arrangement, nodes: pl.DataFrame, links: pl.DataFrame) -> Layout:
    """Place nodes.

    Parameters
    ----------
    way
        How.
    nodes
        `id`, `kind`, `segment`, `restricted` and `first`; each id once.
    links
        `src` and `dst`, node ids; those of other nodes are left out.
    """
    match way:
        case Arrangement.SEGMENTS:
            return disc_layout(nodes, links)
        case Arrangement.LAYERS:
            return layer_layout(nodes, links)
        case Arrangement.FORCE:
            return force_layout(nodes, links)
        case Arrangement.TIME:
            return time_layout(nodes)
