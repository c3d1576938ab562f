"""The ways into a host, and which of them are first seen or rare."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.detect.base import MOST_LINES
from graphmap.detect.ways import ways_among
from graphmap.documents import number_of
from graphmap.graph.explain import hop_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex, Ids
    from graphmap.graph.table import Rows
    from graphmap.model import Line

DAY = 86_400_000_000
"""Microseconds."""


class Entry(NamedTuple):
    """Rows of HOPS from one source as one account to one host, and what is to be said of them."""

    rows: Ids
    days: int
    """UTC days on which it was taken."""
    before_all: int
    """Logons on the host before the first of them."""
    rare: bool
    """Whether it was first seen after the logs of the host had covered `history`, or is as old and on few days."""

    def taken(self, account: str, host: str, before_user: int) -> str:
        """Say how often it was taken, and how often the account and everybody had been there before it."""
        return (
            f"taken {number_of(len(self.rows), 'time')} on {number_of(self.days, 'day')};"
            f" before it, {account} had {number_of(before_user, 'logon')} on {host}"
            f" from anywhere, and everybody {number_of(self.before_all, 'logon')}"
        )

    def later_lines(self, hops: Rows) -> list[Line]:
        """The lines of its logons but the first, as many as a finding may show."""
        return [line for row in self.rows[1:MOST_LINES] for line in hop_at(hops, int(row)).lines]


def entries(index: HopIndex, host: int, *, min_days: int, history: timedelta) -> Iterator[Entry]:
    """The ways into a host from elsewhere, in order of their first row."""
    arriving = index.arriving.of(host)
    for rows in ways_among(index, arriving[index.src[arriving] != host]):
        days = len(np.unique(index.earliest[rows] // DAY))
        since = timedelta(microseconds=int(index.earliest[rows[0]] - index.earliest[arriving[0]]))
        yield Entry(rows, days, int(np.searchsorted(arriving, rows[0])), since >= history or days < min_days)
