"""Events become the tables and arrays that questions are asked of, in bounded memory (docs/decisions/0006).

Sessions of a host depend on that host's events only, and on what others saw of it, so bunches of hosts are taken one
after another. What they give is merged by time, and hops learn their origins last, by compiled code over the arrays.
Where most of it was made before, and only later days came in, only these are made (`graphmap.pipeline.extending`).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.graph.hops import list_hops
from graphmap.pipeline.abroad import Abroad
from graphmap.pipeline.bunches import bunches, groups_of
from graphmap.pipeline.extending import plan_extension
from graphmap.pipeline.learning import learn, seen_abroad
from graphmap.pipeline.made import context_of
from graphmap.pipeline.parts import SLICE_ROWS
from graphmap.pipeline.raw import FILE_ROWS, Raw
from graphmap.sessions import SESSION_EVENTS, build_logons, reaching_back, standings

if TYPE_CHECKING:
    from datetime import timedelta

    from graphmap.identity import Identity, Inventory
    from graphmap.pipeline.bunches import Group
    from graphmap.pipeline.extending import Extension
    from graphmap.pipeline.made import Made
    from graphmap.store.snapshot import Snapshot

BUNCH_EVENTS = 500_000
"""Events that are taken together, unless one host has more."""


class Sizes(NamedTuple):
    """How much is taken at once; and how many rows a file has at least, but for the last ones."""

    bunch: int = BUNCH_EVENTS
    slice: int = SLICE_ROWS
    file: int = FILE_ROWS


USUAL = Sizes()


def make(
    snapshot: Snapshot,
    inventory: Inventory,
    gap: timedelta,
    folder: Path,
    sizes: Sizes = USUAL,
    former: Made | None = None,
) -> None:
    """Fill an empty folder with SESSIONS, FAILURES and HOPS as Parquet, the index, and what is known of hosts.

    Parameters
    ----------
    snapshot, inventory, gap
        What it is made from.
    folder
        Where it is kept.
    sizes
        Decide about memory and files, not about what is in them.
    former
        What was made from fewer files of the same lake, with the same inventory and gap. What lies long before the
        events that came in since is taken from there; the result is the same.

    Notes
    -----
    Memory: that of the events of a bunch, and about 60 bytes a hop for the arrays.
    """
    learned = learn(snapshot, inventory)
    learned.save(folder)
    identity = learned.identity(inventory)
    groups = groups_of(snapshot, learned, inventory, identity)
    raw = Raw(folder)
    extension = former and plan_extension(former, snapshot, identity, inventory)
    counts = Counter(dict(learned.hosts.iter_rows()))
    counts.update(dict(learned.reached.select("dst_ip", "events").iter_rows()))
    if extension:
        whole = _extend(snapshot, identity, gap, raw, sizes, groups, extension)
        for hosts in bunches(whole, counts, sizes.bunch):
            found = _tables(snapshot.scan(SESSION_EVENTS, hosts=hosts), identity, gap, raw)
            extension.keep_early(raw, *found)
            raw.add(*extension.late(*found))
        extension.keep(raw, {host for group in whole for host in group.hosts}, sizes.file)
    else:
        taken = list(bunches(groups, counts, sizes.bunch))
        with TemporaryDirectory(dir=folder) as work:
            abroad = Abroad(snapshot, identity, groups, taken, Path(work))
            for number, hosts in enumerate(taken):
                own = snapshot.scan(SESSION_EVENTS, hosts=hosts).filter(~seen_abroad())
                raw.add(*_tables(pl.concat([own, abroad.of(number)]), identity, gap, raw))
    raw.finish(sizes.slice, sizes.file, snapshot.files["path"], context_of(inventory, gap))


def _extend(  # noqa: PLR0913, PLR0917 - what is made, and how
    snapshot: Snapshot,
    identity: Identity,
    gap: timedelta,
    raw: Raw,
    sizes: Sizes,
    groups: list[Group],
    extension: Extension,
) -> list[Group]:
    """Make what is late of those groups of hosts whose early part stands; give the others."""
    window = snapshot.scan(SESSION_EVENTS, since=extension.read_from)
    counts = dict(window.group_by("dst_host").agg(pl.len()).collect(engine="streaming").iter_rows())
    group_of = {host: group for group in groups for host in group.hosts}
    whole = {group_of[host].names[0]: group_of[host] for host in extension.reached()}
    late = [g for g in groups if g.names[0] not in whole and any(name in counts for name in g.names)]
    for hosts in bunches(late, counts, sizes.bunch):
        events = snapshot.scan(SESSION_EVENTS, since=extension.read_from, hosts=hosts).collect(engine="streaming")
        back = reaching_back(events, identity, extension.touched_from, extension.sure_from)
        back = pl.concat([back, extension.judged_anew(standings(events, identity))])
        whole |= {group_of[host].names[0]: group_of[host] for host in back}
        left = [name for name in hosts if name not in {n for group in whole.values() for n in group.names}]
        if len(left) < len(hosts):
            events = events.filter(pl.col("dst_host").is_in(left))
        raw.add(*extension.late(*_tables(events.lazy(), identity, gap, raw)))
    return list(whole.values())


def _tables(
    events: pl.LazyFrame, identity: Identity, gap: timedelta, raw: Raw
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """SESSIONS, FAILURES, and HOPS that know no origins, of the events of some hosts."""
    found = build_logons(events.collect(engine="streaming"), identity)
    raw.judge(found.standings)
    raw.compare(found.clocks)
    return found.sessions, found.failures, list_hops(found.sessions, gap)
