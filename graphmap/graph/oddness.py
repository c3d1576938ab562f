"""How odd a way is on the day it is first taken: how much sooner an intruder would take it than those who did before.

Companies differ in what is usual. Somewhere people reach new hosts every day, elsewhere nobody does; somewhere keys
change every month. So no respect has a weight of its own. Each first use of a way is put into a cell by what is new and
what is known about it, and its oddness is the likelihood ratio of that cell: its share among the hops of imagined
intruders (`graphmap.graph.imagined`) by its share among the first uses of the weeks before.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphmap.graph.presence import NEVER, presence
from graphmap.model import Basis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphmap.graph.columns import Column
    from graphmap.graph.index import HopIndex, Names

Numbers = NDArray[np.int64]
Bits = NDArray[np.float64]
Flags = NDArray[np.bool_]

DAY = 86_400_000_000
"""Microseconds."""

FEW = (1, 3)
"""Days from which on something is known, and known well."""

EXPOSED = 7
"""Days for which a credential stays within reach on a host where it came in, as Hopper has it."""

RESPECTS: Mapping[str, Sequence[str]] = {
    "source and account": (
        "{account} never came from {src} before",
        "{account} came from {src} on one or two days before",
        "",
    ),
    "source and destination": (
        "nobody went from {src} to {dst} before",
        "somebody went from {src} to {dst} on one or two days before",
        "",
    ),
    "account and destination": (
        "{account} was never on {dst} before",
        "{account} was on {dst} on one or two days before",
        "",
    ),
    "presence": (
        "",
        "",
        "{account} had no session on {src}, the last one had ended within the half day before",
        "{account} had no session on {src}, the last one had ended within the week before",
        "{account} had no session on {src}, the last one had ended within the month before",
        "{account} had no session on {src}, the last one had ended more than a month before",
        "{account} never had a session on {src}",
    ),
    "key": (
        "",
        "",
        "the key never came from {src} before",
        "the key was never used for {account} before",
    ),
}
"""What is looked at, and what each value says of a hop; those that say nothing are the usual ones.

The habit of the account is looked at besides (the share of its hops whose way was new), and the crowd of the source
(how many accounts came from there).
"""

HABITS = (0.002, 0.01, 0.04)
"""Bounds of the shares of new ways."""
YOUNG = 10
"""Hops until which an account has no habit."""
CROWD = (1, 2, 5, 15)
"""Bounds of the number of accounts that came from a source."""
MONTH = 31
GONE = (DAY // 2, EXPOSED * DAY, MONTH * DAY)
"""Bounds of the time since an account had a session on a source."""
NEVER_KNOWN = (1 << 20) - 1
"""The day on which becomes known what is imagined."""
LEVELS = max(len(CROWD), len(HABITS) + 1, *(len(said) - 1 for said in RESPECTS.values())) + 1
"""How many values a respect has at most."""
UNIMAGINED = 4.0, 4.0
"""What no intruder was imagined to do counts by its rarity: bits divided by the first, less the second."""


class Oddness(NamedTuple):
    """The first uses of ways, in order.

    `rows` are their rows of HOPS; `bits` is log2 of how many times as often ways like them are among those of imagined
    intruders as among the earlier first uses, minus infinity while there is no past; `values` has for each respect of
    RESPECTS, in their order, the number of the sentence that holds.
    """

    rows: Numbers
    bits: Bits
    values: NDArray[np.int8]
    day: Numbers

    def of(self, places: Numbers) -> Oddness:
        """Those at some places."""
        return Oddness(self.rows[places], self.bits[places], self.values[places], self.day[places])

    def reasons(self, place: int, **names: str) -> list[str]:
        """What is odd about the first use at a place, in words."""
        chosen = zip(RESPECTS.values(), self.values[place].tolist(), strict=False)
        return [said.format(**names) for sentences, value in chosen if (said := sentences[value])]


@dataclass(frozen=True, slots=True)
class Respects:
    """Hops as `oddness` looks at them: `day` counts from the first, `place` is a host or the network of a source.

    `since` are the microseconds since the account, or the key, had a session on the source: 0 while it has one,
    `graphmap.graph.presence.NEVER` where it never had.
    """

    src: Numbers
    place: Numbers
    dst: Numbers
    account: Numbers
    key: Numbers
    day: Numbers
    since: Numbers

    @classmethod
    def of(cls, index: HopIndex, basis: Column) -> Respects:
        """Those of hops and the column `basis` of theirs."""
        own = np.array([Basis(name) in {Basis.KEY, Basis.ACCOUNT} for name in basis.names], np.bool_)
        first = int(index.earliest[0]) // DAY if len(index) else 0
        gone = presence(
            (index.src, index.account, index.earliest), (index.dst, index.account, index.earliest, index.open)
        )
        return cls(
            index.src.astype(np.int64),
            _places(index.names)[index.src],
            index.dst.astype(np.int64),
            index.account.astype(np.int64),
            index.key.astype(np.int64),
            np.asarray(index.earliest) // DAY - first,
            np.where(own[basis.codes], 0, gone),
        )

    def and_(self, more: Respects) -> Respects:
        """These, then more of them."""
        names = [field.name for field in fields(self)]
        return Respects(*(np.concatenate([getattr(self, name), getattr(more, name)]) for name in names))


def oddness(hops: Respects, known_from: Numbers, imagined: Respects, *, weeks: int = 4, prior: float = 20.0) -> Oddness:
    """Tell how odd the first use of each way is.

    Parameters
    ----------
    hops
        All hops, in order of time. A way is a place, an account and a destination; self-loops are none.
    known_from
        The day on which each hop becomes knowledge, and an example of what is usual: its own, or a later one for what
        must not become normal soon. A hop is judged by what is known on the days before its own.
    imagined
        What intruders might do, in order of days (`graphmap.graph.imagined`). It never becomes known.
    weeks
        How long a first use counts as an example of what is usual, and an imagined one of what is not.
    prior
        How many examples the product of the respects' own frequencies is worth beside the cells.

    Notes
    -----
    Cost: about a dozen sorts; 80 bytes a hop while it works.
    """
    size = len(hops.day)
    novel = _Known(hops.and_(imagined), np.r_[known_from, np.full(len(imagined.day), NEVER_KNOWN)], size)
    fresh = novel.way == 0
    every = novel.values(fresh)
    wanted = fresh & (novel.hops.src != novel.hops.dst)
    rows = np.flatnonzero(wanted[:size] & novel.first_of_day())
    others = np.flatnonzero(wanted[size:]) + size
    table, other = every[rows], every[others]
    day = hops.day[rows]
    order = np.argsort(known_from[rows], kind="stable")
    asked, examples = _Examples(table, day), _Examples(table[order], known_from[rows][order])
    usual = _alike(examples, asked, weeks * 7, prior)
    feared = _alike(_Examples(other, novel.hops.day[others]), asked, weeks * 7, prior)
    judged = np.isfinite(usual)
    bits = np.full(len(rows), -np.inf)
    share, less = UNIMAGINED
    bits[judged] = np.logaddexp2(feared[judged] - usual[judged], -usual[judged] / share - less)
    return Oddness(rows, bits, table, day)


class _Known:
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

    def values(self, fresh: Flags) -> NDArray[np.int8]:
        """A row a hop: the values of RESPECTS in their order, the habit of the account, the crowd of the source."""
        hops = self.hops
        pairs = ((hops.place, hops.account), (hops.place, hops.dst), (hops.account, hops.dst))
        known: list[Numbers] = [_level(self._days(numbered(*pair)), FEW) for pair in pairs]
        real = np.arange(len(hops.day)) < self.size
        habit = _habit(hops.account, fresh & real, real, hops.day)
        return np.stack([*known, self._presence(), self._key(), habit, self._crowd()], axis=1).astype(np.int8)

    def _presence(self) -> Numbers:
        """0 own session, 1 a source on which nobody ever logged on, 2 to 5 the last one ended by GONE, 6 never."""
        hops, size = self.hops, self.size
        arrived = np.full(int(max(hops.src.max(initial=0), hops.dst.max(initial=0))) + 1, NEVER_KNOWN)
        np.minimum.at(arrived, hops.dst[:size], hops.day[:size])
        is_host = arrived[hops.src] <= hops.day
        gone = np.where(hops.since == NEVER, 6, 2 + _level(hops.since, GONE))
        return np.where(hops.since == 0, 0, np.where(is_host, gone, 1))

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
        return _level(count, CROWD)


def numbered(*columns: NDArray[np.integer[Any]]) -> Numbers:
    """Equal rows of some columns have equal numbers, from 0 on."""
    found = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        different, place = np.unique(column, return_inverse=True)
        found = np.unique(found * max(1, len(different)) + place, return_inverse=True)[1].astype(np.int64)
    return found


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
    level = np.where(past < YOUNG, len(HABITS) + 1, _level((seen + 0.2) / (past + 20.0), HABITS))
    found: Numbers = level[place]
    return found


def _level(value: NDArray[Any], bounds: Sequence[float]) -> Numbers:
    return np.searchsorted(np.asarray(bounds), value, side="right")


class _Examples(NamedTuple):
    """First uses: a row of values for each, and the day on which it was known, in order of days."""

    table: NDArray[np.int8]
    day: Numbers


def _alike(examples: _Examples, asked: _Examples, window: int, prior: float) -> Bits:
    """log2 of the share of the examples of the days before that are alike; minus infinity where there are none."""
    cell = numbered(*np.concatenate([examples.table, asked.table]).T)
    mine, wanted = cell[: len(examples.day)], cell[len(examples.day) :]
    bits = np.full(len(asked.day), -np.inf)
    counts = np.zeros(int(cell.max(initial=-1)) + 1)
    respects = asked.table.shape[1]
    own = np.zeros((respects, LEVELS))
    first = last = 0
    for today in np.unique(asked.day).tolist():
        until, since = np.searchsorted(examples.day, [today, today - window])
        for part, sign in ((slice(last, until), 1), (slice(first, since), -1)):
            counts += sign * np.bincount(mine[part], minlength=len(counts))
            for n in range(respects):
                own[n] += sign * np.bincount(examples.table[part, n], minlength=LEVELS)
        first, last = since, until
        past = last - first
        if past:
            now = slice(*np.searchsorted(asked.day, [today, today + 1]))
            each = (own + 1.0) / (past + LEVELS)
            alike = np.prod([each[n, asked.table[now, n]] for n in range(respects)], axis=0)
            bits[now] = np.log2((counts[wanted[now]] + prior * alike) / (past + prior))
    return bits


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
