"""The best of what is open: of sessions that close one after the other, the highest score, group by group.

A group is the sessions on a host, or those of them of one account or key. What will ever be asked of which group is
found first, from the last hop back (`expect`), so that nothing else is kept. Of a group and a number of hops only those
sessions are kept that some moment may ask for: one that another outlives and outdoes is dropped. So what is left stands
in order, the first to close with the highest score, and the answer is always in front. A session costs a few steps
for each of its groups, however many others are open on a host.
"""

# ruff: noqa: C901, PLR0913, PLR0917 - loops that calls would make slower, over plain arrays

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphmap.graph.kernels.common import BY_ACCOUNT, BY_KEY, FAR, NONE, compiled

_EMPTY = -1
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4)."""
_SPARE, _MADE = range(2)
_UNTIL, _SCORE, _NEXT = range(3)
_CODE, _GROUP = range(2)
_FIRST = 1024


OF_HOST, OF_ACCOUNT, OF_KEY = 1, 2, 4
"""What a later hop may follow a session as: any that is open on the host, one of its account, one of its key."""


class Groups(NamedTuple):
    """The groups that are asked for; 0 to `hosts` - 1 are those of hosts."""

    table: Any
    """Shape (slots, 2), int64: code (_EMPTY where there is none) and number of the others."""
    stride: Any
    """How far the codes of two hosts are apart."""
    keys: Any
    """Where in them those of keys begin, behind those of accounts."""
    number: Any
    """How many groups there are."""


class Tops(NamedTuple):
    """What is open: `make` makes it, `with_room` makes it larger."""

    heads: Any
    """Shape (groups, lengths), int32: the first place of each."""
    places: Any
    """Shape (places, 4), int64: when a session closes, its score, and the next place of the same group and length; of a
    free place, the next free one."""
    counts: Any
    """A free place or NONE, and how many places were ever taken."""


@compiled
def expect(hops: Any, hosts: int) -> Any:
    """What later hops may follow each session as, OF_HOST and the others added up; and the Groups that they ask for."""
    src, dst, account, key, earliest, opens, basis = (
        hops.src, hops.dst, hops.account, hops.key, hops.earliest, hops.open, hops.basis,
    )  # fmt: skip
    accounts = keys = 0
    for hop in range(src.size):
        accounts, keys = max(accounts, account[hop] + 1), max(keys, key[hop] + 1)
    stride, expected = np.int64(accounts + keys), np.zeros(src.size, np.uint8)
    # the next moment at which somebody asks for a group
    asked, count = np.full(hosts + _FIRST, FAR, np.int64), hosts
    table = np.full((_FIRST, 2), _EMPTY, np.int64)
    for hop in range(src.size - 1, -1, -1):
        if asked[dst[hop]] <= opens[hop]:
            host, likely = stride * dst[hop], OF_HOST
            slot = _slot(table, host + account[hop])
            if table[slot, _CODE] != _EMPTY and asked[table[slot, _GROUP]] <= opens[hop]:
                likely |= OF_ACCOUNT
            if key[hop] != NONE:
                slot = _slot(table, host + accounts + key[hop])
                if table[slot, _CODE] != _EMPTY and asked[table[slot, _GROUP]] <= opens[hop]:
                    likely |= OF_KEY
            expected[hop] = likely
        asked[src[hop]] = earliest[hop]
        if basis[hop] == BY_KEY or basis[hop] == BY_ACCOUNT:
            code = stride * src[hop] + (accounts + key[hop] if basis[hop] == BY_KEY else account[hop])
            slot = _slot(table, code)
            if table[slot, _CODE] == _EMPTY:
                table[slot, _CODE], table[slot, _GROUP] = code, count
                count += 1
                if count == asked.size:
                    asked = np.concatenate((asked, np.full(asked.size, FAR, np.int64)))
                if 2 * (count - hosts) > table.shape[0]:
                    table = _enlarged(table)
                    slot = _slot(table, code)
            asked[table[slot, _GROUP]] = earliest[hop]
    return expected, Groups(table, stride, np.int64(accounts), np.int64(count))


@compiled
def _enlarged(former: Any) -> Any:
    table = np.full((4 * former.shape[0], 2), _EMPTY, np.int64)
    for slot in range(former.shape[0]):
        if former[slot, _CODE] != _EMPTY:
            table[_slot(table, former[slot, _CODE])] = former[slot]
    return table


@compiled
def _slot(table: Any, code: int) -> Any:
    """Where a code is, or would be."""
    mask = table.shape[0] - 1
    slot = np.int64((np.uint64(code) * _GOLDEN) >> np.uint64(20)) & mask
    while table[slot, _CODE] != code and table[slot, _CODE] != _EMPTY:
        slot = (slot + 1) & mask
    return slot


@compiled
def of_account(groups: Groups, host: int, account: int) -> Any:
    """The group of an account on a host; somebody asks for it."""
    return groups.table[_slot(groups.table, groups.stride * host + account), _GROUP]


@compiled
def of_key(groups: Groups, host: int, key: int) -> Any:
    """The group of a key on a host; somebody asks for it."""
    return groups.table[_slot(groups.table, groups.stride * host + groups.keys + key), _GROUP]


@compiled
def make(groups: Groups, lengths: int) -> Any:
    """Nothing is open yet."""
    heads = np.full((groups.number, lengths), NONE, np.int32)
    return Tops(heads, np.empty((_FIRST, 4), np.int64), np.array([NONE, 0]))


@compiled
def with_room(tops: Tops) -> Any:
    """The same with a place for each group and length of one more session."""
    if tops.counts[_MADE] + 3 * tops.heads.shape[1] <= tops.places.shape[0]:
        return tops
    return Tops(tops.heads, np.concatenate((tops.places, np.empty_like(tops.places))), tops.counts)


@compiled
def prolong(tops: Any, group: int, moment: int, worth: int, best: Any, hop: int) -> Any:
    """Let a hop follow the best of what is open at its moment, for each length; gives whether any is.

    `best` holds scores by hop and length; moments never go back.
    """
    heads, places, counts, found = tops.heads, tops.places, tops.counts, False
    for length in range(heads.shape[1]):
        place = np.int64(heads[group, length])
        if place == NONE:
            continue
        if places[place, _UNTIL] < moment:
            place = _opened(heads, places, counts, group, length, moment)
            if place == NONE:
                continue
        found = True
        best[hop, length + 1] = max(best[hop, length + 1], places[place, _SCORE] + worth)
    return found


@compiled
def add(tops: Any, group: int, moment: int, until: int, best: Any, hop: int, least: int) -> None:
    """A session opens at a moment, that of a hop; lengths for which its score is `least` or less are left out."""
    heads, places, counts = tops.heads, tops.places, tops.counts
    for length in range(heads.shape[1]):
        score = best[hop, length]
        if score <= least:
            continue
        last, place = np.int64(NONE), np.int64(heads[group, length])
        if place != NONE and places[place, _UNTIL] < moment:
            place = _opened(heads, places, counts, group, length, moment)
        while place != NONE and places[place, _SCORE] >= score and places[place, _UNTIL] < until:
            last, place = place, places[place, _NEXT]
        if place != NONE and places[place, _SCORE] >= score:
            continue
        while place != NONE and places[place, _UNTIL] <= until:
            place = _dropped(places, counts, place)
        new = counts[_SPARE]
        if new == NONE:
            new = counts[_MADE]
            counts[_MADE] += 1
        else:
            counts[_SPARE] = places[new, _NEXT]
        places[new, _UNTIL], places[new, _SCORE], places[new, _NEXT] = until, score, place
        if last == NONE:
            heads[group, length] = new
        else:
            places[last, _NEXT] = new


@compiled
def _opened(heads: Any, places: Any, counts: Any, group: int, length: int, moment: int) -> Any:
    """Drop what closed before a moment; gives the first place that is left."""
    place = np.int64(heads[group, length])
    while place != NONE and places[place, _UNTIL] < moment:
        place = _dropped(places, counts, place)
    heads[group, length] = place
    return place


@compiled
def _dropped(places: Any, counts: Any, place: int) -> Any:
    """Free a place; gives the next of its group."""
    following = places[place, _NEXT]
    places[place, _NEXT] = counts[_SPARE]
    counts[_SPARE] = place
    return following
