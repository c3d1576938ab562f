"""Whether an account was on a host at a moment, and if not, since when."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Column = NDArray[np.integer[Any]]

NEVER = 1 << 62
"""Microseconds since what never was."""

SECOND = 1_000_000


def presence(asked: tuple[Column, Column, Column], arrivals: tuple[Column, Column, Column, Column]) -> Numbers:
    """Tell since when an account has had no session on a host.

    Parameters
    ----------
    asked
        Hosts, accounts and moments, in microseconds since 1970; one element a question.
    arrivals
        Hosts, accounts, starts and the last moments at which each session was open, in any order.

    Returns
    -------
    One element a question: 0 while a session is open that started before the moment, else the microseconds since the
    latest of those was open, to a second; NEVER where there was none. Cost: two sorts.
    """
    host, account, moment, until = arrivals
    both = np.concatenate([host, asked[0]]).astype(np.int64) << 32 | np.concatenate([account, asked[1]])
    group = np.unique(both, return_inverse=True)[1]
    size = len(host)
    begin = int(moment.min(initial=0 if not size else int(moment[0])))
    last = np.zeros(len(group), np.int64)
    last[:size] = (until - begin) // SECOND + 1
    is_arrival = np.arange(len(group)) < size
    order = np.lexsort((is_arrival, np.concatenate([moment, asked[2]]), group))
    # groups come one after the other, so the running maximum begins anew with each
    running = np.maximum.accumulate(group[order] << 32 | last[order]) & (1 << 32) - 1
    found = np.zeros(len(group), np.int64)
    found[order] = running
    latest = found[size:]
    ended = begin + (latest - 1) * SECOND
    return np.where(latest == 0, NEVER, np.maximum(asked[2] - ended - SECOND, 0))
