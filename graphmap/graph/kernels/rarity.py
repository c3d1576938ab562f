"""How surprising each hop is to whoever has seen only the hops before it."""

# ruff: noqa: PLR0913, PLR0917 - plain arrays

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np

from graphmap.graph.kernels.common import compiled


@compiled
def count_before(dst: Any, account: Any, accounts: int, rows: Any, offsets: Any) -> Any:
    """For each hop, how many earlier ones went from its source to its destination: as its account, and as anybody.

    Parameters
    ----------
    dst, account, accounts
        Of each hop in order; and the number of accounts.
    rows, offsets
        Groups of the hops that leave each host or source.

    Returns
    -------
    Two arrays (int32). Cost: one sort a source.
    """
    same, alike = np.empty(dst.size, np.int32), np.empty(dst.size, np.int32)
    seen = np.zeros(offsets.size, np.int32)
    for source in range(offsets.size - 1):
        going = rows[offsets[source] : offsets[source + 1]]
        ways = np.empty(going.size, np.int64)
        for place in range(going.size):
            row = going[place]
            ways[place] = np.int64(dst[row]) * accounts + account[row]
            alike[row] = seen[dst[row]]
            seen[dst[row]] += 1
        for row in going:
            seen[dst[row]] = 0
        order = np.argsort(ways, kind="mergesort")
        run = 0
        for place in range(order.size):
            run = run + 1 if place and ways[order[place]] == ways[order[place - 1]] else 0
            same[going[order[place]]] = run
    return same, alike


@compiled
def surprise(
    src: Any, dst: Any, account: Any, same: Any, alike: Any, hops: int, hosts: int,
    of_account: Any, ways: Any, of_source: Any, ends: Any, arrived: Any,
) -> Any:  # fmt: skip
    """The bits that it takes to tell each hop's way to somebody who knows the hops before it.

    Parameters
    ----------
    src, dst, account
        Of each hop, in order.
    same, alike
        How many earlier hops went from its source to its destination: as its account, and as anybody.
    hops, hosts
        How many hops were before the first, and at how many hosts they arrived.
    of_account, ways
        Of these: the hops of each account, and its different ways (int64). Both are counted on.
    of_source, ends, arrived
        Of these: the hops from each source, its different destinations, and the hops to each host, counted on as well.

    Returns
    -------
    float64, one element a hop. See `graphmap.graph.rarity.surprise`.
    """
    bits = np.empty(src.size, np.float64)
    for place in range(src.size):
        who, source, host, row = account[place], src[place], dst[place], hops + place
        if same[place]:
            chance = same[place] / (of_account[who] + ways[who])
        else:
            chance = ways[who] / (of_account[who] + ways[who]) if of_account[who] else 1.0
            if alike[place]:
                chance *= alike[place] / (of_source[source] + ends[source])
            else:
                chance *= ends[source] / (of_source[source] + ends[source]) if of_source[source] else 1.0
                chance *= (
                    arrived[host] / (row + hosts)
                    if arrived[host]
                    else (max(hosts, 1) / max(row + hosts, 1)) / (hosts + 1)
                )
        bits[place] = -log2(chance)
        ways[who] += same[place] == 0
        ends[source] += alike[place] == 0
        hosts += arrived[host] == 0
        of_account[who] += 1
        of_source[source] += 1
        arrived[host] += 1
    return bits
