"""Sessions of one account that are open at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmap.graph.kernels.common import NONE, compiled


@compiled
def open_elsewhere(account: Any, place: Any, earliest: Any, open_: Any, accounts: int) -> Any:
    """For each session, an earlier one of its account from another place that is still open, NONE where there is none.

    Of all places but one's own, the last to close is among the two that close last, whatever one's own is.

    Parameters
    ----------
    account, place, earliest, open_
        Of each session, in order of time.
    accounts
        Number of accounts.

    Returns
    -------
    int64, one element a session; see `graphmap.graph.overlaps.open_elsewhere`.
    """
    other = np.full(account.size, NONE, np.int64)
    last = np.full((accounts, 2), NONE, np.int64)
    for number in range(account.size):
        who, best = account[number], NONE
        for slot in range(2):
            held = last[who, slot]
            elsewhere = held != NONE and place[held] != place[number] and open_[held] >= earliest[number]
            if elsewhere and (best == NONE or open_[held] > open_[best]):
                best = held
        other[number] = best
        mine = 0
        for slot in range(2):
            if last[who, slot] != NONE and place[last[who, slot]] == place[number]:
                mine = slot
                break
        else:
            for slot in range(2):
                if last[who, slot] == NONE:
                    mine = slot
                    break
            else:
                mine = 0 if open_[last[who, 0]] <= open_[last[who, 1]] else 1
        held = last[who, mine]
        if held == NONE or open_[number] > open_[held]:
            last[who, mine] = number
    return other
