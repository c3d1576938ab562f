"""Logons of an invented enterprise as columns, before anybody writes them into a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphmap.simulate.options import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable


SHELL, COMMAND, SFTP, SCP, JUMP = range(5)
"""What is started in a session; JUMP is a connection in which nothing is started: ProxyJump, -W, -N with a tunnel."""

NO_KEY = -1
"""In place of a key: a password."""

MOVES = pl.Schema({
    "start": pl.Int64,  # us since 1970, by a clock that is right
    "length": pl.Int64,  # us
    "src": pl.Int32,  # a host, or an address behind the hosts (graphmap.simulate.company)
    "dst": pl.Int32,
    "account": pl.Int32,  # from the number of accounts on: a name that nobody has
    "key": pl.Int32,  # account * VERSIONS + version, or NO_KEY
    "kind": pl.Int8,
    "refused": pl.Int8,  # tries in this connection that were refused before the accepted one
    "accepted": pl.Boolean,  # False: all tries were refused
    "sent": pl.Int64,  # bytes to the destination
    "robot": pl.Boolean,
    "attack": pl.Int32,  # -1: nobody's
    "step": pl.Int32,  # number of the hop in its attack
})  # fmt: skip

DEFAULTS: dict[str, Any] = {
    "length": 0,
    "key": NO_KEY,
    "kind": SHELL,
    "refused": 0,
    "accepted": True,
    "sent": 4_000,
    "robot": False,
    "attack": -1,
    "step": 0,
}


def moves(**columns: np.ndarray[Any, Any] | int | bool) -> pl.DataFrame:
    """Make a table of schema MOVES; what is not given has the value of DEFAULTS, a single value is that of all rows."""
    arrays = {name: value for name, value in columns.items() if isinstance(value, np.ndarray)}
    single = DEFAULTS | {name: value for name, value in columns.items() if name not in arrays}
    frame = pl.DataFrame({name: pl.Series(value) for name, value in arrays.items()})
    return frame.with_columns(
        **{name: pl.lit(value) for name, value in single.items() if name not in arrays}
    ).select(pl.col(name).cast(kind) for name, kind in MOVES.items())  # fmt: skip


def joined(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The rows of several tables."""
    return pl.concat([MOVES.to_frame(), *parts])


class Ways:
    """Who went where within the last month, and when last: what an intruder can know and use."""

    def __init__(self) -> None:
        self._later = MOVES.to_frame()
        self.table = pl.DataFrame(
            schema={"src": pl.Int32, "dst": pl.Int32, "account": pl.Int32, "key": pl.Int32, "last": pl.Int64}
        )

    def add(self, day: pl.DataFrame, until: int) -> None:
        """Take the accepted logons of a day, as far as they were before a moment; what is older than 31 days goes."""
        every = pl.concat([self._later, day.filter("accepted")])
        self._later = every.filter(pl.col("start") >= until)
        fresh = every.filter(pl.col("start") < until).select("src", "dst", "account", "key", last="start")
        self.table = (
            pl.concat([self.table, fresh])
            .group_by("src", "dst", "account", "key")
            .agg(pl.col("last").max())
            .filter(pl.col("last") >= until - 31 * DAY)
            .sort("src", "dst", "account", "key")
        )
