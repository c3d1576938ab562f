"""Who could be reached, and from where: walks over all hops of a time."""

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - loops that calls would make slower, over plain arrays

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from graphmap.graph.kernels.common import FAR, NONE, SECOND, compiled, grown, stretch

BY_KEY, BY_ACCOUNT, BY_OPEN, BY_START = range(4)
"""Why a session is preferred as the origin of a hop: `graphmap.model.Basis`, in its order."""


@compiled
def group_rows(group: Any, number: int) -> Any:
    """Group rows by their group: Groups, as a pair. A counting sort: rows stay in order."""
    offsets = np.zeros(number + 1, np.int64)
    for row in range(group.size):
        offsets[group[row] + 1] += 1
    for place in range(number):
        offsets[place + 1] += offsets[place]
    rows = np.empty(group.size, np.int32)
    free = offsets[:number].copy()
    for row in range(group.size):
        rows[free[group[row]]] = row
        free[group[row]] += 1
    return rows, offsets


@compiled
def join_stamps(earliest: Any) -> Any:
    """Whether each stamp overlaps the next one, or one before it does. `earliest` is in order."""
    joined = np.zeros(earliest.size, np.bool_)
    last = -FAR
    for row in range(earliest.size - 1):
        last = max(last, stretch(earliest[row]))
        joined[row] = earliest[row + 1] <= last
    return joined


@compiled
def count_origins(hops: Any, leaving: Any, arriving: Any, accounts: int, keys: int) -> Any:
    """For each hop, how many sessions could have been its origin, and how many of them its basis prefers.

    Returns
    -------
    Four arrays: `origins` and `preferred` (int32), `basis` (int8), `sure` (bool: the order with some preferred session
    is certain). Cost: one sort by `open` a host, then every session is taken up and dropped a fixed number of times.
    """
    size = hops.src.size
    origins, preferred = np.zeros(size, np.int32), np.zeros(size, np.int32)
    basis, sure = np.full(size, BY_START, np.int8), np.ones(size, np.bool_)
    # how many sessions are open: all of them, by account, by key; then the same of those that surely started
    by_account, by_key = np.zeros(accounts, np.int32), np.zeros(keys + 1, np.int32)
    sure_account, sure_key = np.zeros(accounts, np.int32), np.zeros(keys + 1, np.int32)
    for host in range(leaving.offsets.size - 1):
        going = leaving.rows[leaving.offsets[host] : leaving.offsets[host + 1]]
        come = arriving.rows[arriving.offsets[host] : arriving.offsets[host + 1]]
        if going.size == 0 or come.size == 0:
            continue
        closing = come[np.argsort(hops.open[come])]
        for whole in (False, True):  # in each pass the moments that are asked about only rise
            started = closed = fine = coarse = everyone = sure_everyone = 0
            for hop in going:
                moment = hops.earliest[hop]
                if (moment % SECOND == 0) != whole:
                    continue
                last = stretch(moment)
                while started < come.size and hops.earliest[come[started]] <= last:
                    row = come[started]
                    everyone += 1
                    by_account[hops.account[row]] += 1
                    by_key[hops.key[row]] += 1
                    started += 1
                while fine < come.size and hops.earliest[come[fine]] < moment:
                    row = come[fine]
                    fine += 1
                    if hops.earliest[row] % SECOND != 0:
                        sure_everyone += 1
                        sure_account[hops.account[row]] += 1
                        sure_key[hops.key[row]] += 1
                while coarse < come.size and hops.earliest[come[coarse]] + SECOND - 1 < moment:
                    row = come[coarse]
                    coarse += 1
                    if hops.earliest[row] % SECOND == 0:
                        sure_everyone += 1
                        sure_account[hops.account[row]] += 1
                        sure_key[hops.key[row]] += 1
                while closed < come.size and hops.open[closing[closed]] < moment:
                    row = closing[closed]
                    closed += 1
                    everyone -= 1
                    by_account[hops.account[row]] -= 1
                    by_key[hops.key[row]] -= 1
                    sure_everyone -= 1
                    sure_account[hops.account[row]] -= 1
                    sure_key[hops.key[row]] -= 1
                itself = 1 if hops.dst[hop] == host else 0
                account, key = hops.account[hop], hops.key[hop]
                origins[hop] = everyone - itself
                if key >= 0 and by_key[key] > itself:
                    preferred[hop], basis[hop], sure[hop] = by_key[key] - itself, BY_KEY, sure_key[key] > 0
                elif by_account[account] > itself:
                    preferred[hop], basis[hop] = by_account[account] - itself, BY_ACCOUNT
                    sure[hop] = sure_account[account] > 0
                elif everyone > itself:
                    preferred[hop], basis[hop], sure[hop] = everyone - itself, BY_OPEN, sure_everyone > 0
            for row in come:
                by_account[hops.account[row]] = sure_account[hops.account[row]] = 0
                by_key[hops.key[row]] = sure_key[hops.key[row]] = 0
    return origins, preferred, basis, sure


@compiled
def spread_forward(hops: Any, span: Any, begin: int, seeds: Any, account: int, session: int) -> Any:
    """The hops that could be made or caused from a start within a time, and the first moment of each.

    Parameters
    ----------
    hops
        Hops.
    span
        First row, and the row behind the last, that are looked at: from the first of the second of `begin` to the last
        that is not after the end of the time.
    begin
        us since 1970; no moment lies before it.
    seeds
        bool, one element a host or source: a path may begin with any hop that leaves such a one.
    account, session
        A path may also begin with any hop of this account, or with this hop; NONE for neither.

    Returns
    -------
    Rows (int32) in order, and their moments (int64). Cost: one pass; within a group every hop is settled once, in the
    order of moments, as in Dijkstra's algorithm.
    """
    until = np.full(seeds.size, -FAR, np.int64)
    waiting = np.full(seeds.size, NONE, np.int32)
    after = np.empty(16, np.int32)
    moments = np.empty(16, np.int64)
    rows, times, found = np.empty(1024, np.int32), np.empty(1024, np.int64), 0
    row = span[0]
    while row < span[1]:
        if not hops.joined[row]:
            moment = hops.earliest[row]
            src = hops.src[row]
            if until[src] >= moment or seeds[src] or hops.account[row] == account or row == session:
                last = stretch(moment)
                moment = max(moment, begin)
                if last >= begin and (
                    until[src] >= moment or seeds[src] or hops.account[row] == account or row == session
                ):
                    if found == rows.size:
                        rows, times = grown(rows), grown(times)
                    rows[found], times[found] = row, moment
                    found += 1
                    until[hops.dst[row]] = max(until[hops.dst[row]], hops.open[row])
            row += 1
            continue
        end = row + 1
        while end < span[1] and hops.joined[end - 1]:
            end += 1
        size = end - row
        while moments.size < size:
            moments, after = grown(moments), grown(after)
        reached = 0
        for hop in range(row, end):
            src, moment = hops.src[hop], max(hops.earliest[hop], begin)
            moments[hop - row] = FAR
            if stretch(hops.earliest[hop]) >= begin and (
                until[src] >= moment or seeds[src] or hops.account[hop] == account or hop == session
            ):
                moments[hop - row] = moment
                reached += 1
        if reached:
            _settle_forward(hops, row, end, begin, moments, waiting, after)
            for hop in range(row, end):
                if moments[hop - row] < FAR:
                    if found == rows.size:
                        rows, times = grown(rows), grown(times)
                    rows[found], times[found] = hop, moments[hop - row]
                    found += 1
                    until[hops.dst[hop]] = max(until[hops.dst[hop]], hops.open[hop])
        row = end
    return rows[:found], times[:found]


@compiled
def _settle_forward(hops: Any, row: int, end: int, begin: int, moments: Any, waiting: Any, after: Any) -> None:
    """Follow the reached hops of a group within it. The others wait by the host that they leave, earliest first."""
    heap = [(np.int64(0), np.int64(0))]
    heap.clear()
    for hop in range(end - 1, row - 1, -1):
        if moments[hop - row] < FAR:
            heap.append((moments[hop - row], np.int64(hop)))
        elif stretch(hops.earliest[hop]) >= begin:
            after[hop - row] = waiting[hops.src[hop]]
            waiting[hops.src[hop]] = hop
    heapq.heapify(heap)
    while heap:
        moment, before = heapq.heappop(heap)
        host = hops.dst[before]
        last = NONE
        hop = waiting[host]
        while hop != NONE and hops.earliest[hop] <= hops.open[before]:
            following = after[hop - row]
            # settled in the order of moments: its first moment is its best, and one that is too late stays so
            if last == NONE:
                waiting[host] = following
            else:
                after[last - row] = following
            if stretch(hops.earliest[hop]) >= moment:
                moments[hop - row] = max(moment, hops.earliest[hop])
                heapq.heappush(heap, (moments[hop - row], np.int64(hop)))
            hop = following
    for hop in range(row, end):
        waiting[hops.src[hop]] = NONE


@compiled
def spread_back(hops: Any, span: Any, begin: int, end: int, seeds: Any, account: int, session: int) -> Any:
    """The hops that could have led to an end within a time, and the last useful moment of each.

    The mirror image of `spread_forward`: `seeds` are hosts that the last hop of a path arrives at, `account` and
    `session` whose or which hop it may be, and no moment lies after `end`. Rows come in order.
    """
    wanted = np.full(seeds.size, FAR, np.int64)
    waiting = np.full(seeds.size, NONE, np.int32)
    after = np.empty(16, np.int32)
    moments = np.empty(16, np.int64)
    rows, times, found = np.empty(1024, np.int32), np.empty(1024, np.int64), 0
    stop = span[1]
    while stop > span[0]:
        row = stop - 1
        while row > span[0] and hops.joined[row - 1]:
            row -= 1
        size = stop - row
        while moments.size < size:
            moments, after = grown(moments), grown(after)
        reached = 0
        for hop in range(row, stop):
            dst = hops.dst[hop]
            moments[hop - row] = -FAR
            if stretch(hops.earliest[hop]) >= begin and (
                wanted[dst] <= hops.open[hop] or seeds[dst] or hops.account[hop] == account or hop == session
            ):
                moments[hop - row] = min(stretch(hops.earliest[hop]), end)
                reached += 1
        if reached:
            if size > 1:
                _settle_back(hops, row, stop, begin, moments, waiting, after)
            for hop in range(stop - 1, row - 1, -1):
                if moments[hop - row] > -FAR:
                    if found == rows.size:
                        rows, times = grown(rows), grown(times)
                    rows[found], times[found] = hop, moments[hop - row]
                    found += 1
                    wanted[hops.src[hop]] = min(wanted[hops.src[hop]], hops.earliest[hop])
        stop = row
    return rows[:found][::-1].copy(), times[:found][::-1].copy()


@compiled
def _settle_back(hops: Any, row: int, stop: int, begin: int, moments: Any, waiting: Any, after: Any) -> None:
    """Follow the useful hops of a group back within it. The others wait by the host that they arrive at."""
    heap = [(np.int64(0), np.int64(0))]
    heap.clear()
    for hop in range(row, stop):
        if moments[hop - row] > -FAR:
            heap.append((-moments[hop - row], np.int64(hop)))
        elif stretch(hops.earliest[hop]) >= begin:
            after[hop - row] = waiting[hops.dst[hop]]
            waiting[hops.dst[hop]] = hop
    heapq.heapify(heap)
    while heap:
        negative, follower = heapq.heappop(heap)
        moment, host = -negative, hops.src[follower]
        last = NONE
        hop = waiting[host]
        while hop != NONE:
            following = after[hop - row]
            if hops.open[hop] < hops.earliest[follower]:  # closed by then; another may have started before
                last = hop
            else:
                if last == NONE:
                    waiting[host] = following
                else:
                    after[last - row] = following
                if hops.earliest[hop] <= moment:
                    moments[hop - row] = min(moment, stretch(hops.earliest[hop]))
                    heapq.heappush(heap, (-moments[hop - row], np.int64(hop)))
            hop = following
    for hop in range(row, stop):
        waiting[hops.dst[hop]] = NONE
