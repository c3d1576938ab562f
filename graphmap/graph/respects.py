"""What is new and what is known about a hop on its day, respect by respect."""

from __future__ import annotations

from dataclasses import dataclass, fields
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphmap.graph.groups import number_before, numbered, since
from graphmap.graph.presence import NEVER, presence
from graphmap.model import Basis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmap.graph.columns import Column
    from graphmap.graph.index import HopIndex, Names

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOUR = 3_600_000_000
DAY = 24 * HOUR
"""Microseconds."""

FEW = (1, 3)
"""Days from which on something is known, and known well."""

EXPOSED = 7
"""Days for which a credential stays within reach on a host where it came in, as Hopper has it."""

HABITS = (0.002, 0.01, 0.04)
"""Bounds of the shares of new ways."""
YOUNG = 10
"""Hops until which an account has no habit."""
CROWD = (1, 2, 5, 15)
"""Bounds of the number of accounts that came from a source."""
MONTH = 31
GONE = (DAY // 2, EXPOSED * DAY, MONTH * DAY)
"""Bounds of the time since an account had a session on a source."""
LATELY = (HOUR // 4, HOUR, DAY // 2)
"""Bounds of the time since somebody came to a source."""
SHORT = HOUR // 60
"""Sessions up to so long are no company: programs come and go all the time."""
NEVER_KNOWN = (1 << 20) - 1
"""The day on which becomes known what is imagined."""
REAL = -1
"""The walk of a hop that is not imagined."""


@dataclass(frozen=True, slots=True)
class Respects:
    """Hops as `graphmap.graph.oddness` looks at them, one element a hop.

    Parameters
    ----------
    src, place, dst, account, key
        Numbers; `place` is a host or the network of a source, `key` -1 where none is known.
    day, time
        Days from the first on, and us since 1970.
    since, key_since
        Microseconds since the account, and the credential, had a session on the source: 0 while it has one,
        `graphmap.graph.presence.NEVER` where it never had. The credential is the key, or the account where there is
        none.
    came, open
        Microseconds since somebody came to the source for longer than SHORT, NEVER where nobody did; and whether such a
        session is open.
    walk
        REAL, or the number of the imagined walk.
    """

    src: Numbers
    place: Numbers
    dst: Numbers
    account: Numbers
    key: Numbers
    day: Numbers
    time: Numbers
    since: Numbers
    key_since: Numbers
    came: Numbers
    open: Flags
    walk: Numbers

    @classmethod
    def of(cls, index: HopIndex, basis: Column) -> Respects:
        """Those of hops and the column `basis` of theirs."""
        own = np.array([Basis(name) in {Basis.KEY, Basis.ACCOUNT} for name in basis.names], np.bool_)
        first = int(index.earliest[0]) // DAY if len(index) else 0
        own_session = own[basis.codes]
        gone, key_gone, came, is_open = sessions_before(
            index, index.src, index.account, credentials(index.account, index.key), index.earliest
        )
        return cls(
            src=index.src.astype(np.int64),
            place=_places(index.names)[index.src],
            dst=index.dst.astype(np.int64),
            account=index.account.astype(np.int64),
            key=index.key.astype(np.int64),
            day=np.asarray(index.earliest) // DAY - first,
            time=np.asarray(index.earliest).astype(np.int64),
            since=np.where(own_session, 0, gone),
            key_since=np.where(own_session, 0, key_gone),
            came=came,
            open=is_open,
            walk=np.full(len(index), REAL),
        )

    def and_(self, more: Respects) -> Respects:
        """These, then more of them."""
        names = [field.name for field in fields(self)]
        return Respects(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in names))

    def at(self, places: Flags) -> Respects:
        """Those at some places."""
        return Respects(*(getattr(self, field.name)[places] for field in fields(self)))


def credentials(account: NDArray[np.integer[Any]], key: NDArray[np.integer[Any]]) -> Numbers:
    """What opens a host: a key, whatever the account, or an account's password; a whole number each."""
    return np.where(key >= 0, 2 * key.astype(np.int64), 2 * account.astype(np.int64) + 1)


def sessions_before(
    index: HopIndex,
    host: NDArray[np.integer[Any]],
    account: NDArray[np.integer[Any]],
    credential: Numbers,
    moment: NDArray[np.integer[Any]],
) -> tuple[Numbers, Numbers, Numbers, Flags]:
    """What sessions there were on some hosts at some moments: `since`, `key_since`, `came` and `open` of Respects."""
    earliest, until = np.asarray(index.earliest), np.asarray(index.open)
    gone = presence((host, account, moment), (index.dst, index.account, earliest, until))
    theirs = credentials(index.account, index.key)
    key_gone = presence((host, credential, moment), (index.dst, theirs, earliest, until))
    lasting = until - earliest > SHORT
    there, begin, end = index.dst[lasting], earliest[lasting], until[lasting]
    nobody = np.zeros(len(host), np.int64)
    is_open = presence((host, nobody, moment), (there, np.zeros(len(there), np.int64), begin, end)) == 0
    return gone, key_gone, since((there,), begin, (host,), moment), is_open


class Known:
    """What was known before the day of each hop. Those from place `size` on are imagined."""

    def __init__(self, hops: Respects, known_from: Numbers, size: int) -> None:
        self.hops, self.known_from, self.size = hops, known_from, size
        self._way = numbered(hops.place, hops.account, hops.dst)
        self.way = self._days(self._way)

    def _days(self, group: Numbers) -> Numbers:
        """On how many earlier days the group of each hop was seen."""
        return days_before(group, self.hops.day, self.known_from)

    def first_of_day(self) -> Flags:
        """Whether a hop, not an imagined one, is the first of its way on its day."""
        marks = np.zeros(self.size, np.bool_)
        marks[np.unique(_dated(self._way[: self.size], self.hops.day[: self.size]), return_index=True)[1]] = True
        return marks

    def values(self, uses: Flags) -> NDArray[np.int8]:
        """A row for each of some hops, a column a respect in the order of `graphmap.graph.oddness.RESPECTS`.

        Parameters
        ----------
        uses
            The hops; they are the new ways among which each of them stands.
        """
        hops, asked = self.hops, self.hops.at(uses)
        pairs = ((hops.place, hops.account), (hops.place, hops.dst), (hops.account, hops.dst))
        known: list[Numbers] = [level(self._days(numbered(*pair)), FEW)[uses] for pair in pairs]
        real = hops.walk == REAL
        habit = _habit(hops.account, (self.way == 0) & real, real, hops.day)[uses]
        return np.stack(
            [
                *known, self._presence()[uses], self._key()[uses], _gone(asked.key_since),
                level(asked.came, LATELY) + np.where(asked.open, 0, len(LATELY) + 1),
                *_new_ways(asked), habit, self._crowd()[uses],
            ],
            axis=1,
        ).astype(np.int8)  # fmt: skip

    def _presence(self) -> Numbers:
        """0 own session, 1 a source on which nobody ever logged on, 2 to 5 the last one ended by GONE, 6 never."""
        hops, size = self.hops, self.size
        arrived = np.full(int(max(hops.src.max(initial=0), hops.dst.max(initial=0))) + 1, NEVER_KNOWN)
        np.minimum.at(arrived, hops.dst[:size], hops.day[:size])
        is_host = arrived[hops.src] <= hops.day
        gone = _gone(hops.since)
        return np.where(gone == 0, 0, np.where(is_host, gone + 1, 1))

    def _key(self) -> Numbers:
        """0 no key, 1 known with account and place, 2 new from the place, 3 new for the account."""
        hops = self.hops
        with_account = self._days(numbered(hops.key + 1, hops.account))
        with_place = self._days(numbered(hops.key + 1, hops.place))
        return np.where(hops.key < 0, 0, np.where(with_account == 0, 3, np.where(with_place == 0, 2, 1)))

    def _crowd(self) -> Numbers:
        """How many accounts came from the place, by CROWD."""
        hops = self.hops
        pair = numbered(hops.place, hops.account)
        first = np.full(int(pair.max(initial=-1)) + 1, NEVER_KNOWN)
        np.minimum.at(first, pair, self.known_from)
        at = np.unique(pair, return_index=True)[1]
        known = np.sort(_dated(hops.place[at], first))
        day = hops.day
        count = np.searchsorted(known, _dated(hops.place, day)) - np.searchsorted(known, _dated(hops.place, 0 * day))
        return level(count, CROWD)


def _gone(microseconds: Numbers) -> Numbers:
    """0 a session is open, 1 to 4 the last one ended by GONE, 5 there never was one."""
    return np.where(microseconds == 0, 0, np.where(microseconds == NEVER, len(GONE) + 2, 1 + level(microseconds, GONE)))


def _new_ways(hops: Respects) -> tuple[Numbers, Numbers]:
    """How each new way stands among those of the 24 hours before: what came to its source, and what left it.

    Returns
    -------
    before
        0 none came, 1 one of the same account or credential, 2 one within the hour; 3 and 4 the same of others.
    beside
        How many of the account left the source, 2 for more.

    An imagined hop stands among those of its own walk as well.
    """
    credential = credentials(hops.account, hops.key)
    moments = hops.time
    own, others = np.full(len(moments), NEVER), np.full(len(moments), NEVER)
    beside = np.zeros(len(moments), np.int64)
    for walk in (np.full(len(moments), REAL), hops.walk):
        for who in (hops.account, credential):
            own = np.minimum(own, since((hops.walk, hops.dst, who), moments, (walk, hops.src, who), moments))
        others = np.minimum(others, since((hops.walk, hops.dst), moments, (walk, hops.src), moments))
        left, here = (hops.walk, hops.src, hops.account), (walk, hops.src, hops.account)
        number = number_before(left, moments, here, moments) - number_before(left, moments, here, moments - DAY)
        beside = np.maximum(beside, number)
    near, far = (np.where(own <= DAY, own, others) <= bound for bound in (HOUR, DAY))
    before = np.where(far, 1, 0) + near + np.where(far & (own > DAY), 2, 0)
    return before, np.minimum(beside, 2)


def _dated(group: Numbers, day: Numbers) -> Numbers:
    """Group and day in one number; days are below 2**20."""
    return group << 20 | day


def days_before(group: Numbers, day: Numbers, known_from: Numbers) -> Numbers:
    """For each element, the number of different `known_from` of its group before its `day`."""
    known = np.unique(_dated(group, known_from))
    return np.searchsorted(known, _dated(group, day)) - np.searchsorted(known, _dated(group, np.zeros_like(day)))


def _habit(owner: Numbers, fresh: Flags, counted: Flags, day: Numbers) -> Numbers:
    """The level of the share of new ways among an owner's hops of earlier days; one level more where it is young."""
    pairs, place = np.unique(_dated(owner, day), return_inverse=True)
    new = np.r_[0, np.cumsum(np.bincount(place, fresh, minlength=len(pairs)))]
    every = np.r_[0, np.cumsum(np.bincount(place, counted, minlength=len(pairs)))]
    begin = np.searchsorted(pairs, pairs >> 20 << 20)
    here = np.arange(len(pairs))
    past, seen = every[here] - every[begin], new[here] - new[begin]
    share = np.where(past < YOUNG, len(HABITS) + 1, level((seen + 0.2) / (past + 20.0), HABITS))
    found: Numbers = share[place]
    return found


def level(value: NDArray[Any], bounds: Sequence[float]) -> Numbers:
    """How many of the bounds a value reaches."""
    return np.searchsorted(np.asarray(bounds), value, side="right")


def _places(names: Names) -> Numbers:
    """A number for each node: hosts have their own, sources that are no known host that of their network (/24, /64)."""
    known: dict[str, int] = {}
    nodes = [*names.hosts, *map(_network, names.sources)]
    return np.array([known.setdefault(name, len(known)) for name in nodes], np.int64)


def _network(name: str) -> str:
    try:
        address = ip_address(name)
    except ValueError:
        return name
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False))  # noqa: PLR2004 - IPv4
