"""Chains: the best ones, and how many there are."""

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917, SIM110, FBT001 - loops that calls would make slower, over plain arrays

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from graphmap.graph.kernels.common import FAR, NONE, compiled, grown, stretch

BY_KEY, BY_ACCOUNT, BY_OPEN, BY_START = range(4)
"""Why a session is preferred as the origin of a hop: `graphmap.model.Basis`, in its order."""

BIT = 1 << 16
"""Scores are whole numbers, so that sums are exact in any order: of this part of a bit, or of a microsecond."""
NEVER = -(1 << 30)
"""Less than any score; a sum with it stays below `NEVER // 2`."""
BLOCK = 64
"""As in `graphmap.graph.index`."""
PATIENCE = 200_000
"""How many steps are taken within one group: more than any but thousands of hops of one second in rings take."""


@compiled
def link_score(hops: Any, before: int, hop: int, bits: Any) -> int:
    """What the certainty that `hop` follows `before` is worth, in BITths of a bit: 0 for a certain one, else negative.

    `bits[n]` is that of a certainty of 1 / n. A pair whose order the stamps do not show counts half.
    """
    basis = hops.basis[hop]
    if basis == BY_KEY:
        likely = hops.key[before] == hops.key[hop]
    elif basis == BY_ACCOUNT:
        likely = hops.account[before] == hops.account[hop]
    else:
        likely = True
    number = hops.preferred[hop] if likely else hops.origins[hop]
    worth = bits[number]
    return worth - BIT if stretch(hops.earliest[before]) >= hops.earliest[hop] else worth


@compiled
def best_endings(hops: Any, nodes: int, longest: int, first: Any, step: Any, bits: Any, weight: int) -> Any:
    """The best score of a chain that ends with each hop, for each number of hops from 1 to `longest`.

    Parameters
    ----------
    hops, nodes
        Hops, and the number of hosts and sources.
    longest
        Most hops.
    first, step
        Scores (int32 or int64) of a hop that begins a chain, and of one that follows another; NEVER where it may not.
    bits, weight
        As in `link_score`, whose result is multiplied by `weight`.

    Returns
    -------
    Array of shape (hops, longest), of the type of `first`, NEVER or a little above where there is no such chain; and
    the number of groups in which patience ran out, so that a chain through one of them may be missed.

    Notes
    -----
    The sessions that are open on a host hang in a list. One that another of the same account and key outlives and
    outdoes in every length is dropped, so that the list of a busy host stays short.
    """
    size = hops.src.size
    best = np.full((size, longest), NEVER, first.dtype)
    head, nexts = np.full(nodes, NONE, np.int32), np.full(size, NONE, np.int32)
    left = np.zeros(nodes, np.bool_)
    for row in range(size):
        left[hops.src[row]] = True
    waiting, after = np.full(nodes, NONE, np.int32), np.empty(16, np.int32)
    path, places = np.empty(longest, np.int32), np.empty(longest + 1, np.int32)
    moments, scores = np.empty(longest, np.int64), np.empty((longest, longest), first.dtype)
    entry = np.empty((16, longest), first.dtype)
    cut = 0
    row = 0
    while row < size:
        end = row + 1
        while end < size and hops.joined[end - 1]:
            end += 1
        for hop in range(row, end):
            best[hop, 0] = first[hop]
            src = hops.src[hop]
            if step[hop] <= NEVER // 2:
                continue
            last, session = NONE, head[src]
            while session != NONE:
                following = nexts[session]
                if hops.open[session] < hops.earliest[hop]:
                    if last == NONE:
                        head[src] = following
                    else:
                        nexts[last] = following
                else:
                    last = session
                    worth = weight * link_score(hops, session, hop, bits) + step[hop]
                    for length in range(1, longest):
                        score = best[session, length - 1] + worth
                        best[hop, length] = max(best[hop, length], score)
                session = following
        if end - row > 1:
            while entry.shape[0] < end - row:
                entry, after = np.empty((entry.shape[0] * 2, longest), first.dtype), grown(after)
            entry[: end - row] = best[row:end]
            steps = _best_in_group(
                hops, row, end, longest, step, bits, weight, best, entry, waiting, after, path, places, moments, scores
            )
            cut += steps == 0
        for hop in range(row, end):
            dst = hops.dst[hop]
            if not left[dst]:
                continue
            last, session, useful = NONE, head[dst], _is_ending(best, hop)
            while session != NONE and useful:
                following = nexts[session]
                if hops.open[session] < hops.earliest[row] or _outdoes(hops, best, hop, session):
                    if last == NONE:
                        head[dst] = following
                    else:
                        nexts[last] = following
                else:
                    useful = not _outdoes(hops, best, session, hop)
                    last = session
                session = following
            if useful:
                nexts[hop] = head[dst]
                head[dst] = hop
        row = end
    return best, cut


@compiled
def _is_ending(best: Any, hop: int) -> bool:
    """Whether any chain ends with a hop."""
    for length in range(best.shape[1]):
        if best[hop, length] > NEVER // 2:
            return True
    return False


@compiled
def _outdoes(hops: Any, best: Any, one: int, other: int) -> bool:
    """Whether a session serves whatever follows on its host at least as well as another that is still open."""
    if hops.account[one] != hops.account[other] or hops.key[one] != hops.key[other]:
        return False
    if hops.open[one] < hops.open[other]:
        return False
    for length in range(best.shape[1]):
        if best[one, length] < best[other, length]:
            return False
    return True


@compiled
def _best_in_group(
    hops: Any, row: int, end: int, longest: int, step: Any, bits: Any, weight: int, best: Any, entry: Any,
    waiting: Any, after: Any, path: Any, places: Any, moments: Any, scores: Any,
) -> int:  # fmt: skip
    """Prolong the best chains that enter a group by every way through it. Gives the patience that is left."""
    for hop in range(end - 1, row - 1, -1):
        if step[hop] > NEVER // 2:
            after[hop - row] = waiting[hops.src[hop]]
            waiting[hops.src[hop]] = hop
    patience = PATIENCE
    for start in range(row, end):
        depth = 0 if _is_ending(entry, start - row) else NONE
        path[0], places[0], moments[0] = start, waiting[hops.dst[start]], hops.earliest[start]
        scores[0] = entry[start - row]
        while depth >= 0 and patience > 0:
            hop = places[depth]
            if hop == NONE or depth + 1 == longest:
                depth -= 1
                continue
            patience -= 1
            places[depth] = after[hop - row]
            before, moment = path[depth], max(moments[depth], hops.earliest[hop])
            if moment > stretch(hops.earliest[hop]) or moment > hops.open[before]:
                continue
            again = False
            for place in range(depth + 1):
                again |= path[place] == hop
            if again:
                continue
            worth = weight * link_score(hops, before, hop, bits) + step[hop]
            depth += 1
            path[depth], places[depth], moments[depth] = hop, waiting[hops.dst[hop]], moment
            scores[depth, 0] = NEVER
            for length in range(1, longest):
                score = scores[depth - 1, length - 1] + worth
                scores[depth, length] = score
                best[hop, length] = max(best[hop, length], score)
    for hop in range(row, end):
        waiting[hops.src[hop]] = NONE
    return patience


@compiled
def order_closings(arriving: Any, opens: Any) -> Any:
    """The rows of `arriving`, those of each host in the order in which their sessions close."""
    rows = np.empty_like(arriving.rows)
    for host in range(arriving.offsets.size - 1):
        come = arriving.rows[arriving.offsets[host] : arriving.offsets[host + 1]]
        rows[arriving.offsets[host] : arriving.offsets[host + 1]] = come[np.argsort(opens[come])]
    return rows


BEGINS, FOLLOWS, ENDS = 1, 2, 4
"""What a hop may be in a chain that is counted."""


@compiled
def count_chains(hops: Any, arriving: Any, closing: Any, longest: int, roles: Any) -> Any:
    """How many chains of 1 to `longest` hops there are.

    Parameters
    ----------
    hops, arriving, closing
        Hops, the Groups of those that arrive at each host, and `order_closings` of them.
    longest
        Most hops.
    roles
        uint8, one element a hop: BEGINS, FOLLOWS, ENDS, added up.

    Returns
    -------
    Chains by number of hops (uint64); whether a number grew beyond 2**62 somewhere, so that it means nothing; in how
    many groups patience ran out, so that there are more chains than counted.
    """
    size, nodes = hops.src.size, arriving.offsets.size - 1
    ending = np.zeros((size, longest), np.uint64)
    opened = np.zeros((nodes, longest), np.uint64)
    closed = arriving.offsets[:nodes].copy()
    asked = np.full(nodes, -FAR, np.int64)
    waiting, after = np.full(nodes, NONE, np.int32), np.empty(16, np.int32)
    entry = np.empty((16, longest), np.uint64)
    path, places = np.empty(longest, np.int32), np.empty(longest + 1, np.int32)
    moments = np.empty(longest, np.int64)
    total = np.zeros(longest, np.uint64)
    limit, large, cut = np.uint64(1 << 62), False, 0
    row = 0
    while row < size:
        end = row + 1
        while end < size and hops.joined[end - 1]:
            end += 1
        for hop in range(row, end):
            if roles[hop] & BEGINS:
                ending[hop, 0] = 1
            src, moment = hops.src[hop], hops.earliest[hop]
            if not roles[hop] & FOLLOWS:
                continue
            asked[src] = moment
            while closed[src] < arriving.offsets[src + 1] and hops.open[closing[closed[src]]] < moment:
                session = closing[closed[src]]
                closed[src] += 1
                if session < row:  # one of this group is not among the open ones yet, and never will be
                    for length in range(longest):
                        opened[src, length] -= ending[session, length]
            for length in range(1, longest):
                ending[hop, length] = opened[src, length - 1]
        if end - row > 1:
            while entry.shape[0] < end - row:
                entry, after = np.empty((entry.shape[0] * 2, longest), np.uint64), grown(after)
            entry[: end - row] = ending[row:end]
            steps = _count_in_group(
                hops, row, end, longest, roles, ending, entry, waiting, after, path, places, moments
            )
            cut += steps == 0
        for hop in range(row, end):
            dst = hops.dst[hop]
            for length in range(longest):
                if roles[hop] & ENDS:
                    total[length] += ending[hop, length]
                    large |= total[length] > limit
                if hops.open[hop] >= asked[dst]:
                    opened[dst, length] += ending[hop, length]
                    large |= opened[dst, length] > limit
        row = end
    return total, large, cut


@compiled
def _count_in_group(
    hops: Any, row: int, end: int, longest: int, roles: Any, ending: Any, entry: Any, waiting: Any, after: Any,
    path: Any, places: Any, moments: Any,
) -> int:  # fmt: skip
    """Prolong the chains that enter a group by every way through it. Gives the patience that is left."""
    for hop in range(end - 1, row - 1, -1):
        if roles[hop] & FOLLOWS:
            after[hop - row] = waiting[hops.src[hop]]
            waiting[hops.src[hop]] = hop
    patience = PATIENCE
    for start in range(row, end):
        depth = 0
        path[0], places[0], moments[0] = start, waiting[hops.dst[start]], hops.earliest[start]
        while depth >= 0 and patience > 0:
            hop = places[depth]
            if hop == NONE or depth + 1 == longest:
                depth -= 1
                continue
            patience -= 1
            places[depth] = after[hop - row]
            moment = max(moments[depth], hops.earliest[hop])
            if moment > stretch(hops.earliest[hop]) or moment > hops.open[path[depth]]:
                continue
            again = False
            for place in range(depth + 1):
                again |= path[place] == hop
            if again:
                continue
            depth += 1
            path[depth], places[depth], moments[depth] = hop, waiting[hops.dst[hop]], moment
            for length in range(depth, longest):
                ending[hop, length] += entry[start - row, length - depth]
    for hop in range(row, end):
        waiting[hops.src[hop]] = NONE
    return patience


@compiled
def _place_up_to(hops: Any, arriving: Any, host: int, moment: int) -> int:
    """Where in `arriving.rows` the sessions of a host end that may have started by a moment."""
    low, high = arriving.offsets[host], arriving.offsets[host + 1]
    while low < high:
        middle = (low + high) // 2
        if hops.earliest[arriving.rows[middle]] <= moment:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _next_origin(hops: Any, arriving: Any, blocks: Any, hop: int, place: int) -> int:
    """The last place before `place` that holds a possible origin of a hop; NONE where there is none."""
    moment = hops.earliest[hop]
    begin = arriving.offsets[hops.src[hop]]
    place -= 1
    while place >= begin:
        block = place // BLOCK
        if blocks[1][block] < moment:
            return NONE
        if blocks[0][block] < moment:
            place = block * BLOCK - 1
            continue
        session = arriving.rows[place]
        if hops.open[session] >= moment and session != hop:
            return place
        place -= 1
    return NONE


@compiled
def _is_path(hops: Any, path: Any, depth: int, simple: bool) -> bool:
    """Whether the hops from `path[depth]` down to `path[0]` follow each other, and none twice."""
    first = path[depth]
    moment = hops.earliest[first]
    for place in range(depth - 1, -1, -1):
        hop = path[place]
        if hop == first or (simple and (hops.dst[hop] == hops.src[first] or hops.dst[hop] == hops.src[hop])):
            return False
        moment = max(moment, hops.earliest[hop])
        if moment > stretch(hops.earliest[hop]) or moment > hops.open[path[place + 1]]:
            return False
    return not (simple and depth and hops.dst[first] == hops.src[first])


@compiled
def best_chains(
    hops: Any, arriving: Any, blocks: Any, best: Any, first: Any, step: Any, bits: Any, weight: int, last: Any,
    shortest: int, wanted: int, simple: bool, patience: int,
) -> Any:  # fmt: skip
    """The best chains of all, in order: score, the first last hop, fewer hops, the latest hops before it.

    Parameters
    ----------
    hops, arriving, blocks
        Hops, the Groups of those that arrive at each host, and `HopIndex.blocks`.
    best, first, step, bits, weight
        `best_endings`, and what it was told.
    last
        Score (as `first`) that a hop adds to a chain which ends with it; NEVER where none may.
    shortest, wanted
        Fewest hops, and how many chains.
    simple
        Whether a chain may visit each host only once.
    patience
        How many looks at a possible origin are taken in all.

    Returns
    -------
    Rows (int32, NONE where there is none; a chain a row, its last hop first), scores, and whether patience ran out.

    Notes
    -----
    The `wanted` best pairs of a last hop and a number of hops come first: the best chain of each such pair is one, so
    that no other pair can hold a better one. From these the search goes back and leaves out whatever `best` shows to
    be no better than the chains that it has, so that the many ways through a busy host are never listed.
    """
    longest = best.shape[1]
    zero = np.int64(0)
    pairs = [(zero, zero, zero)]
    pairs.clear()
    for row in range(hops.src.size):
        if last[row] <= NEVER // 2:
            continue
        for length in range(shortest - 1, longest):
            if best[row, length] <= NEVER // 2:
                continue
            score = np.int64(best[row, length]) + last[row]
            if simple or len(pairs) < wanted:
                heapq.heappush(pairs, (score, np.int64(-row), np.int64(-length)))
            elif score > pairs[0][0]:
                heapq.heapreplace(pairs, (score, np.int64(-row), np.int64(-length)))
    pairs.sort()
    chains, scores = np.full((wanted, longest), NONE, np.int32), np.zeros(wanted, np.int64)
    kept = [(zero, zero, zero, zero, zero)]
    kept.clear()
    path, places, tails = np.empty(longest, np.int32), np.empty(longest, np.int64), np.zeros(longest + 1, np.int64)
    number, tired = zero, False
    for pair in pairs[::-1]:
        row, length = -pair[1], -pair[2]
        if tired or (len(kept) == wanted and (pair[0], pair[1], pair[2]) <= (kept[0][0], kept[0][1], kept[0][2])):
            continue
        depth = 0
        path[0], tails[0] = row, last[row]
        if length:
            places[0] = _place_up_to(hops, arriving, hops.src[row], stretch(hops.earliest[row]))
        while depth >= 0:
            hop = path[depth]
            whole = depth == length
            if whole:
                score = np.int64(tails[depth] + first[hop])
                number += 1
                slot = np.int64(len(kept))
                if len(kept) == wanted:
                    slot = kept[0][4]
                if len(kept) < wanted:
                    heapq.heappush(kept, (score, pair[1], pair[2], -number, slot))
                elif (score, pair[1], pair[2], -number) > (kept[0][0], kept[0][1], kept[0][2], kept[0][3]):
                    heapq.heapreplace(kept, (score, pair[1], pair[2], -number, slot))
                else:
                    slot = np.int64(NONE)
                if slot != NONE:
                    chains[slot, : depth + 1] = path[: depth + 1]
                    chains[slot, depth + 1 :] = NONE
                    scores[slot] = score
                depth -= 1
                continue
            place = _next_origin(hops, arriving, blocks, hop, places[depth])
            patience -= 1
            if place == NONE or patience < 0:
                tired |= patience < 0
                depth -= 1
                continue
            places[depth] = place
            session = arriving.rows[place]
            ahead = best[session, length - depth - 1] if depth + 1 < length else first[session]
            if ahead <= NEVER // 2 or step[hop] <= NEVER // 2:
                continue
            tail = tails[depth] + weight * link_score(hops, session, hop, bits) + step[hop]
            if len(kept) == wanted and (tail + ahead, pair[1], pair[2]) <= (kept[0][0], kept[0][1], kept[0][2]):
                continue
            path[depth + 1] = session
            if not _is_path(hops, path, depth + 1, simple):
                continue
            depth += 1
            tails[depth] = tail
            if depth < length:
                places[depth] = _place_up_to(hops, arriving, hops.src[session], stretch(hops.earliest[session]))
    kept.sort()
    order = np.empty(len(kept), np.int64)
    for place in range(len(kept)):
        order[place] = kept[len(kept) - 1 - place][4]
    return chains[order], scores[order], tired
