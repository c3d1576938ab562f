"""How odd a way is on the day it is first taken: how rarely ways that are new in the same respects were first taken.

Companies differ in what is usual. Somewhere people reach new hosts every day, elsewhere nobody does; somewhere keys
change every month. So no respect has a weight of its own. Each first use of a way is put into a cell by what is new and
what is known about it, and its oddness is the rarity of that cell among the first uses of the weeks before.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    "origin": (
        "",
        "",
        "{account} had no session on {src}, somebody else had",
        "nobody who could have gone on had a session on {src}",
    ),
    "key": (
        "",
        "",
        "the key never came from {src} before",
        "the key was never used for {account} before",
    ),
    "exposed": (
        "{account} came in on {src} within the week before",
        "{account} came in on {src} within the month before",
        "",
    ),
}
"""What is looked at, and what each value says of a hop; those that say nothing are the usual ones.

The habits of account and source are looked at besides: the share of their days' ways that were new.
"""

HABITS = (0.002, 0.01, 0.04)
"""Bounds of the shares of new ways."""
YOUNG = 10
"""Hops until which an account or source has no habit."""
MONTH = 31


class Oddness(NamedTuple):
    """The first uses of ways, in order.

    `rows` are their rows of HOPS; `bits` is -log2 of the share of the earlier first uses that were alike, 0 while there
    is no past; `values` has for each respect of RESPECTS, in their order, the number of the sentence that holds.
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
    """Hops as `oddness` looks at them: `day` counts from the first, `place` is a host or the network of a source."""

    src: Numbers
    place: Numbers
    dst: Numbers
    account: Numbers
    key: Numbers
    day: Numbers
    basis: Numbers
    """0 for a session of the same account or key, 1 for another open one, 2 for none."""

    @classmethod
    def of(cls, index: HopIndex, basis: Column) -> Respects:
        """Those of hops and the column `basis` of theirs."""
        kinds = {Basis.KEY: 0, Basis.ACCOUNT: 0, Basis.OPEN: 1, Basis.START: 2}
        kind = np.array([kinds[Basis(name)] for name in basis.names], np.int64)
        first = int(index.earliest[0]) // DAY if len(index) else 0
        return cls(
            index.src.astype(np.int64),
            _places(index.names)[index.src],
            index.dst.astype(np.int64),
            index.account.astype(np.int64),
            index.key.astype(np.int64),
            np.asarray(index.earliest) // DAY - first,
            kind[basis.codes],
        )


def oddness(hops: Respects, known_from: Numbers, *, weeks: int = 4, prior: float = 20.0) -> Oddness:
    """Tell how odd the first use of each way is.

    Parameters
    ----------
    hops
        All hops, in order of time. A way is a place, an account and a destination; self-loops are none.
    known_from
        The day on which each hop becomes knowledge: its own, or a later one for what must not become normal soon. A hop
        is judged by what is known on the days before its own.
    weeks
        How long a first use counts as an example of what is usual.
    prior
        How many examples the product of the respects' own frequencies is worth beside the cells.

    Notes
    -----
    Cost: about a dozen sorts; 80 bytes a hop while it works.
    """
    novel = _Known(hops, known_from)
    fresh = novel.way == 0
    values = novel.values()
    habits = [_habit(hops.account, fresh, hops.day), _habit(hops.src, fresh, hops.day)]
    rows = np.flatnonzero(fresh & (hops.src != hops.dst) & novel.first_of_day())
    table = np.stack([*(one[rows] for one in values), *(one[rows] for one in habits)], axis=1).astype(np.int8)
    day = hops.day[rows]
    return Oddness(rows, _rarity(table, day, weeks * 7, prior), table, day)


class _Known:
    """What was known before the day of each hop."""

    def __init__(self, hops: Respects, known_from: Numbers) -> None:
        self.hops, self.known_from = hops, known_from
        self._way = numbered(hops.place, hops.account, hops.dst)
        self.way = self._days(self._way)

    def _days(self, group: Numbers) -> Numbers:
        """On how many earlier days the group of each hop was seen."""
        return days_before(group, self.hops.day, self.known_from)

    def first_of_day(self) -> Flags:
        """Whether a hop is the first of its way on its day."""
        marks = np.zeros(len(self._way), np.bool_)
        marks[np.unique(_dated(self._way, self.hops.day), return_index=True)[1]] = True
        return marks

    def values(self) -> list[Numbers]:
        """The values of RESPECTS, in their order."""
        hops = self.hops
        pairs = ((hops.place, hops.account), (hops.place, hops.dst), (hops.account, hops.dst))
        known: list[Numbers] = [_level(self._days(numbered(*pair)), FEW) for pair in pairs]
        return [*known, self._origin(), self._key(), self._exposed()]

    def _origin(self) -> Numbers:
        """0 own session, 1 a source on which nobody ever logged on, 2 another's session, 3 none."""
        hops = self.hops
        arrived = np.full(int(max(hops.src.max(initial=0), hops.dst.max(initial=0))) + 1, np.iinfo(np.int64).max)
        np.minimum.at(arrived, hops.dst, hops.day)
        is_host = arrived[hops.src] <= hops.day
        return np.where(hops.basis == 0, 0, np.where(~is_host, 1, 1 + hops.basis))

    def _key(self) -> Numbers:
        """0 no key, 1 known with account and place, 2 new from the place, 3 new for the account."""
        hops = self.hops
        with_account = self._days(numbered(hops.key + 1, hops.account))
        with_place = self._days(numbered(hops.key + 1, hops.place))
        return np.where(hops.key < 0, 0, np.where(with_account == 0, 3, np.where(with_place == 0, 2, 1)))

    def _exposed(self) -> Numbers:
        """0 the account came in on the source within a week before, 1 within a month, 2 not."""
        hops, size = self.hops, len(self.hops.src)
        both = numbered(np.r_[hops.dst, hops.src], np.r_[hops.account, hops.account])
        since = days_since(both[size:], hops.day, both[:size], self.known_from)
        return np.where(since <= EXPOSED, 0, np.where(since <= MONTH, 1, 2))


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


def days_since(group: Numbers, day: Numbers, of: Numbers, known_from: Numbers) -> Numbers:
    """For each element, how many days before its `day` its group was last among `of`; a million where never."""
    known = np.unique(_dated(of, known_from))
    if not len(known):
        return np.full(len(group), 1_000_000, np.int64)
    place = np.searchsorted(known, _dated(group, day)) - 1
    last = known[np.maximum(place, 0)]
    return np.where((place >= 0) & (last >> 20 == group), day - (last & (1 << 20) - 1), 1_000_000)


def _habit(owner: Numbers, fresh: Flags, day: Numbers) -> Numbers:
    """The level of the share of new ways among an owner's hops of earlier days; one level more where it is young."""
    pairs, place = np.unique(_dated(owner, day), return_inverse=True)
    new = np.r_[0, np.cumsum(np.bincount(place, fresh, minlength=len(pairs)))]
    every = np.r_[0, np.cumsum(np.bincount(place, minlength=len(pairs)))]
    begin = np.searchsorted(pairs, pairs >> 20 << 20)
    here = np.arange(len(pairs))
    past, seen = every[here] - every[begin], new[here] - new[begin]
    level = np.where(past < YOUNG, len(HABITS) + 1, _level((seen + 0.2) / (past + 20.0), HABITS))
    found: Numbers = level[place]
    return found


def _level(value: NDArray[Any], bounds: Sequence[float]) -> Numbers:
    return np.searchsorted(np.asarray(bounds), value, side="right")


def _rarity(table: NDArray[np.int8], day: Numbers, window: int, prior: float) -> Bits:
    """-log2 of the share of the rows of the days before that are alike; `day` is in order."""
    bits = np.zeros(len(day))
    if not len(day):
        return bits
    cell = numbered(*table.T)
    cells = int(cell.max()) + 1
    levels = int(table.max()) + 1
    days = int(day[-1]) + 1
    counts = np.zeros(cells)
    own = np.zeros((table.shape[1], levels))
    offsets = np.searchsorted(day, np.arange(days + 1))
    for today in range(days):
        begin, end = offsets[today], offsets[today + 1]
        past = counts.sum()
        if past and end > begin:
            each = (own + 1.0) / (own.sum(axis=1, keepdims=True) + levels)
            alike = np.prod([each[n, table[begin:end, n]] for n in range(table.shape[1])], axis=0)
            bits[begin:end] = -np.log2((counts[cell[begin:end]] + prior * alike) / (past + prior))
        for number, sign in ((today, 1), (today - window, -1)):
            if number >= 0:
                part = slice(offsets[number], offsets[number + 1])
                counts += sign * np.bincount(cell[part], minlength=cells)
                for n in range(table.shape[1]):
                    own[n] += sign * np.bincount(table[part, n], minlength=levels)
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
