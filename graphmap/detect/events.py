"""Events that are no logons, for detectors: programs, files, forwardings, connections, what became of a log."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import Witness
from graphmap.sessions import latest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.graph.table import HopTable
    from graphmap.identity import Identity

_ORDER = ("time", "host", "kind", "file", "line")


class EventTable:
    """The events of a lake, to be filtered and then taken.

    Parameters
    ----------
    events
        EVENTS, at least the columns `graphmap.pipeline.estate.COLUMNS`, in any order.
    identity
        Gives hosts, sources and accounts their canonical names.
    """

    def __init__(self, events: pl.LazyFrame, identity: Identity) -> None:
        self._events = events
        self._identity = identity

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of event that there are. One pass over one column, once."""
        return frozenset(self._events.select(pl.col("kind").unique()).collect(engine="streaming")["kind"])

    def has(self, kinds: Iterable[str]) -> bool:
        """Whether there is any event of these kinds: spares a detector that needs them a pass over all events."""
        return not self.kinds.isdisjoint(kinds)

    def scan(self, kinds: Iterable[str] | None = None) -> pl.LazyFrame:
        """The events of some kinds, of all where None are named, in any order. Nothing is read yet."""
        return self._events if kinds is None else self._events.filter(pl.col("kind").is_in(list(kinds)))

    def take(self, found: pl.LazyFrame) -> pl.DataFrame:
        """Read what was filtered from `scan`, in an order that depends on its content alone.

        Returns
        -------
        DataFrame with the columns of `found` and

        - `host`: where it happened, or what was reached; the host that a client's connection left;
        - `target`: what such a connection, or one that a sensor saw, reached; null where no address is logged;
        - `src`, `src_known`: as in SESSIONS;
        - `account`: the canonical account of `user`.

        Notes
        -----
        Memory: that of the rows that are left. `found` has at least the columns time, kind, witness, user, src_ip,
        src_port, src_host, dst_host, dst_ip, command, file and line.
        """
        client = (pl.col("witness") == Witness.CLIENT) & pl.col("src_host").is_not_null()
        frame = found.collect(engine="streaming").with_columns(
            at=pl.when(client).then("src_host").otherwise(pl.coalesce("dst_host", "dst_ip"))
        )
        placed = self._identity.hosts_of(self._identity.hosts_of(frame, "at"), "dst_ip", "target")
        return (
            self._identity.resolve(placed)
            .drop("at")
            .with_columns(account=self._identity.account("user"))
            .sort(*_ORDER, "user", "src_port", "dst_ip", "command", nulls_last=True)
        )


def with_hops(found: pl.DataFrame, hops: HopTable, by: str) -> pl.DataFrame:
    """Add to each event the hop in whose session it happened.

    Parameters
    ----------
    found
        What `EventTable.take` gave.
    hops
        HOPS.
    by
        What the event shares with the hop besides the host: `src_port`, or `account` where the log has no port.

    Returns
    -------
    `found` in its order and `row`, the number of the latest such hop that had started and could still be followed;
    null where there is none.

    Notes
    -----
    Cost: one pass over five columns of HOPS and an as-of join.
    """
    numbered = found.with_row_index("event").with_columns(at=latest("time"))
    asked = numbered.select("event", "at", "time", by, dst="host").drop_nulls()
    likely = (
        hops.scan()
        .select("start", "until", "dst", by)
        .with_row_index("row")
        .join(asked.lazy().select("dst", by).unique(), on=["dst", by], how="semi")
        .collect(engine="streaming")
        .sort("start", "row")
    )
    joined = (
        asked.sort("at")
        .join_asof(likely, left_on="at", right_on="start", by=["dst", by], check_sortedness=False)
        .filter(pl.col("time") <= latest("until"))
        .select("event", pl.col("row").cast(pl.Int64))
    )
    return numbered.join(joined, on="event", how="left", maintain_order="left").drop("event", "at")


def rows_of(sessions: pl.DataFrame, hops: HopTable) -> pl.DataFrame:
    """Add the number of the hop that each session is to some rows of SESSIONS; those that are no hop are left out.

    Returns
    -------
    The sessions and `row`, sorted by it. Cost: one pass over six columns of HOPS.
    """
    names = ["start", "dst", "src", "user", "service", "src_port"]
    asked = sessions.rename({"host": "dst"})
    found = (
        hops.scan()
        .select(names)
        .with_row_index("row")
        .join(asked.lazy().select(names).unique(), on=names, how="semi", nulls_equal=True)
        .collect(engine="streaming")
        .unique(names, keep="first")
    )
    joined = asked.join(found, on=names, nulls_equal=True).with_columns(pl.col("row").cast(pl.Int64))
    return joined.unique("row", keep="first").sort("row")
