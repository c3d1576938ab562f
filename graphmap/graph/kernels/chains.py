"""Chains: the best ones, and how many there are."""

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917, SIM110, FBT001 - loops that calls would make slower, over plain arrays

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from graphmap.graph.kernels.common import BY_ACCOUNT, BY_KEY, FAR, NONE, compiled, prefetch, stretch
from graphmap.graph.kernels.tops import OF_ACCOUNT, OF_KEY, add, expect, make, of_account, of_key, prolong, with_room

BIT = 1 << 16
"""Scores are whole numbers, so that sums are exact in any order: of this part of a bit, or of a microsecond."""
NEVER = -(1 << 30)
"""Less than any score; a sum with it stays below `NEVER // 2`."""
BLOCK = 64
"""As in `graphmap.graph.index`."""
PATIENCE = 200_000
"""How many steps are taken within one group: more than any but thousands of hops of one second in rings take."""


@compiled
def _link(
    account: Any, key: Any, earliest: Any, origins: Any, preferred: Any, basis: Any, bits: Any, before: int, hop: int
) -> int:
    """What the certainty that `hop` follows `before` is worth, in BITths of a bit: 0 for a certain one, else negative.

    `bits[n]` is that of a certainty of 1 / n. A pair whose order the stamps do not show counts half.
    """
    if basis[hop] == BY_KEY:
        likely = key[before] == key[hop]
    elif basis[hop] == BY_ACCOUNT:
        likely = account[before] == account[hop]
    else:
        likely = True
    worth: int = bits[preferred[hop] if likely else origins[hop]]
    return worth - BIT if stretch(earliest[before]) >= earliest[hop] else worth


@compiled
def best_endings(hops: Any, nodes: int, longest: int, first: Any, step: Any, bits: Any, weight: int, known: Any) -> Any:
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
        What a certainty of 1 / n is worth, by n; `weight` times that is what a link scores.
    known
        What is returned of the first hops, a row a hop, where somebody knows that; these are sessions that were open
        when the others began, and their stamps overlap with none.

    Returns
    -------
    Array of shape (hops, longest), of the type of `first`, NEVER or a little above where there is no such chain; and
    the number of groups in which patience ran out, so that a chain through one of them may be missed.

    Notes
    -----
    What a hop may follow is open on the host that it leaves; of that only the best of its account or key, and the best
    of all, count (`graphmap.graph.kernels.tops`): a link of what its basis prefers is never worth less than another.
    """
    src, dst, account, key, earliest, opens, joined, origins, preferred, basis = hops
    size = src.size
    best = np.full((size, longest), NEVER, first.dtype)
    expected, groups = expect(hops, nodes)
    tops = make(groups, longest - 1)
    waiting, after = np.full(nodes, NONE, np.int32), np.empty(_largest_group(joined), np.int32)
    entry = np.empty((after.size, longest), first.dtype)
    cut = row = 0
    while row < size:
        end = row + 1
        while end < size and joined[end - 1]:
            end += 1
        for hop in range(row, end):
            if hop < known.shape[0]:
                best[hop] = known[hop]
                continue
            best[hop, 0] = first[hop]
            if step[hop] <= NEVER // 2:
                continue
            likely, other = weight * bits[preferred[hop]] + step[hop], weight * bits[origins[hop]] + step[hop]
            by = basis[hop]
            worth = other if by in {BY_KEY, BY_ACCOUNT} else likely
            if prolong(tops, src[hop], earliest[hop], worth, best, hop):
                if by == BY_KEY:
                    prolong(tops, of_key(groups, src[hop], key[hop]), earliest[hop], likely, best, hop)
                elif by == BY_ACCOUNT:
                    prolong(tops, of_account(groups, src[hop], account[hop]), earliest[hop], likely, best, hop)
        if end - row > 1:
            entry[: end - row] = best[row:end]
            steps = _best_in_group(
                src, dst, account, key, earliest, opens, origins, preferred, basis,
                row, end, longest, step, bits, weight, best, entry, waiting, after,
            )  # fmt: skip
            cut += steps == 0
        for hop in range(row, end):
            if not expected[hop] or not _is_ending(best, hop):
                continue
            tops, host = with_room(tops), dst[hop]
            add(tops, host, earliest[row], opens[hop], best, hop, NEVER // 2)
            if expected[hop] & OF_ACCOUNT:
                add(tops, of_account(groups, host, account[hop]), earliest[row], opens[hop], best, hop, NEVER // 2)
            if expected[hop] & OF_KEY:
                add(tops, of_key(groups, host, key[hop]), earliest[row], opens[hop], best, hop, NEVER // 2)
        row = end
    return best, cut


@compiled
def _largest_group(joined: Any) -> int:
    """How many hops the largest group has."""
    largest = size = 1
    for row in range(joined.size):
        size = size + 1 if joined[row] else 1
        largest = max(largest, size)
    return largest


@compiled
def _is_ending(best: Any, hop: int) -> bool:
    """Whether any chain ends with a hop."""
    for length in range(best.shape[1]):
        if best[hop, length] > NEVER // 2:
            return True
    return False


@compiled
def _best_in_group(
    src: Any, dst: Any, account: Any, key: Any, earliest: Any, opens: Any, origins: Any, preferred: Any, basis: Any,
    row: int, end: int, longest: int, step: Any, bits: Any, weight: int, best: Any, entry: Any,
    waiting: Any, after: Any,
) -> int:  # fmt: skip
    """Prolong the best chains that enter a group by every way through it. Gives the patience that is left."""
    led = False
    for hop in range(end - 1, row - 1, -1):
        if step[hop] > NEVER // 2:
            after[hop - row] = waiting[src[hop]]
            waiting[src[hop]] = hop
    for hop in range(row, end):
        led |= waiting[dst[hop]] != NONE
    patience = PATIENCE
    if led:
        path, places = np.empty(longest, np.int32), np.empty(longest + 1, np.int32)
        moments, scores = np.empty(longest, np.int64), np.empty((longest, longest), best.dtype)
        for start in range(row, end):
            depth = 0 if _is_ending(entry, start - row) else NONE
            path[0], places[0], moments[0] = start, waiting[dst[start]], earliest[start]
            scores[0] = entry[start - row]
            while depth >= 0 and patience > 0:
                hop = places[depth]
                if hop == NONE or depth + 1 == longest:
                    depth -= 1
                    continue
                patience -= 1
                places[depth] = after[hop - row]
                before, moment = path[depth], max(moments[depth], earliest[hop])
                if moment > stretch(earliest[hop]) or moment > opens[before] or _holds(path, depth, hop):
                    continue
                worth = step[hop] + weight * _link(
                    account, key, earliest, origins, preferred, basis, bits, before, hop
                )  # fmt: skip
                depth += 1
                path[depth], places[depth], moments[depth] = hop, waiting[dst[hop]], moment
                scores[depth, 0] = NEVER
                for length in range(1, longest):
                    score = scores[depth - 1, length - 1] + worth
                    scores[depth, length] = score
                    best[hop, length] = max(best[hop, length], score)
    for hop in range(row, end):
        waiting[src[hop]] = NONE
    return patience


@compiled
def _holds(path: Any, depth: int, hop: int) -> bool:
    """Whether a hop is among the first of a path, up to a depth."""
    for place in range(depth + 1):
        if path[place] == hop:
            return True
    return False


@compiled
def order_closings(arriving: Any, opens: Any) -> Any:
    """The place of each hop when those of each host are in the order in which their sessions close; when they do."""
    places, closes = np.empty(opens.size, np.int32), np.empty(opens.size, np.int64)
    for host in range(arriving.offsets.size - 1):
        begin, end = arriving.offsets[host], arriving.offsets[host + 1]
        come = arriving.rows[begin:end]
        moments = opens[come]
        order = np.argsort(moments)
        for place in range(begin, end):
            places[come[order[place - begin]]], closes[place] = place, moments[order[place - begin]]
    return places, closes


BEGINS, FOLLOWS, ENDS = 1, 2, 4
"""What a hop may be in a chain that is counted."""
_CLOSING, _PLACE, _ASKED, _OPENED = range(4)
"""Columns of a host's row: see `count_chains`."""
_AHEAD = 24
"""How many hops before it a row is asked for."""


@compiled
def count_chains(hops: Any, arriving: Any, places: Any, closes: Any, longest: int, roles: Any) -> Any:
    """How many chains of 1 to `longest` hops there are.

    Parameters
    ----------
    hops, arriving, places, closes
        Hops, the Groups of those that arrive at each host, and `order_closings` of them.
    longest
        Most hops.
    roles
        uint8, one element a hop: BEGINS, FOLLOWS, ENDS, added up.

    Returns
    -------
    Chains by number of hops (uint64); whether a number grew beyond 2**62 somewhere, so that it means nothing; in how
    many groups patience ran out, so that there are more chains than counted.

    Notes
    -----
    What is looked at together lies together, which is what takes the time once there are more hosts than the
    processor's own memory holds. A host has one row, of 64 bytes where `longest` is 6: when its next session closes,
    the place of that one, the last moment that was asked about, and how many chains of each length end with a session
    that is open there. What a session adds to these is kept where it is found when it closes, beside those of its host
    that close with it. Memory is asked for some hops ahead, since who comes next is known.
    """
    src, dst, earliest, opens, joined = hops.src, hops.dst, hops.earliest, hops.open, hops.joined
    offsets = arriving.offsets
    size, nodes, further = src.size, offsets.size - 1, longest - 1
    added, opened = np.zeros((size, further), np.uint64), np.zeros((nodes, _OPENED + further), np.uint64)
    state = opened.view(np.int64)
    for node in range(nodes):
        state[node, _CLOSING], state[node, _PLACE], state[node, _ASKED] = FAR, offsets[node], FAR
        if offsets[node] < offsets[node + 1]:
            state[node, _CLOSING] = closes[offsets[node]]
    for row in range(size):
        if roles[row] & FOLLOWS:
            state[src[row], _ASKED] = -FAR
    waiting, after = np.full(nodes, NONE, np.int32), np.empty(_largest_group(joined), np.int32)
    ending, entry = np.zeros((after.size, longest), np.uint64), np.empty((after.size, longest), np.uint64)
    total = np.zeros(longest, np.uint64)
    limit, large, cut = np.uint64(1 << 62), False, 0
    row = 0
    while row < size:
        end = row + 1
        while end < size and joined[end - 1]:
            end += 1
        for hop in range(row, min(end, size - _AHEAD)):
            ahead = hop + _AHEAD
            prefetch(state, np.int64(src[ahead]))
            prefetch(state, np.int64(dst[ahead]))
            prefetch(added, np.int64(places[ahead]))
        for hop in range(row, end):
            here = np.uint64(hop - row)
            ending[here, 0] = roles[hop] & BEGINS
            if not roles[hop] & FOLLOWS:
                for length in range(1, longest):
                    ending[here, length] = 0
                continue
            host, moment = np.uint64(src[hop]), earliest[hop]
            state[host, _ASKED] = moment
            while state[host, _CLOSING] < moment:
                place = np.uint64(state[host, _PLACE])
                for length in range(further):  # zeros of one of this group, which is not among the open ones yet
                    opened[host, _OPENED + length] -= added[place, length]
                place += np.uint64(1)
                state[host, _PLACE] = place
                state[host, _CLOSING] = closes[place] if place < offsets[host + np.uint64(1)] else FAR
            for length in range(further):
                ending[here, length + 1] = opened[host, _OPENED + length]
        if end - row > 1:
            entry[: end - row] = ending[: end - row]
            steps = _count_in_group(src, dst, earliest, opens, row, end, longest, roles, ending, entry, waiting, after)
            cut += steps == 0
        for hop in range(row, end):
            here, host = np.uint64(hop - row), np.uint64(dst[hop])
            if roles[hop] & ENDS:
                for length in range(longest):
                    total[length] += ending[here, length]
                    large |= total[length] > limit
            if opens[hop] >= state[host, _ASKED]:
                place = np.uint64(places[hop])
                for length in range(further):
                    added[place, length] = ending[here, length]
                    opened[host, _OPENED + length] += ending[here, length]
                    large |= opened[host, _OPENED + length] > limit
        row = end
    return total, large, cut


@compiled
def _count_in_group(
    src: Any, dst: Any, earliest: Any, opens: Any, row: int, end: int, longest: int, roles: Any,
    ending: Any, entry: Any, waiting: Any, after: Any,
) -> int:  # fmt: skip
    """Prolong the chains that enter a group by every way through it. Gives the patience that is left."""
    led = False
    for hop in range(end - 1, row - 1, -1):
        if roles[hop] & FOLLOWS:
            after[hop - row] = waiting[src[hop]]
            waiting[src[hop]] = hop
    for hop in range(row, end):
        led |= waiting[dst[hop]] != NONE
    patience = PATIENCE
    if led:
        path, places = np.empty(longest, np.int32), np.empty(longest + 1, np.int32)
        moments = np.empty(longest, np.int64)
        for start in range(row, end):
            depth = 0
            path[0], places[0], moments[0] = start, waiting[dst[start]], earliest[start]
            while depth >= 0 and patience > 0:
                hop = places[depth]
                if hop == NONE or depth + 1 == longest:
                    depth -= 1
                    continue
                patience -= 1
                places[depth] = after[hop - row]
                moment = max(moments[depth], earliest[hop])
                if moment > stretch(earliest[hop]) or moment > opens[path[depth]] or _holds(path, depth, hop):
                    continue
                depth += 1
                path[depth], places[depth], moments[depth] = hop, waiting[dst[hop]], moment
                for length in range(depth, longest):
                    ending[hop - row, length] += entry[start - row, length - depth]
    for hop in range(row, end):
        waiting[src[hop]] = NONE
    return patience


@compiled
def _place_up_to(earliest: Any, rows: Any, offsets: Any, host: int, moment: int) -> int:
    """Where in the rows of `arriving` the sessions of a host end that may have started by a moment."""
    low, high = offsets[host], offsets[host + 1]
    while low < high:
        middle = (low + high) // 2
        if earliest[rows[middle]] <= moment:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _next_origin(earliest: Any, opens: Any, rows: Any, here: Any, before: Any, begin: int, hop: int, place: int) -> int:
    """The last place from `begin` on, before `place`, that holds a possible origin of a hop; NONE where none does."""
    moment = earliest[hop]
    place -= 1
    while place >= begin:
        block = place // BLOCK
        if before[block] < moment:
            return NONE
        if here[block] < moment:
            place = block * BLOCK - 1
            continue
        session = rows[place]
        if opens[session] >= moment and session != hop:
            return place
        place -= 1
    return NONE


@compiled
def _is_path(src: Any, dst: Any, earliest: Any, opens: Any, path: Any, depth: int, simple: bool) -> bool:
    """Whether the hops from `path[depth]` down to `path[0]` follow each other, and none twice."""
    first = path[depth]
    moment = earliest[first]
    for place in range(depth - 1, -1, -1):
        hop = path[place]
        if hop == first or (simple and (dst[hop] == src[first] or dst[hop] == src[hop])):
            return False
        moment = max(moment, earliest[hop])
        if moment > stretch(earliest[hop]) or moment > opens[path[place + 1]]:
            return False
    return not (simple and depth and dst[first] == src[first])


@compiled
def best_chains(
    hops: Any, arriving: Any, blocks: Any, best: Any, first: Any, step: Any, bits: Any, weight: int, last: Any,
    shortest: int, wanted: int, simple: bool, patience: int,
) -> Any:  # fmt: skip
    """The best chains of all, in order: score, fewer hops, the latest hops from the last one back.

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
    src, dst, account, key, earliest, opens, _, origins, preferred, basis = hops
    come, offsets = arriving
    here, before = blocks
    longest = best.shape[1]
    zero = np.int64(0)
    pairs = [(zero, zero, zero)]
    pairs.clear()
    for row in range(src.size):
        if last[row] <= NEVER // 2:
            continue
        for length in range(shortest - 1, longest):
            if best[row, length] <= NEVER // 2:
                continue
            score = np.int64(best[row, length]) + last[row]
            if simple or len(pairs) < wanted:
                heapq.heappush(pairs, (score, np.int64(-length), np.int64(row)))
            elif (score, np.int64(-length), np.int64(row)) > pairs[0]:
                heapq.heapreplace(pairs, (score, np.int64(-length), np.int64(row)))
    pairs.sort()
    chains, scores = np.full((wanted, longest), NONE, np.int32), np.zeros(wanted, np.int64)
    kept = [(zero, zero, zero, zero, zero)]
    kept.clear()
    path, places, tails = np.empty(longest, np.int32), np.empty(longest, np.int64), np.zeros(longest + 1, np.int64)
    found: Any = zero
    tired = False
    for pair in pairs[::-1]:
        links, end = -pair[1], pair[2]
        if tired or (len(kept) == wanted and (pair[0], pair[1], pair[2]) <= (kept[0][0], kept[0][1], kept[0][2])):
            continue
        depth = 0
        path[0], tails[0] = end, last[end]
        if links:
            places[0] = _place_up_to(earliest, come, offsets, src[end], stretch(earliest[end]))
        while depth >= 0:
            hop = path[depth]
            if depth == links:
                score = np.int64(tails[depth] + first[hop])
                found += 1
                slot = np.int64(NONE)
                if len(kept) < wanted:
                    slot = np.int64(len(kept))
                    heapq.heappush(kept, (score, pair[1], pair[2], -found, slot))
                elif (score, pair[1], pair[2], -found) > (kept[0][0], kept[0][1], kept[0][2], kept[0][3]):
                    slot = kept[0][4]
                    heapq.heapreplace(kept, (score, pair[1], pair[2], -found, slot))
                if slot != NONE:
                    chains[slot, : depth + 1] = path[: depth + 1]
                    chains[slot, depth + 1 :] = NONE
                    scores[slot] = score
                depth -= 1
                continue
            place = _next_origin(earliest, opens, come, here, before, offsets[src[hop]], hop, places[depth])
            patience -= 1
            if place == NONE or patience < 0:
                tired |= patience < 0
                depth -= 1
                continue
            places[depth] = place
            session = come[place]
            ahead = best[session, links - depth - 1] if depth + 1 < links else first[session]
            if ahead <= NEVER // 2 or step[hop] <= NEVER // 2:
                continue
            worth = weight * _link(account, key, earliest, origins, preferred, basis, bits, session, hop)
            tail = tails[depth] + worth + step[hop]
            if len(kept) == wanted and (tail + ahead, pair[1], pair[2]) <= (kept[0][0], kept[0][1], kept[0][2]):
                continue
            path[depth + 1] = session
            if not _is_path(src, dst, earliest, opens, path, depth + 1, simple):
                continue
            depth += 1
            tails[depth] = tail
            if depth < links:
                places[depth] = _place_up_to(earliest, come, offsets, src[session], stretch(earliest[session]))
    kept.sort()
    order = np.empty(len(kept), np.int64)
    for place in range(len(kept)):
        order[place] = kept[len(kept) - 1 - place][4]
    return chains[order], scores[order], tired
