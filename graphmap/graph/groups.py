"""Rows that are alike, as numbers, and what happened among them before a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphmap.graph.presence import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

Numbers = NDArray[np.int64]
Column = NDArray[np.integer[Any]]


def numbered(*columns: Column) -> Numbers:
    """Equal rows of some columns have equal numbers, from 0 on."""
    found = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        different, place = np.unique(column, return_inverse=True)
        found = np.unique(found * max(1, len(different)) + place, return_inverse=True)[1].astype(np.int64)
    return found


def number_before(events: Sequence[Column], times: Column, asked: Sequence[Column], moments: Column) -> Numbers:
    """How many events of each group there were before a moment.

    Parameters
    ----------
    events, times
        The groups of the events, a row of some columns each, and when they were, in any order.
    asked, moments
        The groups that are asked for, by as many columns, and the moments; those of one moment are not before it.

    Notes
    -----
    Cost: a few sorts.
    """
    return _ranked(events, times, asked, moments)[0]


def since(events: Sequence[Column], times: Column, asked: Sequence[Column], moments: Column) -> Numbers:
    """How long it was since the latest event of each group before a moment; NEVER where there was none.

    Parameters and cost are those of `number_before`; the unit is that of the times.
    """
    count, latest, ordered = _ranked(events, times, asked, moments)
    found = np.full(len(moments), NEVER)
    some = count > 0
    found[some] = moments[some] - ordered[latest[some]]
    return found


def _ranked(
    events: Sequence[Column], times: Column, asked: Sequence[Column], moments: Column
) -> tuple[Numbers, Numbers, Numbers]:
    """The number of earlier events of a group, the place of the latest of them, and the times by places."""
    size = len(times)
    group = numbered(*(np.concatenate(pair) for pair in zip(events, asked, strict=True)))
    time = np.concatenate([times, moments]).astype(np.int64)
    is_event = np.arange(len(time)) < size
    order = np.lexsort((is_event, time, group))
    until = np.empty(len(time), np.int64)
    until[order] = np.cumsum(is_event[order])
    begin = np.r_[0, np.cumsum(np.bincount(group[:size], minlength=int(group.max(initial=-1)) + 1))]
    ordered = time[order][is_event[order]]
    return until[size:] - begin[group[size:]], until[size:] - 1, ordered
