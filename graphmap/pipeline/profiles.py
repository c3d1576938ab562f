"""What is usual for a host, source, account, key or segment, and what is new: its accepted logons, before and now.

All of it is counted from the arrays of the index, so bulk need not be read.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.graph.columns import marks
from graphmap.graph.index import SECOND
from graphmap.graph.table import ways_of
from graphmap.model import NodeKind
from graphmap.tables import TIME, schema

if TYPE_CHECKING:
    from graphmap.graph.index import HopIndex, Ids
    from graphmap.pipeline.estate import Estate

SEGMENT = "segment"
"""The kind of an id that names a segment, beside those of `graphmap.model.NodeKind`."""

NOW = timedelta(days=1)
"""How much of the end of the logs is compared with all before it, where no time is given."""

HABITS = schema(
    {
        "value": pl.String,  # a host or source, an account, a method (empty: not logged), an hour of the UTC day
        "before": pl.Int64,  # logons before the time that is asked about; never null
        "days": pl.Int64,  # UTC days before it on which there was one; never null
        "now": pl.Int64,  # logons within it; never null
        "first": TIME,  # of all up to its end; never null
        "last": TIME,  # never null
    }
)
"""One row for each value of what a profile looks at. `before` of 0 means: new."""

ASPECTS = ("from", "to", "accounts", "methods", "hours")
"""What a profile looks at: where logons came from and went to, as whom, how, and when."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The logons of a node, before a time and within it.

    Parameters
    ----------
    begin
        The first logon that counts as past; None where there is none before `since`.
    since, until
        The time that is compared with what was before: ``since <= start < until``.
    before, now
        Logons before and within it.
    aspects
        HABITS for each of ASPECTS that says something of such a node, what is new first, then by `now`.
    """

    begin: datetime | None
    since: datetime
    until: datetime
    before: int
    now: int
    aspects: dict[str, pl.DataFrame]


def profile_of(estate: Estate, node: str, since: datetime | None, until: datetime | None) -> Profile:
    """Compare what a node did within a time with all that it did before; nothing that came later counts.

    Parameters
    ----------
    estate
        What to look at.
    node
        An id as `graphmap.graph.view.node_id` makes it, or ``segment:`` and a name: what arrives at it and leaves it.
    since, until
        The time; by default the last NOW of the logs before `until`, and their end.

    Returns
    -------
    Profile. Cost: one pass over an array of the index, and the logons of the node.
    """
    index = estate.index
    end = until or _end(index)
    start = since or end - NOW
    rows = rows_of(estate, node)
    rows = rows[index.earliest[rows] < _stamp(end)]
    ways = ways_of(index, rows).with_columns(method=_methods(estate, rows))
    now = ways["start"] >= start
    kind, _, name = node.partition(":")
    inside = {name} if kind == NodeKind.HOST else set[str]()
    if kind == SEGMENT:
        inside = {one for side in ("src", "dst") for one in ways[side].unique() if estate.identity.segment(one) == name}
    looked = _looked_at(ways, kind, inside)
    return Profile(
        begin=ways.filter(~now)["start"].min(),  # type: ignore[arg-type]  # a column of moments
        since=start,
        until=end,
        before=int((~now).sum()),
        now=int(now.sum()),
        aspects={aspect: _habits(part, value, start) for aspect, (part, value) in looked.items()},
    )


def rows_of(estate: Estate, node: str) -> Ids:
    """The hops that touch a node, by row, in order of time; none where nothing is of that name."""
    index, names = estate.index, estate.index.names
    kind, _, name = node.partition(":")
    match kind:
        case NodeKind.HOST | NodeKind.SOURCE:
            ids = [one for one in (_place(names.hosts if kind == NodeKind.HOST else names.sources, name),) if one >= 0]
            ids = ids if kind == NodeKind.HOST else [one + len(names.hosts) for one in ids]
            return _touching(index, np.array(ids, np.int64))
        case NodeKind.USER:
            user = estate.table.column("user")
            return np.flatnonzero(user.codes == _place(user.names, name)).astype(np.int32)
        case NodeKind.KEY:
            return np.flatnonzero(index.key == _place(names.keys, name)).astype(np.int32)
        case _:
            segment = estate.identity.segment
            return _touching(index, np.flatnonzero(marks((*names.hosts, *names.sources), lambda n: segment(n) == name)))


def _touching(index: HopIndex, nodes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Ids:
    """The hops that leave or arrive at some nodes."""
    found = [groups.of(int(node)) for node in nodes for groups in (index.leaving, index.arriving)]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)


def _place(names: tuple[str, ...], name: str) -> int:
    """Where a name is among sorted ones; -2, which no row has, where it is not."""
    place = bisect_left(names, name)
    return place if place < len(names) and names[place] == name else -2


def _methods(estate: Estate, rows: Ids) -> pl.Series:
    column = estate.table.column("method")
    return pl.Series(column.names, dtype=pl.String).gather(column.codes[rows])


def _looked_at(ways: pl.DataFrame, kind: str, inside: set[str]) -> dict[str, tuple[pl.DataFrame, pl.Expr]]:
    """For each aspect the logons that count and what of them; sides that are the node itself say nothing.

    `inside` are the hosts that the node is or holds; none where it is an account, a key or a source.
    """
    hour = pl.col("start").dt.hour().cast(pl.String).str.zfill(2)
    comes, goes = (pl.col(side).is_in(list(inside)) for side in ("dst", "src"))
    arrived, left = (ways.filter(comes & ~goes), ways.filter(goes & ~comes)) if inside else (ways, ways)
    every = {
        "from": (arrived, pl.col("src")),
        "to": (left, pl.col("dst")),
        "accounts": (ways, pl.col("account")),
        "methods": (ways, pl.col("method")),
        "hours": (ways, hour),
    }
    mute = {NodeKind.SOURCE: "from", NodeKind.USER: "accounts"}.get(NodeKind(kind)) if kind != SEGMENT else None
    return {aspect: looked for aspect, looked in every.items() if aspect != mute}


def _habits(ways: pl.DataFrame, value: pl.Expr, since: datetime) -> pl.DataFrame:
    past = pl.col("start") < pl.lit(since, TIME)
    return (
        ways.group_by(value.alias("value"))
        .agg(
            before=past.sum().cast(pl.Int64),
            days=pl.col("start").filter(past).dt.date().n_unique().cast(pl.Int64),
            now=(~past).sum().cast(pl.Int64),
            first=pl.col("start").min(),
            last=pl.col("start").max(),
        )
        .sort(pl.col("before") > 0, -pl.col("now"), -pl.col("before"), "value")
        .match_to_schema(HABITS)
    )


def _end(index: HopIndex) -> datetime:
    """The moment after the last logon."""
    last = int(index.earliest[-1]) if len(index) else 0
    return datetime.fromtimestamp(last // SECOND + 1, UTC)


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND + moment.microsecond
