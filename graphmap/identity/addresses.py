"""Which host has an address at a time: by the inventory, else by what the hosts' own logs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.identity.names import NO_HOST
from graphmap.tables import TIME

if TYPE_CHECKING:
    from graphmap.identity.inventory import Inventory

CLAIMS = pl.Schema(
    {
        "time": TIME,  # never null
        "host": pl.String(),  # canonical name of the host that says so; never null
        "ip": pl.String(),  # canonical text of its address; never null
    }
)

OWNERS = pl.Schema(
    {
        "ip": pl.String(),  # canonical text; never null
        "since": TIME,  # inclusive; null is open
        "until": TIME,  # exclusive; null is open
        "host": pl.String(),  # canonical name; null where the address is nobody's
    }
)

AMBIGUOUS = pl.Schema(
    {
        "ip": pl.String(),  # never null
        "since": TIME,  # first claim; never null
        "until": TIME,  # last claim; never null
        "hosts": pl.List(pl.String),  # who claims it, sorted; never null
    }
)


def stated_owners(inventory: Inventory) -> pl.DataFrame:
    """The addresses of the inventory, as OWNERS sorted by address and time."""
    rows = [
        (address.address, address.since, address.until, host.name)
        for host in inventory.hosts
        for address in host.addresses
    ]
    return pl.DataFrame(rows, schema=OWNERS, orient="row").sort("ip", "since")


def claim_spans(claims: pl.DataFrame) -> pl.DataFrame:
    """Join claims (CLAIMS, any order) to spans: the times within which the same hosts claim an address.

    A host claims an address from its first claim to its last. Where the claims of two hosts overlap, or meet in one
    moment, they are one span: the address is in use twice (a private range behind NAT, a container bridge), or
    moved to and fro, and the log cannot tell which host is meant.

    Returns
    -------
    Columns `ip`, `since` (first claim), `until` (last claim), `hosts` (sorted), sorted by address and time; the spans
    of an address do not overlap. Cost: linear in the claims, n log n in the pairs of host and address.
    """
    earlier_end = pl.col("last").cum_max().shift(1).over("ip", order_by=["first", "last", "host"])
    opens = (pl.col("first") > earlier_end).fill_null(value=True)
    return (
        claims.filter(~pl.col("ip").str.contains(NO_HOST))
        .group_by("ip", "host")
        .agg(first=pl.col("time").min(), last=pl.col("time").max())
        .sort("ip", "first", "last", "host")
        .with_columns(span=opens.cum_sum())
        .group_by("ip", "span", maintain_order=True)
        .agg(since=pl.col("first").min(), until=pl.col("last").max(), hosts=pl.col("host").sort())
        .select(AMBIGUOUS.names())
    )


def learned_owners(spans: pl.DataFrame) -> pl.DataFrame:
    """Owners by `claim_spans`, as OWNERS sorted by address and time.

    An address is that of the latest span at a time, and before the first span that of the first. A span of several
    hosts makes the address nobody's until the next span.
    """
    return spans.select(
        "ip",
        since=pl.when(pl.col("ip").shift(1) == pl.col("ip")).then("since"),
        until=pl.when(pl.col("ip").shift(-1) == pl.col("ip")).then(pl.col("since").shift(-1)),
        host=pl.when(pl.col("hosts").list.len() == 1).then(pl.col("hosts").list.first()),
    )


def ambiguous_spans(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans of more than one host, as AMBIGUOUS."""
    return spans.filter(pl.col("hosts").list.len() > 1)


class Ownership:
    """Answers who owns an address at a time.

    Parameters
    ----------
    owners
        OWNERS; the intervals of an address do not overlap.
    """

    def __init__(self, owners: pl.DataFrame) -> None:
        self.owners = owners
        self.addresses = frozenset(owners["ip"])
        alone = owners["ip"].is_unique() & owners["since"].is_null() & owners["until"].is_null()
        self._always = owners.filter(alone).select("ip", always="host")
        self._timed = (
            owners.filter(~alone)
            .with_columns(pl.col("since").fill_null(pl.lit(-(2**63) + 1, pl.Int64).cast(TIME)))
            .sort("since")
        )

    def at(self, ip: pl.Series, time: pl.Series) -> pl.Series:
        """The owner of each address at the time beside it; null where it is nobody's, or where there is no address.

        Cost: a hash join, and a sort of those rows whose address changes hands.
        """
        asked = pl.DataFrame({"ip": ip, "time": time}).with_row_index("row")
        found = asked.join(self._always, on="ip", how="left", maintain_order="left")["always"]
        if self._timed.is_empty():
            return found
        timed = (
            asked.join(self._timed.select("ip").unique(), on="ip", how="semi")
            .sort("time")
            .join_asof(self._timed, left_on="time", right_on="since", by="ip", check_sortedness=False)
            .filter(pl.col("until").is_null() | (pl.col("time") < pl.col("until")))
            .select("row", "host")
        )
        late = asked.select("row").join(timed, on="row", how="left", maintain_order="left")["host"]
        return pl.select(pl.coalesce(found, late))["always"]
