"""Sessions of one account that are open at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmap.graph.kernels.common import NONE, compiled


@compiled
def open_elsewhere(rows: Any, account: Any, place: Any, earliest: Any, open_: Any, accounts: int) -> Any:
    """For each row, an earlier one of its account from another place that is still open, NONE where there is none.

    Parameters
    ----------
    rows
        Rows to look at, in order of time.
    account, place, earliest, open_
        Of each of them: who, whence, when, and until when it is open.
    accounts
        Number of accounts.

    Returns
    -------
    Places in `rows` (int64). Of several the one that stays open longest. Cost: linear: of all places but one's own,
    the last to close is among the last two to close, whatever one's own is.
    """
    other = np.full(rows.size, NONE, np.int64)
    last = np.full((accounts, 2), NONE, np.int64)
    for number in range(rows.size):
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
