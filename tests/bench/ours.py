"""graphmap's side of the benchmark: the one place that knows which functions answer which question.

Each function is what a user would call. Where graphmap has only a slow answer, `SLOW` says up to how many hops it is
asked; where it has none, NotThereYetError is raised and the report says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.graph.edges import aggregate
from graphmap.graph.index import HopIndex, build_index
from graphmap.graph.spread import provenance as spread_back
from graphmap.graph.spread import reach as spread
from tests.bench.answers import WAY, Moments, NotThereYetError, edge_answer, moments_of

if TYPE_CHECKING:
    from tests.bench.inputs import Inputs, Question

SLOW = 1_000_000
"""The largest number of hops that the searches in plain Python are asked about over more than a day."""


def read(inputs: Inputs) -> pl.DataFrame:
    """HOPS, the columns that an index is built from."""
    columns = ("start", "until", "src", "src_known", "dst", "account", "key", "origins")
    return pl.read_parquet(inputs.table, columns=list(columns))


def build(inputs: Inputs) -> HopIndex:
    """Index the hops of a file."""
    return build_index(read(inputs))


def build_endless(inputs: Inputs) -> HopIndex:
    """Index the hops as if no session ended and no two started at once: Raphtory knows neither ends nor ties."""
    order = pl.from_epoch(2 * pl.int_range(pl.len()) + 1, "us").dt.replace_time_zone("UTC")
    never = pl.from_epoch(4 * pl.len().cast(pl.Int64) + 1, "us").dt.replace_time_zone("UTC")
    return build_index(read(inputs).with_columns(start=order, until=never))


def reach(index: HopIndex, asked: Question) -> Moments:
    """Forward reach of a host."""
    return moments_of(spread(index, host_id(index, asked.name), asked.begin, asked.end))


def reached_hosts(index: HopIndex, asked: Question) -> list[str]:
    """The hosts that a visitor of a host could have reached, by name."""
    found = spread(index, host_id(index, asked.name), asked.begin, asked.end)
    return sorted({index.nodes[host] for host in index.dst[list(found)].tolist()} | {asked.name})


def provenance(index: HopIndex, asked: Question) -> Moments:
    """Backward provenance of a host."""
    return moments_of(spread_back(index, host_id(index, asked.name), asked.begin, asked.end))


def scan_all(index: HopIndex, asked: Question) -> Moments:
    """Forward reach over the whole log."""
    if len(index) > SLOW:
        raise NotThereYetError("the scan in plain Python")
    return reach(index, asked)


def chains(inputs: Inputs) -> int:
    """How many chains of three hops a file has."""
    return counts(build(inputs), 3)[2]


def counts(index: HopIndex, longest: int) -> list[int]:
    """How many chains of 1, 2 ... `longest` hops there are."""
    raise NotThereYetError("counts of chains")


def best_endings(index: HopIndex, longest: int) -> object:
    """The best chain that ends with each hop."""
    raise NotThereYetError("the best chain of each hop")


def best_chains(index: HopIndex, number: int, longest: int) -> object:
    """The best chains of all."""
    raise NotThereYetError("the best chains")


def edges(inputs: Inputs) -> pl.DataFrame:
    """The edge table by source, account and destination."""
    hops = pl.read_parquet(inputs.table, columns=[*WAY, "start"])
    refused = pl.read_parquet(inputs.refused, columns=["src", "account", "host", "time"])
    return edge_answer(aggregate(hops, refused, WAY))


def host_id(index: HopIndex, name: str) -> int:
    """The id of a host of the estate; every host of an attack has hops."""
    return index.nodes.index(name)
