"""Which sessions each hop may come from, listed."""

# ruff: noqa: FBT001, FBT003, PLR0913, PLR0917 - plain arrays and flags

from __future__ import annotations

from typing import Any

import numpy as np

from graphmap.graph.kernels.common import BY_ACCOUNT, BY_KEY, compiled, stretch

BLOCK = 64
"""As in `graphmap.graph.index`."""


@compiled
def list_origins(hops: Any, arriving: Any, blocks: Any, most: int, begin: int, end: int) -> Any:
    """The sessions that could be the origin of each of some hops: the preferred ones first, of equals the latest.

    Parameters
    ----------
    hops, arriving, blocks
        Hops, and `arriving` and `blocks` of their index.
    most
        How many of one hop are listed.
    begin, end
        The first of the rows, and the one behind the last.

    Returns
    -------
    Two arrays of rows (int32), `before` and `after`, by `after`. Cost: as many steps as sessions were open, twice.
    """
    room = 0
    for row in range(begin, end):
        room += min(most, hops.origins[row])
    before, after = np.empty(room, np.int32), np.empty(room, np.int32)
    found = 0
    for hop in range(begin, end):
        wanted = min(most, hops.origins[hop])
        first = min(wanted, hops.preferred[hop])
        found = _add(hops, arriving, blocks, hop, first, True, before, after, found)
        found = _add(hops, arriving, blocks, hop, wanted - first, False, before, after, found)
    return before, after


@compiled
def _add(
    hops: Any, arriving: Any, blocks: Any, hop: int, wanted: int, liked: bool, before: Any, after: Any, found: int
) -> int:
    """List that many origins of a hop which are, or are not, preferred."""
    rows, offsets = arriving
    here, until_here = blocks
    moment, last = hops.earliest[hop], stretch(hops.earliest[hop])
    begin, low, high = offsets[hops.src[hop]], offsets[hops.src[hop]], offsets[hops.src[hop] + 1]
    while low < high:
        middle = (low + high) // 2
        if hops.earliest[rows[middle]] <= last:
            low = middle + 1
        else:
            high = middle
    place = low - 1
    while wanted > 0 and place >= begin and until_here[place // BLOCK] >= moment:
        if here[place // BLOCK] < moment:
            place = place // BLOCK * BLOCK - 1
            continue
        row = rows[place]
        if row != hop and hops.open[row] >= moment and _preferred(hops, row, hop) == liked:
            before[found], after[found] = row, hop
            found += 1
            wanted -= 1
        place -= 1
    return found


@compiled
def _preferred(hops: Any, before: int, hop: int) -> bool:
    """Whether a session is what the basis of a hop prefers."""
    if hops.basis[hop] == BY_KEY:
        return bool(hops.key[before] == hops.key[hop])
    if hops.basis[hop] == BY_ACCOUNT:
        return bool(hops.account[before] == hops.account[hop])
    return True
