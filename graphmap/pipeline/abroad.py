"""What sensors and clients saw, on its way to the bunches of hosts that it is about.

A sensor's events lie in the lake by time, whatever their destination, and the start of a client is an event of the host
on which it was started. They are read once, in portions that are sorted by bunch, so that a bunch then opens little
more than its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

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
    from graphmap.store.lake import Snapshot

_PORTION = 1_000_000
_GROUP_ROWS = 20_000
_MICROSECOND = timedelta(microseconds=1)


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
        number_of = {name: number for number, names in enumerate(bunches) for name in names}
        of_name = _table("dst_ip", number_of)
        of_host = _table("host", {host: number_of[group.names[0]] for group in groups for host in group.hosts})
        otherwise = elsewhere() & useful() & ~pl.col("dst_host").is_in(list(number_of))
        days: set[date] = set()
        found = snapshot.scan(SESSION_EVENTS).filter(seen_abroad() | otherwise | is_program())
        for portion in found.collect_batches(chunk_size=_PORTION, maintain_order=False, engine="streaming"):
            self._keep(portion.filter(seen_abroad()).join(of_name, on="dst_ip"))
            self._keep(_placed(portion.filter(otherwise), identity, of_host))
            days.update(portion.filter(is_program())["time"].dt.date().unique())
        gathered = EVENTS.to_frame().select(SESSION_EVENTS, bunch=pl.lit(None, pl.UInt32))
        for day in sorted(days):
            gathered = pl.concat([gathered, _placed(_programs(snapshot, identity, day), identity, of_host)])
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


def _placed(events: pl.DataFrame, identity: Identity, of_host: pl.DataFrame) -> pl.DataFrame:
    """The events with the bunch of the host that they name."""
    aimed = events.with_columns(aim=pl.coalesce("dst_host", "dst_ip"))
    return identity.hosts_of(aimed, "aim").join(of_host, on="host").drop("aim", "host")


def _programs(snapshot: Snapshot, identity: Identity, day: date) -> pl.DataFrame:
    """The reports of `graphmap.evidence.programs` on the clients that were started on a day."""
    begin = datetime.combine(day, time(), UTC)
    end = begin + timedelta(days=1)
    near = snapshot.scan(SESSION_EVENTS, since=begin, until=end + max(CONNECTS, CHILD) + _MICROSECOND)
    told = near.filter(tells_of_programs()).collect(engine="streaming")
    return programs(told, identity).filter(pl.col("time") < end)
