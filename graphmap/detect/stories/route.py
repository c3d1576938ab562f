"""The way along which a story goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmap.model import Hop


def route(hops: Sequence[Hop]) -> tuple[Hop, ...]:
    """The longest way over hops, each from where the one before arrived; of equals the one that arrives first.

    Parameters
    ----------
    hops
        In order of time.

    Returns
    -------
    Hops in order of time; no host is visited twice. Cost: linear in hops times the length of the way.
    """
    best: dict[str, tuple[Hop, ...]] = {}
    longest: tuple[Hop, ...] = ()
    for hop in hops:
        before = best.get(hop.src, ())
        if hop.dst == hop.src or hop.dst in {one.src for one in before}:
            before = ()
        way = (*before, hop)
        if len(way) > len(best.get(hop.dst, ())):
            best[hop.dst] = way
        if len(way) > len(longest):
            longest = way
    return longest


def hosts_along(way: Sequence[Hop]) -> tuple[str, ...]:
    """The hosts of a way, from where it begins."""
    return (way[0].src, *(hop.dst for hop in way)) if way else ()
