"""Logons as a policy looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.graph.columns import Column
from graphmap.graph.explain import moment_of

if TYPE_CHECKING:
    from datetime import datetime

    from graphmap.graph.index import HopIndex, Ids, Moments
    from graphmap.graph.table import HopTable
    from graphmap.identity import Identity


class Logons(NamedTuple):
    """Logons by column, one element a logon.

    `src` and `dst` are places in `nodes`; `account` holds canonical accounts; `time` is in microseconds since 1970.
    """

    nodes: tuple[str, ...]
    src: Ids
    dst: Ids
    account: Column
    method: Column
    service: Column
    time: Moments

    @classmethod
    def of_hops(cls, index: HopIndex, table: HopTable) -> Logons:
        """All hops."""
        names = index.names
        return cls(
            (*names.hosts, *names.sources),
            index.src,
            index.dst,
            Column(names.accounts, index.account),
            table.column("method"),
            table.column("service"),
            index.earliest,
        )

    @classmethod
    def of_edges(cls, edges: pl.DataFrame, identity: Identity) -> Logons:
        """Edges of accepted logons (EDGES), each as its last logon."""
        ends = pl.concat([edges["src"], edges["dst"]])
        frame = edges.lazy()
        nodes = Column.of(pl.LazyFrame({"node": ends}), pl.col("node"))
        return cls(
            nodes.names,
            nodes.codes[: edges.height],
            nodes.codes[edges.height :],
            Column.of(frame, identity.account("user")),
            Column.of(frame, pl.col("method")),
            Column.of(frame, pl.col("service")),
            edges["last"].to_physical().to_numpy(),
        )

    def at(self, row: int) -> Logon:
        """One of them in words."""
        account, method, service = (one.names[one.codes[row]] for one in (self.account, self.method, self.service))
        src, dst = (self.nodes[side[row]] for side in (self.src, self.dst))
        return Logon(src, dst, account, method, service, moment_of(int(self.time[row])))


class Logon(NamedTuple):
    """One logon; `method` is empty where the log does not say."""

    src: str
    dst: str
    account: str
    method: str
    service: str
    time: datetime
