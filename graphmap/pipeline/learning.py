"""What hosts there are and which addresses they claim, read from the lake in one streaming pass and kept small."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.evidence.sightings import WITNESSED, elsewhere, useful
from graphmap.identity import Identity
from graphmap.identity.hostnames import HostNames
from graphmap.identity.names import canonical_address
from graphmap.model import Action, Outcome, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphmap.identity import Inventory
    from graphmap.store.snapshot import Snapshot

_HOSTS, _CLAIMS, _REACHED = "hosts.parquet", "claims.parquet", "reached.parquet"

LOGGER = ("dst_host", "src_host", "witness")
"""The columns of EVENTS that `logging_hosts` looks at."""


class Learned(NamedTuple):
    """What the events teach of hosts.

    `hosts` has each name that a log gives its own host (`dst_host`) and its number of events; `claims` (`time`,
    `dst_host`, `dst_ip`) as few of the claims as say the same as all of them; `reached` each address (`dst_ip`) that
    others saw connections to, the number of these `events`, and whether a sensor saw a logon `accepted` there.
    """

    hosts: pl.DataFrame
    claims: pl.DataFrame
    reached: pl.DataFrame

    def identity(self, inventory: Inventory) -> Identity:
        """Who is who."""
        return Identity(inventory, self.claims, self.hosts["dst_host"], self.reached.filter("accepted")["dst_ip"])

    def save(self, folder: Path) -> None:
        """Write it."""
        self.hosts.write_parquet(folder / _HOSTS)
        self.claims.write_parquet(folder / _CLAIMS)
        self.reached.write_parquet(folder / _REACHED)

    @classmethod
    def load(cls, folder: Path) -> Learned:
        """Read it back."""
        return cls(*(pl.read_parquet(folder / name, glob=False) for name in (_HOSTS, _CLAIMS, _REACHED)))


class Lessons(NamedTuple):
    """What some of the events teach: `Learned` before it is known what the others say.

    `claims` has the `first` and `last` claim of each pair of `dst_host` and `dst_ip`; where their times may decide more
    (`_few`), each different `moment` of them.
    """

    hosts: pl.DataFrame
    claims: pl.DataFrame
    reached: pl.DataFrame


def learn(snapshot: Snapshot, inventory: Inventory) -> Learned:
    """Learn from all events. Memory: that of the distinct pairs of host and address."""
    return learned_from([lessons(snapshot, inventory)], inventory)


def lessons(snapshot: Snapshot, inventory: Inventory) -> Lessons:
    """What the events of a snapshot teach by themselves."""
    claims = snapshot.scan(["time", "dst_host", "dst_ip"], kinds=["connection"]).drop_nulls()
    return Lessons(
        logging_hosts(snapshot.scan(LOGGER)).collect(engine="streaming"),
        _spans(claims, inventory),
        reached_addresses(snapshot.scan(WITNESSED)).collect(engine="streaming"),
    )


def learned_from(parts: Iterable[Lessons], inventory: Inventory) -> Learned:
    """What all events teach, from what parts of them do."""
    hosts, claims, reached = (pl.concat(frames) for frames in zip(*parts, strict=True))
    hosts = hosts.group_by("dst_host").agg(pl.col("events").sum()).sort("dst_host")
    reached = reached.group_by("dst_ip").agg(pl.col("events").sum(), pl.col("accepted").any()).sort("dst_ip")
    return Learned(hosts, _few(claims, inventory, addressed(hosts["dst_host"], inventory)), reached)


def logging_hosts(events: pl.LazyFrame) -> pl.LazyFrame:
    """`Learned.hosts` of events with the columns LOGGER, in no order.

    A client's log has its own host as the source of the connections that it opened.
    """
    named = events.select("dst_host", logger=pl.when(elsewhere()).then("src_host").otherwise("dst_host"))
    own = (pl.col("dst_host") == pl.col("logger")).sum()
    return named.drop_nulls("logger").group_by(dst_host="logger").agg(events=own.cast(pl.UInt32))


def seen_abroad() -> pl.Expr:
    """Whether an event was seen from elsewhere, and names its destination by its address alone."""
    return elsewhere() & useful() & pl.col("dst_host").is_null()


def reached_addresses(events: pl.LazyFrame) -> pl.LazyFrame:
    """`Learned.reached` of events with the columns WITNESSED, in no order."""
    logon = (pl.col("action") == Action.LOGON) & (pl.col("outcome") == Outcome.SUCCESS)
    accepted = logon & (pl.col("witness") == Witness.NETWORK)
    return events.filter(seen_abroad()).group_by("dst_ip").agg(events=pl.len(), accepted=accepted.any())


def addressed(names: pl.Series, inventory: Inventory) -> list[str]:
    """The names that are addresses: what they mean depends on the time."""
    known = HostNames(inventory)
    return [name for name in names if canonical_address(known.canonical(name)) is not None]


def _spans(claims: pl.LazyFrame, inventory: Inventory) -> pl.DataFrame:
    """`Lessons.claims` of claims."""
    names = claims.select(pl.col("dst_host").unique()).collect(engine="streaming")["dst_host"]
    timed = _is_timed(inventory, addressed(names, inventory))
    return _ends(claims.with_columns(first="time", last="time", moment=pl.when(timed).then("time")))


def _few(claims: pl.DataFrame, inventory: Inventory, addresses: list[str]) -> pl.DataFrame:
    """The first and last claim of each pair of host and address; all different ones where their time decides more.

    A span of ownership is made from first and last claims (`graphmap.identity.addresses.claim_spans`). The times
    between matter where the inventory gives the address away for a while, or the host is named by an address.
    """
    timed = _is_timed(inventory, addresses)
    spans = _ends(claims.lazy().with_columns(moment=pl.when(timed).then("moment")))
    ends = [spans.select("dst_host", "dst_ip", time=end) for end in ("first", "last")]
    return pl.concat(ends).unique().sort("time", "dst_host", "dst_ip").select("time", "dst_host", "dst_ip")


def _ends(claims: pl.LazyFrame) -> pl.DataFrame:
    by_pair = claims.group_by("dst_host", "dst_ip", "moment").agg(pl.col("first").min(), pl.col("last").max())
    return by_pair.collect(engine="streaming")


def _is_timed(inventory: Inventory, addresses: list[str]) -> pl.Expr:
    bounded = [a.address for host in inventory.hosts for a in host.addresses if a.since or a.until]
    return pl.col("dst_ip").is_in(bounded) | pl.col("dst_host").is_in(addresses)
