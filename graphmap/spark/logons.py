"""Events go to where their host is, become sessions, refusals and hops there, and these go to their slice of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import polars as pl

from graphmap.evidence.programs import programs, tells_of_programs
from graphmap.graph.hops import list_hops
from graphmap.identity import Identity
from graphmap.pipeline.abroad import FOLLOWING, Places
from graphmap.pipeline.made import TABLES
from graphmap.sessions import SESSION_EVENTS, build_logons
from graphmap.spark.blocks import Block, Blocks
from graphmap.spark.slices import Slices
from graphmap.store.snapshot import Snapshot
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from graphmap.spark.blocks import Tables

ASIDE = "clocks", "standings"
"""Tables that are about no time; they come with the first slice."""

_TOLD = pl.Schema({name: EVENTS[name] for name in SESSION_EVENTS})
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Hunting:
    """What tasks are told: the lake in parts, who is who, which bunch each host is in, and what time is cut into."""

    parts: tuple[Snapshot, ...]
    identity: Identity
    places: Places
    bunches: int
    gap: timedelta
    slices: Slices

    def logons(self, spark: SparkSession, *, has_programs: bool) -> Blocks:
        """SESSIONS, FAILURES and HOPS that know no origins, by slice of time; and ASIDE at the first slice."""
        events = Blocks.of(spark, len(self.parts), self._by_bunch)
        if has_programs:
            started = Blocks.of(spark, len(self.parts), self._by_day)
            events |= started.gathered(len(self.parts), self._programs)
        return events.gathered(self.bunches, self._joined)

    def _by_bunch(self, number: int) -> Iterator[Block]:
        """The events of a part of the lake, by the bunch of the host that they are about."""
        told = self.parts[number].scan(SESSION_EVENTS).collect(engine="streaming")
        places = self.places
        for found in (
            places.own(told),
            places.by_address(told),
            places.by_host(told.filter(places.named_otherwise()), self.identity),
        ):
            yield from _by_key(found, "bunch", "events")

    def _by_day(self, number: int) -> Iterator[Block]:
        """What tells of clients that were started, by day; what follows midnight belongs to the day before as well."""
        told = self.parts[number].scan(SESSION_EVENTS).filter(tells_of_programs()).collect(engine="streaming")
        day = pl.col("time").dt.date()
        before = (pl.col("time") - FOLLOWING).dt.date()
        near = told.with_columns(day=before).filter(pl.col("day") < day)
        for found in (told.with_columns(day=day), near):
            yield from _by_key(found.with_columns(pl.col("day").to_physical()), "day", "events")

    def _programs(self, day: int, tables: Tables) -> Iterator[Block]:
        """The reports on the clients that were started on a day, by the bunch of the host that they went to."""
        end = datetime.combine(_EPOCH + timedelta(days=day + 1), time())
        found = programs(tables.get("events", _TOLD), self.identity)
        found = found.filter(pl.col("time") < pl.lit(end, pl.Datetime("us")).dt.replace_time_zone("UTC"))
        yield from _by_key(self.places.by_host(found, self.identity), "bunch", "events")

    def _joined(self, _bunch: int, tables: Tables) -> Iterator[Block]:
        """What the events of a bunch of hosts tell."""
        found = build_logons(tables.get("events", _TOLD), self.identity)
        yield Block(0, "clocks", found.clocks)
        yield Block(0, "standings", found.standings)
        hops = list_hops(found.sessions, self.gap)
        for name, rows in (("sessions", found.sessions), ("failures", found.failures), ("hops", hops)):
            for place, part in self.slices.parted(rows, TABLES[name][1]):
                yield Block(place, name, part)


def _by_key(rows: pl.DataFrame, key: str, name: str) -> Iterator[Block]:
    parts = rows.select(*SESSION_EVENTS, key).partition_by(key, as_dict=True, include_key=False)
    for (place,), part in parts.items():
        yield Block(int(place), name, part)
