"""Movement within a time, of some accounts, services, segments: the same filters for every table, list and picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from graphmap.graph.edges import EDGE_KEY, aggregate, build_edges
from graphmap.graph.subgraph import links_of
from graphmap.model import Outcome
from graphmap.tables import TIME

if TYPE_CHECKING:
    from graphmap.pipeline.estate import Estate


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked at. None and empty tuples allow everything.

    Parameters
    ----------
    since, until
        ``since <= start < until``.
    users, services, methods, segments
        Allowed values; the segment is that of the destination.
    outcome
        Only accepted or only refused logons.
    min_count
        Fewest attempts of a link between two nodes.
    min_certainty
        Least certainty of a hop; refused logons have none and stay.
    """

    since: datetime | None = None
    until: datetime | None = None
    users: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    outcome: Outcome | None = None
    min_count: int = 1
    min_certainty: float = 0.0

    def hops(self, estate: Estate) -> pl.LazyFrame:
        """The accepted logons that are looked at: HOPS."""
        if self.outcome == Outcome.FAILURE:
            return estate.table.scan().clear()
        found = estate.table.scan().filter(self._condition(estate, "start", "dst"))
        return found.filter(pl.col("certainty") >= self.min_certainty) if self.min_certainty else found

    def failures(self, estate: Estate) -> pl.LazyFrame:
        """The refused logons that are looked at: FAILURES with a source."""
        return self.all_failures(estate).filter(pl.col("src").is_not_null())

    def all_failures(self, estate: Estate) -> pl.LazyFrame:
        """The same, and those without a source, which are in no picture."""
        if self.outcome == Outcome.SUCCESS:
            return estate.scan_failures().clear()
        return estate.scan_failures().filter(self._condition(estate, "time", "host"))

    def sessions(self, estate: Estate) -> pl.LazyFrame:
        """The sessions that are looked at: SESSIONS."""
        return estate.scan_sessions().filter(self._condition(estate, "start", "host"))

    def edges(self, estate: Estate) -> pl.DataFrame:
        """EDGES of what is looked at."""
        return estate.edges if self == Filters() else build_edges(self.hops(estate), self.failures(estate))

    def links(self, estate: Estate) -> pl.DataFrame:
        """What is looked at, by pairs of nodes (`graphmap.graph.subgraph.LINKS`)."""
        keyed = pl.col("key").is_not_null()
        by = ("key", *EDGE_KEY)
        opened = aggregate(self.hops(estate).filter(keyed), self.failures(estate).filter(keyed), by)
        # a key that was only ever refused on a host opened nothing there
        used = opened.filter((pl.col("count").sum() > 0).over("key", "dst"))
        links = links_of(self.edges(estate), used)
        return links.filter(pl.col("count") + pl.col("failures") >= self.min_count)

    def _condition(self, estate: Estate, time: str, host: str) -> pl.Expr:
        kept = pl.lit(value=True)
        if self.since is not None:
            kept &= pl.col(time) >= pl.lit(self.since, TIME)
        if self.until is not None:
            kept &= pl.col(time) < pl.lit(self.until, TIME)
        for column, allowed in (("user", self.users), ("service", self.services), ("method", self.methods)):
            if allowed:
                kept &= pl.col(column).is_in(list(allowed))
        if self.segments:
            identity = estate.identity
            kept &= pl.col(host).is_in([name for name in identity.hosts() if identity.segment(name) in self.segments])
        return kept


def histogram(estate: Estate, filters: Filters, bins: int) -> pl.DataFrame:
    """How many accepted and refused logons there are in equal parts of the time that the logs cover.

    Parameters
    ----------
    estate, filters
        What is looked at; its time is all that the estate covers, so that a narrower one can be seen within it.
    bins
        How many parts.

    Returns
    -------
    DataFrame: `start` (first moment of the part), `count`, `failures`; empty where nothing was attempted.
    """
    span = pl.concat([estate.table.scan().select(time="start"), estate.scan_failures().select("time")])
    first, last = span.select(pl.col("time").min().alias("first"), pl.col("time").max().alias("last")).collect().row(0)
    if first is None:
        return pl.DataFrame(schema={"start": TIME, "count": pl.UInt32, "failures": pl.UInt32})
    return in_bins(
        filters.hops(estate).select(time="start"), filters.failures(estate).select("time"), first, last, bins
    )


def in_bins(accepted: pl.LazyFrame, refused: pl.LazyFrame, first: datetime, last: datetime, bins: int) -> pl.DataFrame:
    """How many attempts there are in equal parts of a time.

    Parameters
    ----------
    accepted, refused
        A column `time`.
    first, last
        The time, both inclusive; no attempt is outside of it.
    bins
        How many parts.

    Returns
    -------
    DataFrame: `start` (first moment of the part), `count`, `failures`.
    """
    begin = int(first.timestamp() * 1_000_000)
    width = (int(last.timestamp() * 1_000_000) - begin) // bins + 1
    every = pl.DataFrame({"bin": pl.int_range(bins, dtype=pl.Int64, eager=True)})
    for name, attempts in (("count", accepted), ("failures", refused)):
        place = (pl.col("time").dt.timestamp("us") - begin) // width
        counted = attempts.group_by(bin=place).agg(pl.len().alias(name)).collect()
        every = every.join(counted, on="bin", how="left")
    return every.sort("bin").select(
        (pl.col("bin") * width + begin).cast(TIME).alias("start"),
        pl.col("count").fill_null(0),
        pl.col("failures").fill_null(0),
    )
