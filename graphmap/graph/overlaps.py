"""Sessions of one account that are open at once and come from different places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmap.graph.index import Moments


def open_elsewhere(
    account: NDArray[np.int64], place: NDArray[np.int64], earliest: Moments, open_: Moments
) -> NDArray[np.int64]:
    """For each session, an earlier one of its account from another place that is still open.

    Parameters
    ----------
    account, place
        Whose it is and whence, as numbers from 0 on.
    earliest, open_
        When it began, in order, and until when it is open; microseconds since 1970.

    Returns
    -------
    Number of that session, -1 where there is none; of several the one that stays open longest. Cost: linear, in
    compiled code, which is loaded only where some account has several places.
    """
    found = np.full(len(account), -1, np.int64)
    pairs = np.unique(np.stack([account, place], axis=1), axis=0)
    wanted = np.flatnonzero(np.isin(account, pairs[1:, 0][pairs[1:, 0] == pairs[:-1, 0]]))
    if not len(wanted):
        return found
    from graphmap.graph.kernels import overlaps as kernels  # noqa: PLC0415 - takes a second to load

    columns = (np.ascontiguousarray(one[wanted], np.int64) for one in (account, place, earliest, open_))
    other = kernels.open_elsewhere(*columns, int(account.max()) + 1)
    found[wanted[other >= 0]] = wanted[other[other >= 0]]
    return found


def warm_up() -> None:
    """Compile what this needs, or load what was compiled before."""
    place = np.arange(2, dtype=np.int64)
    open_elsewhere(np.zeros(2, np.int64), place, place, place)
