"""Which hosts are taken together while sessions are made of their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.pipeline.learning import addressed
from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphmap.identity import Identity, Inventory
    from graphmap.pipeline.learning import Learned
    from graphmap.store.snapshot import Snapshot


class Group(NamedTuple):
    """Names that logs give their own hosts and that may mean one host at some time; and the hosts that they mean."""

    names: list[str]
    hosts: set[str]


def groups_of(snapshot: Snapshot, learned: Learned, inventory: Inventory, identity: Identity) -> list[Group]:
    """All logged names and reached addresses, those together that may mean one host at some time."""
    names = learned.hosts["dst_host"]
    timed = addressed(names, inventory)
    fixed = learned.hosts.filter(~names.is_in(timed)).select("dst_host", time=pl.lit(None, TIME))
    moments = snapshot.scan(["dst_host", "time"], hosts=timed).unique().collect(engine="streaming")
    named = identity.hosts_of(pl.concat([fixed, moments])).select("dst_host", "host")
    reached = identity.possible_hosts(learned.reached["dst_ip"]).rename({"address": "dst_host"})
    pairs = pl.concat([named, reached]).unique().sort("dst_host", "host")
    of_host: dict[str, Group] = {}
    of_name: dict[str, Group] = {}
    for name, host in pairs.iter_rows():
        group = of_host.setdefault(host, Group([], {host}))
        other = of_name.get(name)
        if other is None:
            group.names.append(name)
            of_name[name] = group
        elif other is not group:
            other.names.extend(group.names)
            other.hosts.update(group.hosts)
            of_name |= dict.fromkeys(group.names, other)
            of_host |= dict.fromkeys(group.hosts, other)
    return list({id(group): group for group in of_name.values()}.values())


def bunches(groups: Iterable[Group], counts: Mapping[str, int], size: int) -> Iterator[list[str]]:
    """Names of hosts in bunches of about `size` events; those of a group, and neighbours of the alphabet, together.

    Parameters
    ----------
    groups
        Of names.
    counts
        How many events there are of each name.
    size
        Most events of a bunch, unless one group has more.
    """
    bunch: list[str] = []
    events = 0
    for names, _ in groups:
        number = sum(counts.get(name, 0) for name in names)
        if bunch and events + number > size:
            yield bunch
            bunch, events = [], 0
        bunch += names
        events += number
    if bunch:
        yield bunch
