"""What somebody made of the map, as parameters of a request: what is on it, what is open, hidden and pinned."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AfterValidator

from graphmap.figures.ways import Arrangement
from graphmap.graph.grouping import By, Order
from graphmap.model import NodeKind
from graphmap_api.queries import MOVERS, NAME, Depth, Kinds, Name, Seeds

LIST = 1_000
"""Most nodes that one request hides, pins or opens."""

FAR = 100_000.0
"""Largest coordinate of a pin."""

_OPEN = re.compile(
    r"(?P<node>.+)@(?P<most>all|\d{1,5})(?:,(?P<order>most|rare|new))?(?P<kinds>(?:,[a-z]+)*)", re.DOTALL
)
# host:db1@20,rare,host,user
_PIN = re.compile(r"(?P<node>.+)@(?P<x>-?\d+(?:\.\d+)?),(?P<y>-?\d+(?:\.\d+)?)", re.DOTALL)
# host:db1@12.5,-3.25


@dataclass(frozen=True, slots=True)
class Opening:
    """A node or group that was opened: at most so many come, in an order, of some kinds (empty: all)."""

    node: str
    most: int | None
    order: Order = Order.MOST
    kinds: tuple[NodeKind, ...] = ()

    @property
    def kind(self) -> str:
        """Of the node; ``group`` of a group."""
        return self.node.partition(":")[0]

    @property
    def name(self) -> str:
        """Of the node or group."""
        return self.node.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A map.

    `seeds` and what is within `depth` steps of them are on it, everything without seeds; then what each of `opened`
    brings, in that order. `hidden` are taken away. `pins` are places, x and y. `group` is what nodes are grouped by;
    None for what suits their number, or for no groups where `ungrouped`.
    """

    seeds: tuple[str, ...] = ()
    depth: int = 1
    kinds: tuple[NodeKind, ...] = MOVERS
    opened: tuple[Opening, ...] = ()
    hidden: frozenset[str] = frozenset()
    pins: dict[str, tuple[float, float]] = field(default_factory=dict)
    group: By | None = None
    ungrouped: bool = False
    way: Arrangement = Arrangement.SEGMENTS
    path: tuple[str, ...] = ()


def opening(text: str) -> Opening:
    """Read ``host:db1@20,rare,host``.

    Raises
    ------
    ValueError
        It is no such text.
    """
    found = _OPEN.fullmatch(text)
    if found is None:
        raise ValueError(
            f"{text[:80]!r} is not ID@NUMBER or ID@all, perhaps with ,most ,rare or ,new and kinds of node"
        )
    kinds = tuple(NodeKind(kind) for kind in found["kinds"].split(",") if kind)
    most = None if found["most"] == "all" else int(found["most"])
    return Opening(found["node"], most, Order(found["order"] or "most"), kinds)


def pin(text: str) -> tuple[str, tuple[float, float]]:
    """Read ``host:db1@12.5,-3.25``.

    Raises
    ------
    ValueError
        It is no such text, or a place that is too far away.
    """
    found = _PIN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:80]!r} is not ID@X,Y")
    place = float(found["x"]), float(found["y"])
    if max(map(math.fabs, place)) > FAR:
        raise ValueError(f"{text[:80]!r} is farther than {FAR:,.0f} from the middle")
    return found["node"], place


def _opening_text(text: str) -> str:
    _ = opening(text)
    return text


def _pin_text(text: str) -> str:
    _ = pin(text)
    return text


async def _sketch(
    seed: Seeds = None,
    depth: Depth = 1,
    kind: Kinds = None,
    opened: Annotated[
        list[Annotated[Name, AfterValidator(_opening_text)]] | None,
        Query(
            alias="open",
            max_length=LIST,
            description="ID@NUMBER or ID@all: as many neighbours of a node, or members of group:NAME, come to it; then "
            "perhaps ,most ,rare or ,new (who comes first) and kinds of node, such as host:db1@20,rare,host.",
        ),
    ] = None,
    hide: Annotated[list[Name] | None, Query(max_length=LIST, description="Ids of nodes to take away.")] = None,
    pinned: Annotated[
        list[Annotated[Name, AfterValidator(_pin_text)]] | None,
        Query(alias="pin", max_length=LIST, description="ID@X,Y: where a node is put, such as host:db1@12.5,-3.25."),
    ] = None,
    group: Annotated[
        By | Literal["none"] | None,
        Query(description="What nodes are grouped by; default segment above 400 nodes, else none."),
    ] = None,
    layout: Annotated[Arrangement, Query(description="How nodes are placed.")] = Arrangement.SEGMENTS,
    path: Annotated[
        list[Annotated[str, Query(max_length=NAME)]] | None,
        Query(max_length=20, description="Ids of nodes that are drawn as a chain, in its order."),
    ] = None,
) -> Sketch:
    return Sketch(
        seeds=tuple(dict.fromkeys(seed or ())),
        depth=depth,
        kinds=tuple(kind or MOVERS),
        opened=tuple(map(opening, opened or ())),
        hidden=frozenset(hide or ()),
        pins=dict(map(pin, pinned or ())),
        group=None if group == "none" else group,
        ungrouped=group == "none",
        way=layout,
        path=tuple(path or ()),
    )


MapSketch = Annotated[Sketch, Depends(_sketch)]
