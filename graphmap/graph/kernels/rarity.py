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
def surprise(src: Any, dst: Any, account: Any, accounts: int, same: Any, alike: Any, nodes: int) -> Any:
    """The bits that it takes to tell each hop's way to somebody who knows the hops before it.

    Returns
    -------
    float64, one element a hop. See `graphmap.graph.rarity.surprise`.
    """
    bits = np.empty(src.size, np.float64)
    of_account, ways = np.zeros(accounts, np.int64), np.zeros(accounts, np.int64)
    of_source, ends = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    arrived, hosts = np.zeros(nodes, np.int64), 0
    for row in range(src.size):
        who, source, host = account[row], src[row], dst[row]
        if same[row]:
            chance = same[row] / (of_account[who] + ways[who])
        else:
            chance = ways[who] / (of_account[who] + ways[who]) if of_account[who] else 1.0
            if alike[row]:
                chance *= alike[row] / (of_source[source] + ends[source])
            else:
                chance *= ends[source] / (of_source[source] + ends[source]) if of_source[source] else 1.0
                chance *= (
                    arrived[host] / (row + hosts)
                    if arrived[host]
                    else (max(hosts, 1) / max(row + hosts, 1)) / (hosts + 1)
                )
        bits[row] = -log2(chance)
        ways[who] += same[row] == 0
        ends[source] += alike[row] == 0
        hosts += arrived[host] == 0
        of_account[who] += 1
        of_source[source] += 1
        arrived[host] += 1
    return bits
