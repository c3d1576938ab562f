"""Lists that are filtered by several things at once, with how many there would be for any other choice of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

T = TypeVar("T")

MOST = 200
"""Values of a facet that are counted in an answer, those with the most items first."""

Counts = dict[str, dict[str, int]]
"""For each facet how many items have each value, the most frequent first."""


def faceted(
    items: Iterable[T],
    facets: Mapping[str, Callable[[T], Collection[str]]],
    wanted: Mapping[str, Collection[str]],
) -> tuple[list[T], Counts]:
    """Filter items, and count what else there is.

    Parameters
    ----------
    items
        In any order, which stays.
    facets
        The values that an item has of each; it may have none.
    wanted
        Of some facets the values of which an item must have one; an empty collection asks for nothing.

    Returns
    -------
    The items that have what is wanted of every facet. And the counts of each facet among the items that have what is
    wanted of all **other** facets: what there would be if another value were chosen. Cost: linear in items.
    """
    asked = {name: frozenset(values) for name, values in wanted.items() if values}
    counted: dict[str, Counter[str]] = {name: Counter() for name in facets}
    found = []
    for item in items:
        has = {name: frozenset(values(item)) for name, values in facets.items()}
        lacks = [name for name, values in asked.items() if values.isdisjoint(has[name])]
        if not lacks:
            found.append(item)
        if len(lacks) <= 1:
            for name in lacks or facets:
                counted[name].update(has[name])
    return found, {name: _most(counter) for name, counter in counted.items()}


def _most(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST])
