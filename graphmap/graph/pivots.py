"""The three pivot questions: paths between two hosts, the ways from a host, the ways to a host.

The functions take and give row numbers of the table of hops that the index was built from; what a path is,
`graphmap.graph.paths` says.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from graphmap.graph.paths import MAX_HOPS, Found, Path, prolonged, ranked, search_back
from graphmap.graph.spread import provenance, reach

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from graphmap.graph.index import HopIndex, Ids


def paths_between(  # noqa: PLR0913 - a question of five words and two bounds
    index: HopIndex,
    src: int,
    goals: Collection[int],
    begin: int,
    end: int,
    *,
    limit: int = 10,
    max_hops: int = MAX_HOPS,
    few: Callable[[Ids], Ids] = lambda rows: rows,
) -> Found:
    """The paths from one host to others within a time, most certain first; no host is visited twice.

    Parameters
    ----------
    index
        The hops.
    src, goals
        Host ids. A path ends at the first of the goals that it comes to.
    begin, end
        Microseconds since 1970; every hop of a path starts between them.
    limit
        How many paths are wanted.
    max_hops
        Longest path.
    few
        Leaves of some rows those that may be in a path.

    Returns
    -------
    Found; equal certainties by fewer hops, then the latest hops from the last one back. Only hops that both `reach` and
    `provenance` give are searched.
    """
    ends = frozenset(goals)
    before = set[int]().union(*(provenance(index, goal, begin, end) for goal in ends))
    both = sorted(reach(index, src, begin, end).keys() & before)
    useful = set(few(np.array(both, np.int32)).tolist())
    found: list[Path] = []
    cut = False
    for last in sorted(row for row in useful if int(index.dst[row]) in ends):
        answer = search_back(
            index,
            last,
            complete=lambda path, _whole: int(index.src[path.rows[0]]) == src,
            allowed=lambda row: row in useful and int(index.dst[row]) not in ends,
            simple=True,
            limit=limit,
            max_hops=max_hops,
        )
        found += answer.paths
        cut |= answer.cut
    found.sort(key=lambda path: ranked(path)[:-1])
    return Found(tuple(found[:limit]), cut or len(found) > limit)


def ways_to(index: HopIndex, host: int, useful: Mapping[int, int]) -> list[Path]:
    """For each node from which a host could have been reached, the most certain path from there.

    Parameters
    ----------
    index
        The hops.
    host
        Id of the host that was reached.
    useful
        `provenance` of the host: row to moment.

    Returns
    -------
    One path for each hop that can be the first of one, most certain first; the caller picks by the source of the
    first hop. Cost: each possible origin of each useful hop is looked at once.
    """
    heap = [ranked(Path.of(row)) for row in useful if index.dst[row] == host]
    heapq.heapify(heap)
    settled: dict[int, Path] = {}
    while heap:
        path = heapq.heappop(heap)[-1]
        if path.rows[0] in settled:
            continue
        settled[path.rows[0]] = path
        for longer in prolonged(index, path, lambda row: row in useful and row not in settled, simple=False):
            heapq.heappush(heap, ranked(longer))
    return list(settled.values())


def ways_from(index: HopIndex, host: int, ahead: Mapping[int, int]) -> dict[int, Path]:
    """For each host that could have been reached from a host, the most certain path of first arrival.

    Parameters
    ----------
    index
        The hops.
    host
        Id of the host where it starts.
    ahead
        `reach` of the host: row to moment.

    Returns
    -------
    Host id to path, in order of arrival; `host` itself is left out.
    """
    first: dict[int, int] = {}
    for row in sorted(ahead, key=lambda r: (ahead[r], r)):
        first.setdefault(int(index.dst[row]), row)
    first.pop(host, None)
    return {node: path for node, row in first.items() for path in _from(index, host, row, ahead).paths}


def _from(index: HopIndex, host: int, last: int, ahead: Mapping[int, int]) -> Found:
    """The most certain path from a host that ends with a hop."""
    return search_back(
        index,
        last,
        complete=lambda path, _whole: int(index.src[path.rows[0]]) == host,
        allowed=lambda row: row in ahead,
    )
