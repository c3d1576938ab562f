"""What could be reached from a host, and from where a host could have been reached: two scans over the hops.

A path is what `graphmap.graph.paths` says. The functions take and give row numbers of the table of hops that the
index was built from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex, Ids


def reach(index: HopIndex, host: int, begin: int, end: int) -> dict[int, int]:
    """The hops that a visitor of a host could have made or caused within a time, and the first moment of each.

    Parameters
    ----------
    index
        The hops.
    host
        Id of the host where it starts.
    begin, end
        Microseconds since 1970, both inclusive; a hop counts when some moment of its stamp lies between them.

    Returns
    -------
    Row to moment (us), rows in order of time. The first hop of every path leaves `host`.

    Notes
    -----
    One scan over the hops of the time, groups of overlapping stamps to a fixed point: O(n) where stamps differ.
    """
    moments: dict[int, int] = {}
    open_until: dict[int, int] = {}
    for group in _groups(index, begin, end):
        _spread_forward(index, group, host, begin, moments, open_until)
        for row in group:
            if row in moments:
                dst = int(index.dst[row])
                open_until[dst] = max(open_until.get(dst, 0), int(index.open[row]))
    return moments


def _spread_forward(
    index: HopIndex, group: list[int], host: int, begin: int, moments: dict[int, int], open_until: dict[int, int]
) -> None:
    """Settle the moments of a group of hops with overlapping stamps, given the sessions of earlier groups."""
    for row in group:
        src, moment = int(index.src[row]), max(int(index.earliest[row]), begin)
        if src == host or open_until.get(src, -1) >= moment:
            moments[row] = moment
    waiting = [row for row in group if row in moments] if len(group) > 1 else []
    leaving = _by_host(index.src, group) if waiting else {}
    while waiting:
        before = waiting.pop()
        for row in leaving.get(int(index.dst[before]), ()):
            if row == before:
                continue
            moment = max(moments[before], int(index.earliest[row]))
            if moment <= min(index.latest(row), index.open[before]) and moment < moments.get(row, moment + 1):
                moments[row] = moment
                waiting.append(row)


def provenance(index: HopIndex, host: int, begin: int, end: int) -> dict[int, int]:
    """The hops that could have led to a host within a time, and the last useful moment of each.

    The mirror image of `reach`: the last hop of every path arrives at `host`.
    """
    moments: dict[int, int] = {}
    wanted: dict[int, int] = {}
    for group in reversed(list(_groups(index, begin, end))):
        _spread_back(index, group, host, end, moments, wanted)
        for row in group:
            src = int(index.src[row])
            if row in moments:
                wanted[src] = min(wanted.get(src, int(index.earliest[row])), int(index.earliest[row]))
    return moments


def _spread_back(
    index: HopIndex, group: list[int], host: int, end: int, moments: dict[int, int], wanted: dict[int, int]
) -> None:
    """Settle the last useful moments of a group of hops with overlapping stamps, given those of later groups."""
    for row in group:
        dst = int(index.dst[row])
        if dst == host or (dst in wanted and wanted[dst] <= index.open[row]):
            moments[row] = min(index.latest(row), end)
    waiting = [row for row in group if row in moments] if len(group) > 1 else []
    arriving = _by_host(index.dst, group) if waiting else {}
    while waiting:
        after = waiting.pop()
        for row in arriving.get(int(index.src[after]), ()):
            if row == after:
                continue
            moment = min(index.latest(row), moments[after], int(index.open[row]))
            if index.earliest[after] > index.open[row] or moment < index.earliest[row]:
                continue
            if moment > moments.get(row, moment - 1):
                moments[row] = moment
                waiting.append(row)


def _by_host(hosts: Ids, group: list[int]) -> dict[int, list[int]]:
    """The hops of a group by one of their ends."""
    found: dict[int, list[int]] = {}
    for row in group:
        found.setdefault(int(hosts[row]), []).append(row)
    return found


def _groups(index: HopIndex, begin: int, end: int) -> Iterator[list[int]]:
    """The hops of a time, in order, those whose stamps overlap together."""
    group: list[int] = []
    latest = begin
    for row in index.rows_within(begin, end):
        if index.latest(row) < begin:
            continue
        if group and index.earliest[row] > latest:
            yield group
            group = []
            latest = begin
        group.append(row)
        latest = max(latest, index.latest(row))
    if group:
        yield group
