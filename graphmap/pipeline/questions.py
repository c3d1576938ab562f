"""Questions that people ask of an estate by name: which host is meant, rare ways, paths, reach, origins."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphmap.errors import QueryError
from graphmap.graph.columns import marks
from graphmap.graph.paths import Found
from graphmap.graph.pivots import paths_between, ways_from, ways_to
from graphmap.graph.spread import provenance, reach
from graphmap.model import Chain
from graphmap.policy.judge import VERDICTS
from graphmap.policy.logons import Logons
from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime, timedelta

    from graphmap.graph.index import Ids
    from graphmap.graph.paths import Path
    from graphmap.graph.walks import Spread
    from graphmap.pipeline.estate import Estate


COMPILED_FROM = 200_000
"""From so many hops on the compiled kernels answer, though they have to be loaded first."""


NO_SEGMENT = "no segment"
"""Stands for the segment of what the inventory knows none of."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A host or source at the other end of a path, with its segment and the most certain path."""

    name: str
    segment: str | None
    path: Chain


def source_named(estate: Estate, text: str) -> str:
    """The host that a name, alias or address means, or the source of that name.

    Raises
    ------
    QueryError
        Nothing in the data has this name; the hint shows names that look like it.
    """
    host = estate.identity.host(text)
    said = (host.name if host else None, text, text.lower().rstrip("."))
    for name in said:
        if name is not None and _is_named(estate, name):
            return name
    owner = _owner(estate, text) if _is_address(text) else None  # it looks at all sessions
    if owner is not None and _is_named(estate, owner):
        return owner
    names = {*estate.identity.hosts(), *estate.index.names.hosts, *estate.index.names.sources}
    close = get_close_matches(text, sorted(names), n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "graphmap status lists the hosts"
    raise QueryError(f"no host or source named {text!r}", hint=hint)


def host_named(estate: Estate, text: str) -> str:
    """The known host that a name, alias or address means.

    Raises
    ------
    QueryError
        There is none.
    """
    name = source_named(estate, text)
    if not estate.identity.is_known(name):
        raise QueryError(f"{name} is no known host", hint="an address that no host owns is a source only")
    return name


def _is_named(estate: Estate, name: str) -> bool:
    return estate.identity.is_known(name) or estate.index.names.node(name) is not None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _owner(estate: Estate, address: str) -> str | None:
    """The host that owned an address last, by the sessions that came from it, else when the logs end."""
    of_address = estate.scan_sessions().filter((pl.col("src_ip") == address) & pl.col("src_known"))
    sources = of_address.select("src").tail(1).collect()["src"]
    if len(sources):
        return str(sources[0])
    end = estate.scan_events().select(pl.col("time").max()).collect(engine="streaming").item()
    asked = pl.DataFrame({"src_ip": [address], "time": [end]}, schema_overrides={"time": TIME})
    return next(iter(estate.identity.owner_at(asked)["owner"]), None)


def rare_ways(estate: Estate, segment: str | None, max_count: int, *, src_segment: str | None = None) -> pl.DataFrame:
    """Ways into a segment that were taken a few times only, the rarest and latest first.

    Parameters
    ----------
    estate
        What to look at.
    segment
        The segment of the destination; None for restricted segments, or for all hosts where none is restricted.
        `NO_SEGMENT` for hosts of which the inventory knows none.
    max_count
        A way that was taken more often is not rare.
    src_segment
        The segment of the source, which may be the same; None for all others.

    Returns
    -------
    DataFrame: `src`, `user`, `dst`, `service`, `method`, `count`, `failures`, `days`, `first`, `last` as in EDGES;
    `src_segment`, `dst_segment` (null where unknown); `policy` (model.Verdict).

    Raises
    ------
    QueryError
        The inventory has no such segment.
    """
    identity = estate.identity
    names = [s.name for s in estate.inventory.segments]
    for named in filter(None, (segment, src_segment)):
        if named not in {*names, NO_SEGMENT}:
            raise QueryError(f"no segment {named!r} in the inventory", hint=f"one of: {', '.join(names) or 'none'}")
    restricted = [name for name in names if identity.is_restricted(name)]
    wanted = [segment] if segment else restricted
    edges = estate.edges.filter((pl.col("count") <= max_count) & (pl.col("count") > 0))
    segment_of = cache(identity.segment)
    sides = {
        f"{side}_segment": pl.Series([segment_of(node) for node in edges[side]], dtype=pl.String)
        for side in ("src", "dst")
    }
    ways = edges.with_columns(**sides)
    src, dst = (pl.col(name).fill_null(NO_SEGMENT) for name in sides)
    if wanted:
        ways = ways.filter(dst.is_in(wanted) & (src != dst if src_segment is None else src == src_segment))
    elif src_segment is not None:
        ways = ways.filter(src == src_segment)
    bits = estate.rulings.judge.bits(Logons.of_edges(ways, identity))
    return (
        ways.drop("src_known")
        .with_columns(policy=pl.Series([VERDICTS[bit].value for bit in bits], dtype=pl.String))
        .sort(["count", "last", "src", "user", "dst"], descending=[False, True, False, False, False])
    )


@dataclass(frozen=True, slots=True)
class Excluded:
    """What no hop of a path may touch: hosts and sources, accounts, methods, ways from one host to another."""

    hosts: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    ways: tuple[tuple[str, str], ...] = ()

    def left_of(self, estate: Estate, rows: Ids) -> Ids:
        """The rows of hops that touch none of it, in their order. Names that no hop has exclude nothing."""
        index, kept = estate.index, np.ones(len(rows), np.bool_)
        src, dst = index.src[rows], index.dst[rows]
        if nodes := [node for name in self.hosts if (node := _node(estate, name)) is not None]:
            kept &= ~(np.isin(src, nodes) | np.isin(dst, nodes))
        if self.accounts:
            named = {estate.identity.account_of(account) for account in self.accounts}
            kept &= ~np.isin(index.account[rows], np.flatnonzero(marks(index.names.accounts, named.__contains__)))
        if self.methods:
            method = estate.table.column("method")
            kept &= ~method.marks(set(self.methods).__contains__)[method.codes[rows]]
        for start, goal in self.ways:
            kept &= ~((src == _node(estate, start)) & (dst == _node(estate, goal)))
        return rows[kept]


NOTHING = Excluded()


def paths(  # noqa: PLR0913 - a question of six words and a bound
    estate: Estate,
    src: str,
    goals: Collection[str],
    *,
    at: datetime | None,
    window: timedelta,
    limit: int,
    by: str = "certainty",
    excluded: Excluded = NOTHING,
) -> tuple[list[Chain], bool]:
    """The best paths from a host to some hosts by `graphmap.graph.ranking.By`, and whether there may be more.

    Parameters
    ----------
    estate
        What to look at.
    src, goals
        Names of hosts or, as `src`, of a source. Each path ends at the first goal that it comes to.
    at, window
        Without `at` all that the logs cover is searched; with it, the `window` that begins there.
    limit
        How many paths.
    by
        What makes one better than another.
    excluded
        What none of them touches.
    """
    begin, end = _time(estate, at, window, back=False)
    start = _node(estate, src)
    ends = [node for node in (_node(estate, goal) for goal in goals) if node is not None]
    if start is None or not ends:
        return [], False
    few = partial(excluded.left_of, estate)
    if by == "certainty" and len(estate.index) < COMPILED_FROM:
        found = paths_between(estate.index, start, ends, begin, end, limit=limit, few=few)
    else:
        ranking = _ranking()
        ranked = ranking.chains_between(estate.walks, start, ends, begin, end, by=ranking.By(by), limit=limit, few=few)
        found = Found(ranked.paths, ranked.cut or len(ranked.paths) == limit)
    return estate.chains_of(found.paths), found.cut


def reached_from(estate: Estate, host: str, *, at: datetime | None, window: timedelta) -> list[Reached]:
    """The hosts that a visitor of `host` could have reached, in order of first arrival."""
    node = _node(estate, host)
    if node is None:
        return []
    begin, end = _time(estate, at, window, back=False)
    ahead = (
        dict(_pairs(estate.walks.reach(begin, end, hosts=[node])))
        if len(estate.index) >= COMPILED_FROM
        else reach(estate.index, node, begin, end)
    )
    ways = ways_from(estate.index, node, ahead)
    chains = estate.chains_of(ways.values())
    return [_reached(estate, estate.index.names.name(node), chain) for node, chain in zip(ways, chains, strict=True)]


def origins_of(estate: Estate, host: str, *, at: datetime | None, window: timedelta) -> list[Reached]:
    """The hosts and sources from which `host` could have been reached, most certain first, the fewest hops first."""
    node = _node(estate, host)
    if node is None:
        return []
    begin, end = _time(estate, at, window, back=True)
    useful = (
        dict(_pairs(estate.walks.provenance(begin, end, hosts=[node])))
        if len(estate.index) >= COMPILED_FROM
        else provenance(estate.index, node, begin, end)
    )
    ways = ways_to(estate.index, node, useful)
    best: dict[str, Path] = {}
    for way in ways:
        src = estate.index.names.name(int(estate.index.src[way.rows[0]]))
        if src not in best and src != host:
            best[src] = way
    chains = estate.chains_of(best.values())
    return [_reached(estate, src, chain) for src, chain in zip(best, chains, strict=True)]


def radius_of(
    estate: Estate, *, host: str | None = None, account: str | None = None, at: datetime | None, window: timedelta
) -> pl.DataFrame:
    """The distinct hosts that a host or account could reach, by segment (`graphmap.graph.ranking.blast_radius`).

    Raises
    ------
    QueryError
        Nothing in the data has this name.
    """
    begin, end = _time(estate, at, window, back=False)
    ranking, names = _ranking(), estate.index.names
    if account is not None:
        canonical = estate.identity.account_of(account)
        if canonical not in names.accounts:
            close = get_close_matches(account, names.accounts, n=3)
            raise QueryError(
                f"no account named {account!r}", hint=f"did you mean {' or '.join(close)}?" if close else None
            )
        spread = estate.walks.reach(begin, end, account=names.accounts.index(canonical))
    else:
        node = _node(estate, source_named(estate, host or ""))
        spread = estate.walks.reach(begin, end, hosts=[] if node is None else [node])
    table: pl.DataFrame = ranking.blast_radius(estate.walks, spread, estate.identity.segment)
    return table


def choke_points(
    estate: Estate, segment: str, *, at: datetime | None, window: timedelta, max_hops: int
) -> pl.DataFrame:
    """The hosts and accounts on most chains into a segment (`graphmap.graph.ranking.choke_points`).

    Raises
    ------
    QueryError
        The inventory has no such segment, or there are too many chains to count.
    """
    names = [s.name for s in estate.inventory.segments]
    if segment not in names:
        raise QueryError(f"no segment {segment!r} in the inventory", hint=f"one of: {', '.join(names) or 'none'}")
    hosts = [node for node, name in enumerate(estate.index.names.hosts) if estate.identity.segment(name) == segment]
    begin, end = _time(estate, at, window, back=False)
    try:
        table: pl.DataFrame = _ranking().choke_points(estate.walks, hosts, begin, end, max_hops=max_hops, limit=1000)
    except OverflowError as error:
        raise QueryError(str(error), hint="ask for a shorter --window or fewer --max-hops") from error
    return table.filter(pl.col("cut") > 0)


def _pairs(spread: Spread) -> Iterable[tuple[int, int]]:
    """Rows and their moments."""
    return zip(spread.rows.tolist(), spread.moments.tolist(), strict=True)


def _ranking() -> Any:
    """What needs the compiled kernels, which other questions do without."""
    from graphmap.graph import ranking  # noqa: PLC0415 - importing it takes a second

    return ranking


def _reached(estate: Estate, name: str, path: Chain) -> Reached:
    return Reached(name, estate.identity.segment(name), path)


def _node(estate: Estate, host: str) -> int | None:
    """The id of a host in the index; None where no hop touches it."""
    return estate.index.names.node(host)


def _time(estate: Estate, at: datetime | None, window: timedelta, *, back: bool) -> tuple[int, int]:
    """The microseconds between which hops are looked at."""
    if at is None:
        last = estate.index.latest(len(estate.index) - 1) if len(estate.index) else 0
        return 0, last
    low, high = (at - window, at) if back else (at, at + window)
    return int(low.timestamp() * 1_000_000), int(high.timestamp() * 1_000_000)
