"""How unusual a logon is beside the earlier ones of its account, source, destination ...: a p-value for each.

Only the past counts, so a later day never changes what was said of an earlier one. Rows of one moment are not the past
of each other: which of them came first nobody knows, and nothing arbitrary may decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphmap.compiling import announce, is_kept

if TYPE_CHECKING:
    from types import ModuleType

    from graphmap.graph.index import Flags, Moments

    Group = NDArray[np.integer[Any]]
    Counts = NDArray[np.int32]

Bits: TypeAlias = NDArray[np.float64]
"""How surprising each row is."""


class Standing(NamedTuple):
    """How each row stands among the earlier rows of its group, one element a row."""

    p: NDArray[np.float64]
    """(1 + rows at least as surprising) / (1 + rows): the conformal p-value, where equal scores count against the row.
    1 where the group has no past. It is at most x for no more than a share x of rows, as long as the group goes on as
    it did (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, section 2.5)."""
    past: Counts
    """Earlier rows of the group."""


def standing(score: NDArray[np.floating[Any]], group: Group, time: Moments) -> Standing:
    """Compare each row's score with those of the earlier rows of its group.

    Parameters
    ----------
    score
        The higher, the more unusual; not NaN.
    group
        Whose baseline: any whole numbers.
    time
        Microseconds since 1970, in order.

    Notes
    -----
    Cost: a sort, and n log n steps of compiled code; 40 bytes a row while it works.
    """
    place, groups = _numbered(group)
    rows = np.argsort(place, kind="stable")
    offsets = np.searchsorted(place[rows], np.arange(groups + 1))
    past, above = _kernels().rank_among_past(np.ascontiguousarray(score, np.float64), _plain(time), rows, offsets)
    return Standing((1.0 + above) / (1.0 + past), past)


def surprise_of(value: Group, context: Group, time: Moments) -> Bits:
    """How surprising each row's value is in its context to somebody who knows the rows before it, in bits.

    Parameters
    ----------
    value, context
        Any whole numbers: destination and account, method and destination ...
    time
        Microseconds since 1970, in order.

    Returns
    -------
    -log2 of the probability of the value:

    - the context had it `n` of `t` times before, among `k` different values: n / (t + k);
    - it never had: k / (t + k), 1 where the context is new, times the share of the value among all rows before,
      whatever their context, with the same escape for a value that nobody ever had.

    Prediction by partial matching as in `graphmap.graph.rarity.surprise`, which is about whole ways.
    """
    (what, values), (where, contexts) = _numbered(value), _numbered(context)
    pair = where * np.int64(values) + what
    same, first = earlier(pair, time), _first(pair)
    bits: Bits = _kernels().surprise_of(where, what, _plain(time), contexts, values, same, first)
    return bits


def earlier(group: Group, time: Moments) -> Counts:
    """For each row, how many rows of its group are of an earlier moment. `time` is in order. Cost: one sort."""
    order = np.argsort(group, kind="stable")
    grouped, moments = group[order], time[order]
    new_group = np.diff(grouped, prepend=grouped[:1] - 1) != 0
    new_moment = new_group | (np.diff(moments, prepend=moments[:1] - 1) != 0)
    place = np.arange(len(group))
    counts = np.empty(len(group), np.int32)
    counts[order] = np.maximum.accumulate(np.where(new_moment, place, 0)) - np.maximum.accumulate(
        np.where(new_group, place, 0)
    )
    return counts


def warm_up() -> None:
    """Compile what this needs, or load what was compiled before."""
    one = np.ones(1, np.int64)
    standing(surprise_of(one, one, one), one, one)


def _kernels() -> ModuleType:
    """The compiled functions, which take a second to load: few questions need them."""
    from graphmap.graph.kernels import conformal as kernels  # noqa: PLC0415 - as said

    if not kernels.rank_among_past.signatures and not is_kept(kernels.rank_among_past):
        announce("the comparison with the past")
    return kernels


def known_for(group: Group, time: Moments) -> Moments:
    """For each row, the microseconds since the first row of its group. `time` is in order. Cost: one sort."""
    _, first, place = np.unique(group, return_index=True, return_inverse=True)
    since: Moments = time - time[first][place]
    return since


def _first(group: Group) -> Flags:
    """Which rows are the first of their group."""
    marks = np.zeros(len(group), np.bool_)
    marks[np.unique(group, return_index=True)[1]] = True
    return marks


def _numbered(group: Group) -> tuple[NDArray[np.int64], int]:
    """Groups as numbers from 0 on, and how many there are."""
    different, place = np.unique(group, return_inverse=True)
    return place.astype(np.int64), len(different)


def _plain(time: Moments) -> Moments:
    """An array of this process, which compiled code knows, where it is a map of a file."""
    return np.ascontiguousarray(time, np.int64)
