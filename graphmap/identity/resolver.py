"""Who is who: names, addresses and accounts of the log as the hosts and accounts they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.identity.accounts import Accounts
from graphmap.identity.addresses import (
    CLAIMS,
    Ownership,
    ambiguous_spans,
    claim_spans,
    learned_owners,
    stated_owners,
)
from graphmap.identity.hostnames import HostNames
from graphmap.identity.inventory import EMPTY, Inventory
from graphmap.identity.names import LOCALHOST, LOOPBACK, canonical_address, identifies_host
from graphmap.identity.roles import role_named
from graphmap.identity.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from graphmap.model import Host


class Identity:
    """Who is who, by an inventory and by what the logs teach.

    Parameters
    ----------
    inventory
        What people know; it is right wherever it says something.
    claims
        What hosts say of themselves: columns `time`, `dst_host` and `dst_ip` of EVENTS, of the lines in which a host
        logs the address that a connection came in on ("Connection from ... on ..."). Rows with a null say nothing.
        None where nothing is to be learned.
    seen_hosts
        The names, as logged, of all hosts that wrote a log line: they are known hosts, listed or not.
    reached
        Addresses at which a sensor saw an accepted logon arrive: where no host ever owns one, it is a known host of
        that name, so that what leaves it later follows.

    Notes
    -----
    Loopback, unspecified, link-local, multicast and broadcast addresses identify no host. An address that no interval
    of the inventory covers at a time is that of the host that claimed it last at or before that time, or of the first
    claimant before its first claim. Where claims of several hosts interleave it is nobody's; `ambiguous` lists these.
    """

    def __init__(
        self,
        inventory: Inventory = EMPTY,
        claims: pl.DataFrame | None = None,
        seen_hosts: Iterable[str] = (),
        reached: Iterable[str] = (),
    ) -> None:
        self.inventory = inventory
        self._names = HostNames(inventory)
        self._accounts = Accounts(inventory)
        self._segments = Segments(inventory)
        self._listed = {host.name: host for host in inventory.hosts}
        self._stated = Ownership(stated_owners(inventory))
        self._spans = self._learn(claims)
        self._learned = Ownership(learned_owners(self._spans))
        self._addresses = _first_learned(self._spans)
        claimants = self._spans["hosts"].explode().drop_nulls().to_list()
        self._known = frozenset(self._listed) | {self._names.canonical(name) for name in seen_hosts} | set(claimants)
        owned = {*self._stated.addresses, *self._learned.addresses}
        self._known |= {address for address in reached if address not in owned and identifies_host(address)}

    # Hosts

    def hosts(self) -> tuple[str, ...]:
        """The canonical names of all known hosts, sorted: the listed and those that wrote a log line."""
        return tuple(sorted(self._known))

    def is_known(self, host: str) -> bool:
        """Tell whether a canonical name is that of a known host."""
        return host in self._known

    def host(self, name: str) -> Host | None:
        """What the inventory says of a host, by any of its names; None where it says nothing."""
        listed = self._names.listed(name)
        return None if listed is None else self._listed[listed]

    def owner(self, host: str) -> str | None:
        """The account of the person to whom a host belongs; None where the inventory does not say."""
        entry = self.host(host)
        return None if entry is None else entry.owner

    def canonical_host(self, names: pl.Series, times: pl.Series) -> pl.Series:
        """The canonical name of each host as logged, at the time beside it; null where it is null.

        A name of the inventory gives its host, an address the host that owns it at that time; anything else stays,
        in canonical text. Cost: a join, and Python once for each different name.
        """
        named = self._named(names)
        if not _is_address(named).any():  # as in most logs: spares the joins
            return named.rename(names.name)
        return pl.select(pl.coalesce(self._owner_at(named, times), named)).to_series().rename(names.name)

    def hosts_of(self, frame: pl.DataFrame, column: str = "dst_host", into: str = "host") -> pl.DataFrame:
        """Add the canonical name of the host that a column names; the frame has `time`. Order is kept."""
        return frame.with_columns(self.canonical_host(frame[column], frame["time"]).alias(into))

    def owner_at(self, frame: pl.DataFrame, column: str = "src_ip", into: str = "owner") -> pl.DataFrame:
        """Add the host that owns the address in a column at `time`; null where it is nobody's. Order is kept."""
        return frame.with_columns(self._owner_at(frame[column], frame["time"]).alias(into))

    def owners(self) -> pl.DataFrame:
        """Whose each address is, and when: what the inventory says, then what was learned where it is silent.

        OWNERS (`graphmap.identity.addresses`) without the times at which an address is nobody's.
        """
        return pl.concat([self._stated.owners, self._learned.owners]).drop_nulls("host")

    def possible_hosts(self, addresses: pl.Series) -> pl.DataFrame:
        """What each address means at one time or another: columns `address` and `host`."""
        asked = pl.DataFrame({"address": addresses})
        owned = asked.join(self.owners(), left_on="address", right_on="ip").select("address", "host")
        return pl.concat([owned, asked.with_columns(host=self._named(addresses))]).unique().sort("address", "host")

    def ambiguous(self) -> pl.DataFrame:
        """The addresses that several hosts claim in turns, as `graphmap.identity.addresses.AMBIGUOUS`."""
        return ambiguous_spans(self._spans)

    def learned_before(self, moment: datetime) -> pl.DataFrame:
        """What the logs teach of who had which address before a moment, as `graphmap.identity.addresses.OWNERS`."""
        owners = learned_owners(self._spans).filter((pl.col("since") < moment).fill_null(value=True))
        return owners.with_columns(until=pl.when(pl.col("until") < moment).then("until"))

    # Sources

    def resolve(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add `src` and `src_known`, and `host` where the frame has none.

        Parameters
        ----------
        frame
            Columns `time`, `dst_host` (or `host`, canonical), `src_ip` and `src_host` of EVENTS. Order is kept.

        Returns
        -------
        The frame with `host`; `src`, the first of these that there is:

        - the host itself, where the source is loopback or a name for it;
        - the host that owns `src_ip` at that time;
        - `src_ip`;
        - the host that `src_host` means;
        - `src_host` in canonical text;

        else null; and `src_known`, never null, which tells whether `src` is a known host.

        Notes
        -----
        `src_host` comes from a reverse look-up, which whoever owns the source's address can forge (sshd_config(5),
        UseDNS). It therefore never overrides an address.
        """
        if "host" not in frame.columns:
            frame = self.hosts_of(frame)
        ip, name = frame["src_ip"], frame["src_host"]
        own = ip.str.contains(LOOPBACK)
        own_name = name.str.to_lowercase().str.strip_chars_end(".").is_in(sorted(LOCALHOST))
        itself = pl.select(pl.when(pl.coalesce(own, own_name)).then(frame["host"])).to_series()
        owner = self._owner_at(ip, frame["time"])
        source = pl.select(pl.coalesce(itself, owner, ip, self.canonical_host(name, frame["time"]))).to_series()
        known = source.is_in(self.hosts()) | itself.is_not_null()
        return frame.with_columns(source.alias("src"), known.fill_null(value=False).alias("src_known"))

    # Accounts

    def account(self, column: str | pl.Expr) -> pl.Expr:
        """The canonical account of each user name in a column; null where it is null."""
        return self._accounts.canonical(column)

    def account_of(self, user: str) -> str:
        """The canonical account of one user name."""
        return str(pl.select(self._accounts.canonical(pl.lit(user))).item())

    def is_service(self, account: str) -> bool:
        """Tell whether a canonical account belongs to a service."""
        return self._accounts.is_service(account)

    # Segments

    def segment(self, node: str) -> str | None:
        """The segment of a host, by any of its names, or of an address; None where the inventory does not say.

        A host lies in the segment that its entry names, else in that of the first of its addresses that lies in one,
        those of the inventory before those that were learned, in their order.
        """
        entry = self.host(node)
        if entry is not None and entry.segment is not None:
            return entry.segment
        found = map(self.segment_of_address, self.addresses(node))
        return next((segment for segment in found if segment is not None), None)

    def addresses(self, node: str) -> tuple[str, ...]:
        """The addresses that a host has or had, those of the inventory first, then its name: a source may be one."""
        entry = self.host(node)
        listed = tuple(address.address for address in entry.addresses) if entry else ()
        name = entry.name if entry else self._names.canonical(node)
        return (*listed, *self._addresses.get(name, ()), name)

    def roles(self, host: str) -> frozenset[str]:
        """The roles of a host by any of its names, in the form of `graphmap.identity.roles.role_named`."""
        entry = self.host(host)
        return frozenset(map(role_named, entry.roles)) if entry else frozenset()

    def segment_of_address(self, ip: str) -> str | None:
        """The segment whose networks hold an address, the longest prefix first; None where none does."""
        return self._segments.of_address(ip)

    def is_restricted(self, segment: str | None) -> bool:
        """Tell whether the inventory calls a segment restricted."""
        return self._segments.is_restricted(segment)

    # How it is done

    def _named(self, names: pl.Series) -> pl.Series:
        """Each name in canonical text, times left out of account."""
        different = names.drop_nulls().unique().to_list()
        table = pl.DataFrame(
            {"name": different, "canonical": [self._names.canonical(name) for name in different]},
            schema={"name": pl.String, "canonical": pl.String},
        )
        asked = pl.DataFrame({"name": names.cast(pl.String)})
        return asked.join(table, on="name", how="left", maintain_order="left")["canonical"]

    def _owner_at(self, ips: pl.Series, times: pl.Series) -> pl.Series:
        stated, learned = self._stated.at(ips, times), self._learned.at(ips, times)
        return pl.select(pl.coalesce(stated, learned)).to_series()

    def _learn(self, claims: pl.DataFrame | None) -> pl.DataFrame:
        """The spans of what hosts claim where the inventory is silent.

        A host that is logged by its address may be one that another line names: those who are named teach first.
        """
        if claims is None:
            return claim_spans(CLAIMS.to_frame())
        given = claims.drop_nulls(["time", "dst_host", "dst_ip"])
        given = given.filter(self._stated.at(given["dst_ip"], given["time"]).is_null())
        told = given.select("time", host=self._named(given["dst_host"]), ip="dst_ip")
        by_name = told.filter(~_is_address(told["host"]))
        self._learned = Ownership(learned_owners(claim_spans(by_name)))
        told = told.with_columns(self.canonical_host(told["host"], told["time"]))
        return claim_spans(told.filter(pl.col("host") != pl.col("ip")))


def _first_learned(spans: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """The addresses that each host claims alone, in the order of their first claims."""
    alone = spans.filter(pl.col("hosts").list.len() == 1).with_columns(host=pl.col("hosts").list.first())
    by_host = alone.sort("since", "ip").group_by("host").agg(pl.col("ip").unique(maintain_order=True))
    return {host: tuple(ips) for host, ips in by_host.iter_rows()}


def _is_address(names: pl.Series) -> pl.Series:
    different = names.drop_nulls().unique().to_list()
    return names.is_in([name for name in different if canonical_address(name) is not None])
