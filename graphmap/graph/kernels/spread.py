"""Who could be reached, and from where: walks over all hops of a time; and from how many sessions each hop may come."""

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917, PERF401 - loops that calls would make slower, over plain arrays

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from graphmap.graph.kernels.common import BY_ACCOUNT, BY_KEY, BY_OPEN, BY_START, FAR, NONE, SECOND, compiled, stretch


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
def count_origins(hops: Any, leaving: Any, arriving: Any, accounts: int, keys: int, nobody: int) -> Any:
    """For each hop, how many sessions could have been its origin, and how many of them its basis prefers.

    `nobody` is the account that no log names, which is the same as no other.

    Returns
    -------
    Four arrays: `origins` and `preferred` (int32), `basis` (int8), `sure` (bool: the order with some preferred session
    is certain). Cost: one sort by `open` a host, then every session is taken up and dropped a fixed number of times.
    """
    dsts, owners, used, earliest, opens = hops.dst, hops.account, hops.key, hops.earliest, hops.open
    going_rows, going_at = leaving
    come_rows, come_at = arriving
    size = dsts.size
    origins, preferred = np.zeros(size, np.int32), np.zeros(size, np.int32)
    basis, sure = np.full(size, BY_START, np.int8), np.ones(size, np.bool_)
    # how many sessions are open: all of them, by account, by key; then the same of those that surely started
    by_account, by_key = np.zeros(accounts, np.int32), np.zeros(keys + 1, np.int32)
    sure_account, sure_key = np.zeros(accounts, np.int32), np.zeros(keys + 1, np.int32)
    for host in range(going_at.size - 1):
        going, come = going_rows[going_at[host] : going_at[host + 1]], come_rows[come_at[host] : come_at[host + 1]]
        if going.size == 0 or come.size == 0:
            continue
        # what lies together in memory is looked at many times faster than what lies about
        stamp, owner, key_of = earliest[come], owners[come], used[come]
        closing = np.argsort(opens[come])
        closes = opens[come][closing]
        for whole in (False, True):  # in each pass the moments that are asked about only rise
            started = closed = fine = coarse = everyone = sure_everyone = 0
            for hop in going:
                moment = earliest[hop]
                if (moment % SECOND == 0) != whole:
                    continue
                last = stretch(moment)
                while started < stamp.size and stamp[started] <= last:
                    everyone += 1
                    by_account[owner[started]] += 1
                    by_key[key_of[started]] += 1
                    started += 1
                while fine < stamp.size and stamp[fine] < moment:
                    if stamp[fine] % SECOND != 0:
                        sure_everyone += 1
                        sure_account[owner[fine]] += 1
                        sure_key[key_of[fine]] += 1
                    fine += 1
                while coarse < stamp.size and stamp[coarse] + SECOND - 1 < moment:
                    if stamp[coarse] % SECOND == 0:
                        sure_everyone += 1
                        sure_account[owner[coarse]] += 1
                        sure_key[key_of[coarse]] += 1
                    coarse += 1
                while closed < closes.size and closes[closed] < moment:
                    place = closing[closed]
                    closed += 1
                    everyone -= 1
                    by_account[owner[place]] -= 1
                    by_key[key_of[place]] -= 1
                    sure_everyone -= 1
                    sure_account[owner[place]] -= 1
                    sure_key[key_of[place]] -= 1
                itself = 1 if dsts[hop] == host else 0
                account, key = owners[hop], used[hop]
                origins[hop] = everyone - itself
                if key >= 0 and by_key[key] > itself:
                    preferred[hop], basis[hop], sure[hop] = by_key[key] - itself, BY_KEY, sure_key[key] > 0
                elif account != nobody and by_account[account] > itself:
                    preferred[hop], basis[hop] = by_account[account] - itself, BY_ACCOUNT
                    sure[hop] = sure_account[account] > 0
                elif everyone > itself:
                    preferred[hop], basis[hop], sure[hop] = everyone - itself, BY_OPEN, sure_everyone > 0
            for place in range(owner.size):
                by_account[owner[place]] = sure_account[owner[place]] = 0
                by_key[key_of[place]] = sure_key[key_of[place]] = 0
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
    src, dst, owner = hops.src, hops.dst, hops.account
    earliest, opens, joined = hops.earliest, hops.open, hops.joined
    # A seed is a host where a session is always open. Memory that is not written to is not taken.
    until, visited = np.where(seeds, FAR, -FAR), np.zeros(seeds.size, np.int64)
    waiting, after = np.full(seeds.size, NONE, np.int32), np.empty(span[1] - span[0], np.int32)
    moments = np.empty(span[1] - span[0], np.int64)
    rows, times, found = np.empty(span[1] - span[0], np.int32), np.empty(span[1] - span[0], np.int64), 0
    start, stop = span
    row = start
    while True:
        # most hops are reached by nobody: what overlaps only such ones is not looked at
        while (
            row < stop
            and until[np.uint64(src[row])] < earliest[row]
            and (account < 0 or owner[row] != account)
            and row != session
        ):
            row += 1
        if row >= stop:
            break
        one, end = row, row + 1
        while end < stop and joined[end - 1]:
            end += 1
        while row > start and joined[row - 1]:
            row -= 1
        reached, led = 0, False
        for hop in range(row, one):
            moments[hop - row] = FAR
        for hop in range(one, end):
            moment = max(earliest[hop], begin)
            moments[hop - row] = FAR
            if (
                until[np.uint64(src[hop])] >= moment or (account >= 0 and owner[hop] == account) or hop == session
            ) and stretch(earliest[hop]) >= begin:
                moments[hop - row] = moment
                visited[dst[hop]] = end
                reached += 1
        if 0 < reached < end - row:
            for hop in range(row, end):
                led |= visited[src[hop]] == end and moments[hop - row] == FAR
        if led:
            _settle_forward(src, dst, earliest, opens, row, end, begin, moments, waiting, after)
        for hop in range(row if led else one, end):
            if moments[hop - row] < FAR:
                rows[found], times[found] = hop, moments[hop - row]
                found += 1
                until[dst[hop]] = max(until[dst[hop]], opens[hop])
        row = end
    return rows[:found].copy(), times[:found].copy()


@compiled
def _settle_forward(
    src: Any, dst: Any, earliest: Any, opens: Any, row: int, end: int, begin: int,
    moments: Any, waiting: Any, after: Any,
) -> None:  # fmt: skip
    """Follow the reached hops of a group within it. The others wait by the host that they leave, earliest first."""
    for hop in range(end - 1, row - 1, -1):
        if moments[hop - row] == FAR and stretch(earliest[hop]) >= begin:
            after[hop - row] = waiting[src[hop]]
            waiting[src[hop]] = hop
    heap = [(np.int64(0), np.int64(0))]
    heap.clear()
    for hop in range(row, end):
        if moments[hop - row] < FAR:
            heap.append((moments[hop - row], np.int64(hop)))
    heapq.heapify(heap)
    while heap:
        moment, before = heapq.heappop(heap)
        host = dst[before]
        hop = waiting[host]
        while hop != NONE and max(moment, earliest[hop]) <= opens[before]:
            # settled in the order of moments: its first moment is its best, and one that is too late stays so
            waiting[host] = after[hop - row]
            if stretch(earliest[hop]) >= moment:
                moments[hop - row] = max(moment, earliest[hop])
                heapq.heappush(heap, (moments[hop - row], np.int64(hop)))
            hop = waiting[host]
    for hop in range(row, end):
        waiting[src[hop]] = NONE


@compiled
def spread_back(hops: Any, span: Any, begin: int, end: int, seeds: Any, account: int, session: int) -> Any:
    """The hops that could have led to an end within a time, and the last useful moment of each.

    The mirror image of `spread_forward`: `seeds` are hosts that the last hop of a path arrives at, `account` and
    `session` whose or which hop it may be, and no moment lies after `end`. Rows come in order.
    """
    src, dst, owner = hops.src, hops.dst, hops.account
    earliest, opens, joined = hops.earliest, hops.open, hops.joined
    wanted, visited = np.where(seeds, -FAR, FAR), np.zeros(seeds.size, np.int64)
    waiting, after = np.full(seeds.size, NONE, np.int32), np.empty(span[1] - span[0], np.int32)
    moments = np.empty(span[1] - span[0], np.int64)
    rows, times, found = np.empty(span[1] - span[0], np.int32), np.empty(span[1] - span[0], np.int64), 0
    first, row = span
    row -= 1
    while True:
        # as in `spread_forward`
        while (
            row >= first
            and wanted[np.uint64(dst[row])] > opens[row]
            and (account < 0 or owner[row] != account)
            and row != session
        ):
            row -= 1
        if row < first:
            break
        one, stop = row, row + 1
        while stop < span[1] and joined[stop - 1]:
            stop += 1
        while row > first and joined[row - 1]:
            row -= 1
        reached, led = 0, False
        for hop in range(one + 1, stop):
            moments[hop - row] = -FAR
        for hop in range(row, one + 1):
            moments[hop - row] = -FAR
            if (
                wanted[np.uint64(dst[hop])] <= opens[hop] or (account >= 0 and owner[hop] == account) or hop == session
            ) and stretch(earliest[hop]) >= begin:
                moments[hop - row] = min(stretch(earliest[hop]), end)
                visited[src[hop]] = stop
                reached += 1
        if 0 < reached < stop - row:
            for hop in range(row, stop):
                led |= visited[dst[hop]] == stop and moments[hop - row] == -FAR
        if led:
            _settle_back(src, dst, earliest, opens, row, stop, begin, moments, waiting, after)
        for hop in range(stop - 1 if led else one, row - 1, -1):
            if moments[hop - row] > -FAR:
                rows[found], times[found] = hop, moments[hop - row]
                found += 1
                wanted[src[hop]] = min(wanted[src[hop]], earliest[hop])
        row -= 1
    return rows[:found][::-1].copy(), times[:found][::-1].copy()


@compiled
def _settle_back(
    src: Any, dst: Any, earliest: Any, opens: Any, row: int, stop: int, begin: int,
    moments: Any, waiting: Any, after: Any,
) -> None:  # fmt: skip
    """Follow the useful hops of a group back within it. The others wait by the host that they arrive at."""
    for hop in range(row, stop):
        if moments[hop - row] == -FAR and stretch(earliest[hop]) >= begin:
            after[hop - row] = waiting[dst[hop]]
            waiting[dst[hop]] = hop
    heap = [(np.int64(0), np.int64(0))]
    heap.clear()
    for hop in range(row, stop):
        if moments[hop - row] > -FAR:
            heap.append((-moments[hop - row], np.int64(hop)))
    heapq.heapify(heap)
    while heap:
        negative, follower = heapq.heappop(heap)
        moment, host = -negative, src[follower]
        last, hop = NONE, waiting[host]
        while hop != NONE:
            following = after[hop - row]
            if opens[hop] < earliest[follower]:  # closed by then; another may have started before
                last = hop
            else:
                if last == NONE:
                    waiting[host] = following
                else:
                    after[last - row] = following
                if earliest[hop] <= moment:
                    moments[hop - row] = min(moment, stretch(earliest[hop]), opens[hop])
                    heapq.heappush(heap, (-moments[hop - row], np.int64(hop)))
            hop = following
    for hop in range(row, stop):
        waiting[dst[hop]] = NONE
