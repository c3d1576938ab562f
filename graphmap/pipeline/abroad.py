"""What sensors and clients saw, on its way to the bunches of hosts that it is about.

A sensor's events lie in the lake by time, whatever their destination, and the start of a client is an event of the host
on which it was started. They are read once, in portions that are sorted by bunch, so that a bunch then opens little
more than its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.evidence.programs import CHILD, CONNECTS, is_program, programs, tells_of_programs
from graphmap.evidence.sightings import elsewhere, useful
from graphmap.pipeline.learning import seen_abroad
from graphmap.sessions import SESSION_EVENTS
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from graphmap.identity import Identity
    from graphmap.pipeline.bunches import Group
    from graphmap.store.snapshot import Snapshot

_PORTION = 1_000_000
_GROUP_ROWS = 20_000

FOLLOWING = max(CONNECTS, CHILD) + timedelta(microseconds=1)
"""So much after the end of a day tells what became of the clients that were started on it."""


class Places(NamedTuple):
    """Which bunch each name, address (`name`) and canonical `host` is in; `bunch` is its number."""

    of_name: pl.DataFrame
    of_host: pl.DataFrame

    @classmethod
    def of(cls, groups: Sequence[Group], bunches: Sequence[Sequence[str]]) -> Places:
        """Those of groups of hosts in bunches."""
        number_of = {name: number for number, names in enumerate(bunches) for name in names}
        hosts = {host: number_of[group.names[0]] for group in groups for host in group.hosts}
        return cls(_table("name", number_of), _table("host", hosts))

    def own(self, events: pl.DataFrame) -> pl.DataFrame:
        """The events that name their destination as it names itself, each with its bunch."""
        return events.filter(~seen_abroad()).join(self.of_name, left_on="dst_host", right_on="name")

    def by_address(self, events: pl.DataFrame) -> pl.DataFrame:
        """The events that were seen from elsewhere and name an address alone, each with its bunch."""
        return events.filter(seen_abroad()).join(self.of_name, left_on="dst_ip", right_on="name")

    def named_otherwise(self) -> pl.Expr:
        """Whether an event was seen from elsewhere and names its destination in some other way."""
        return elsewhere() & useful() & ~pl.col("dst_host").is_in(self.of_name["name"].implode())

    def by_host(self, events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
        """The events with the bunch of the host that they name."""
        aimed = events.with_columns(aim=pl.coalesce("dst_host", "dst_ip"))
        return identity.hosts_of(aimed, "aim").join(self.of_host, on="host").drop("aim", "host")


class Abroad:
    """What was seen from elsewhere, and clients' programs, by the bunch of the destination.

    Left out is what names its destination as that names itself: it lies in the lake among the destination's own events.

    Parameters
    ----------
    snapshot
        The lake.
    identity
        Who is who.
    groups
        Of hosts, with their names and addresses.
    bunches
        Of each bunch, the names and addresses of its hosts.
    folder
        Empty; the events are kept there.

    Notes
    -----
    One pass over the lake, and one over the days on which clients were started. Memory: that of a portion, and of the
    clients of a day.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        identity: Identity,
        groups: Sequence[Group],
        bunches: Sequence[Sequence[str]],
        folder: Path,
    ) -> None:
        self._folder = folder
        self._files: list[Path] = []
        places = Places.of(groups, bunches)
        days: set[date] = set()
        found = snapshot.scan(SESSION_EVENTS).filter(seen_abroad() | places.named_otherwise() | is_program())
        for portion in found.collect_batches(chunk_size=_PORTION, maintain_order=False, engine="streaming"):
            self._keep(places.by_address(portion))
            self._keep(places.by_host(portion.filter(places.named_otherwise()), identity))
            days.update(portion.filter(is_program())["time"].dt.date().unique())
        gathered = EVENTS.to_frame().select(SESSION_EVENTS, bunch=pl.lit(None, pl.UInt32))
        for day in sorted(days):
            gathered = pl.concat([gathered, places.by_host(_programs(snapshot, identity, day), identity)])
            if gathered.height >= _PORTION:
                self._keep(gathered)
                gathered = gathered.clear()
        self._keep(gathered)

    def _keep(self, portion: pl.DataFrame) -> None:
        if portion.is_empty():
            return
        path = self._folder / f"{len(self._files):06}.parquet"
        portion.sort("bunch").write_parquet(path, compression="lz4", row_group_size=_GROUP_ROWS)
        self._files.append(path)

    def of(self, bunch: int) -> pl.LazyFrame:
        """The events of a bunch, the columns SESSION_EVENTS, in no order."""
        if not self._files:
            return EVENTS.to_frame().lazy().select(SESSION_EVENTS)
        found = pl.scan_parquet(self._files, glob=False).filter(pl.col("bunch") == bunch)
        return found.select(SESSION_EVENTS)


def _table(name: str, numbers: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame(list(numbers.items()), schema={name: pl.String, "bunch": pl.UInt32}, orient="row")


def _programs(snapshot: Snapshot, identity: Identity, day: date) -> pl.DataFrame:
    """The reports of `graphmap.evidence.programs` on the clients that were started on a day."""
    begin = datetime.combine(day, time(), UTC)
    end = begin + timedelta(days=1)
    near = snapshot.scan(SESSION_EVENTS, since=begin, until=end + FOLLOWING)
    told = near.filter(tells_of_programs()).collect(engine="streaming")
    return programs(told, identity).filter(pl.col("time") < end)
