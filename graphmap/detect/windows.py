"""Bursts: many things of one group within a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def bursts(group: NDArray[np.integer[Any]], time: NDArray[np.int64], least: int, width: int) -> list[NDArray[np.int64]]:
    """Where `least` or more elements of one group lie within `width`.

    Parameters
    ----------
    group
        Of each element.
    time
        Of each element, microseconds; in any order.
    least
        Fewest elements of a burst, 1 or more.
    width
        Microseconds from the first to the last of `least` elements. Bursts that overlap are one.

    Returns
    -------
    Places of the elements of each burst, in order of time; bursts in order of group and time. Cost: one sort.
    """
    order = np.lexsort((time, group))
    groups, times = group[order], time[order]
    many = len(order) - least + 1
    if many < 1:
        return []
    begins = np.zeros(len(order), np.int64)
    begins[:many] = (groups[least - 1 :] == groups[:many]) & (times[least - 1 :] - times[:many] <= width)
    covering = np.cumsum(begins)
    covering[least:] -= np.cumsum(begins)[:-least]
    inside = np.flatnonzero(covering)
    # a burst starts where every window that covers an element begins with it
    number = np.cumsum((covering > 0) & (covering == begins))[inside]
    return np.split(order[inside], np.flatnonzero(np.diff(number)) + 1) if len(inside) else []
