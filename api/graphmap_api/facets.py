"""Lists that are filtered by several things at once, with how many there would be for any other choice of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

T = TypeVar("T")

MOST = 200
"""Values of a facet that are counted in an answer, those with the most items first."""

Counts = dict[str, dict[str, int]]
"""For each facet how many items have each value, the most frequent first."""


class Looks(NamedTuple, Generic[T]):
    """By what items are looked at.

    Parameters
    ----------
    facets
        The values that an item has of each; it may have none.
    time
        The first and last moment of an item; None where nobody knows.
    names
        Texts in which a search looks.
    """

    facets: Mapping[str, Callable[[T], Collection[str]]]
    time: Callable[[T], tuple[datetime | None, datetime | None]]
    names: Callable[[T], Iterable[str]]


class _Facet(NamedTuple):
    """Which item has which value: `items[n]` has `values[codes[n]]`."""

    values: tuple[str, ...]
    items: NDArray[np.int64]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, items: Sequence[T], values: Callable[[T], Collection[str]]) -> _Facet:
        pairs = [(place, value) for place, item in enumerate(items) for value in values(item)]
        names = tuple(sorted({value for _, value in pairs}))
        code = {name: number for number, name in enumerate(names)}
        places = np.array([place for place, _ in pairs], np.int64)
        return cls(names, places, np.array([code[value] for _, value in pairs], np.int64))

    def having(self, wanted: Collection[str], size: int) -> Flags:
        """Which items have one of some values."""
        asked = np.array([name in wanted for name in self.values], np.bool_)
        found = np.zeros(size, np.bool_)
        found[self.items[asked[self.codes]]] = True
        return found

    def counts(self, among: Flags) -> dict[str, int]:
        """How many of some items have each value, the most frequent first, at most MOST."""
        numbers = np.bincount(self.codes[among[self.items]], minlength=len(self.values))
        order = np.argsort(-numbers, kind="stable")[:MOST]
        return {self.values[place]: int(numbers[place]) for place in order if numbers[place]}


class Board(Generic[T]):
    """Items in an order, ready to be chosen from many times.

    Parameters
    ----------
    items
        In the order in which they are given.
    looks
        By what they are looked at.
    """

    def __init__(self, items: Sequence[T], looks: Looks[T]) -> None:
        self._items = items
        self._facets = {name: _Facet.of(items, values) for name, values in looks.facets.items()}
        times = [looks.time(item) for item in items]
        self._first = np.array([-np.inf if first is None else first.timestamp() for first, _ in times], np.float64)
        self._last = np.array([np.inf if last is None else last.timestamp() for _, last in times], np.float64)
        self._texts = ["\0".join(looks.names(item)).lower() for item in items]

    def choose(
        self,
        wanted: Mapping[str, Collection[str]],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str = "",
    ) -> tuple[list[T], Counts]:
        """Filter, and count what else there is.

        Parameters
        ----------
        wanted
            Of some facets the values of which an item must have one; an empty collection asks for nothing.
        since, until
            Only what has a moment in ``since <= moment < until``; where nobody knows when, it is of every time.
        text
            Only what has a name that holds this text, whatever its case.

        Returns
        -------
        The items that have what is wanted of every facet. And the counts of each facet among the items that have what
        is wanted of all **other** facets: what there would be if another value were chosen. Cost: linear in items.
        """
        size = len(self._items)
        base = np.ones(size, np.bool_)
        if since is not None:
            base &= self._last >= since.timestamp()
        if until is not None:
            base &= self._first < until.timestamp()
        if folded := text.strip().lower():
            base &= np.fromiter((folded in names for names in self._texts), np.bool_, size)
        having = {name: self._facets[name].having(values, size) for name, values in wanted.items() if values}
        counts = {}
        for name, facet in self._facets.items():
            others = [kept for other, kept in having.items() if other != name]
            counts[name] = facet.counts(np.logical_and.reduce([base, *others]))
        found = np.logical_and.reduce([base, *having.values()])
        return [self._items[place] for place in np.flatnonzero(found).tolist()], counts
