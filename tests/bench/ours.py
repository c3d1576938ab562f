"""graphmap's side of the benchmark: the one place that knows which functions answer which question.

Each function is what a user would call. Where there is none, NotThereYetError is raised and the report says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.graph.edges import count_edges
from graphmap.graph.index import build_index
from graphmap.graph.spread import provenance as spread_back
from graphmap.graph.spread import reach as spread
from graphmap.graph.walks import Walks
from tests.bench.answers import WAY, Moments, moments_of

if TYPE_CHECKING:
    from graphmap.graph.index import HopIndex
    from tests.bench.inputs import Inputs, Question

COLUMNS = ("start", "until", "src", "src_known", "dst", "account", "key")
"""Of HOPS, what an index is built from."""


def build(inputs: Inputs) -> Walks:
    """Index the hops of a file and count their possible origins."""
    return Walks.over(build_index(pl.read_parquet(inputs.table, columns=list(COLUMNS))))


def build_endless(inputs: Inputs) -> Walks:
    """Index the hops as if no session ended and no two started at once: Raphtory knows neither ends nor ties."""
    hops = pl.read_parquet(inputs.table, columns=list(COLUMNS))
    order = pl.from_epoch(2 * pl.int_range(pl.len()) + 1, "us").dt.replace_time_zone("UTC")
    never = pl.from_epoch(4 * pl.len().cast(pl.Int64) + 1, "us").dt.replace_time_zone("UTC")
    return Walks.over(build_index(hops.with_columns(start=order, until=never)))


def reach(walks: Walks, asked: Question) -> Moments:
    """Forward reach of a host."""
    return Moments(*walks.reach(asked.begin, asked.end, hosts=[_id(walks.index, asked)]))


def reached_hosts(walks: Walks, asked: Question) -> list[str]:
    """The hosts that a visitor of a host could have reached, by name."""
    rows = walks.reach(asked.begin, asked.end, hosts=[_id(walks.index, asked)]).rows
    return sorted({walks.index.names.name(host) for host in walks.index.dst[rows].tolist()} | {asked.name})


def provenance(walks: Walks, asked: Question) -> Moments:
    """Backward provenance of a host."""
    return Moments(*walks.provenance(asked.begin, asked.end, hosts=[_id(walks.index, asked)]))


def slow_reach(walks: Walks, asked: Question) -> Moments:
    """Forward reach in plain Python, the oracle."""
    return moments_of(spread(walks.index, _id(walks.index, asked), asked.begin, asked.end))


def slow_provenance(walks: Walks, asked: Question) -> Moments:
    """Backward provenance in plain Python, the oracle."""
    return moments_of(spread_back(walks.index, _id(walks.index, asked), asked.begin, asked.end))


def counts(walks: Walks, longest: int) -> list[int]:
    """How many chains of 1, 2 ... `longest` hops there are."""
    return walks.count(longest=longest)


def chains(inputs: Inputs) -> int:
    """How many chains of three hops a file has."""
    return counts(build(inputs), 3)[2]


def best_endings(walks: Walks, longest: int) -> object:
    """The best score of a chain that ends with each hop."""
    return walks.best_endings(walks.weights(), longest=longest)


def best_chains(walks: Walks, number: int, longest: int) -> object:
    """The most certain chains of two hops or more."""
    return walks.best_chains(walks.weights(), limit=number, longest=longest)


def edges(inputs: Inputs) -> pl.DataFrame:
    """The edge table by source, account and destination."""
    return count_edges(pl.scan_parquet(inputs.table), pl.scan_parquet(inputs.refused), WAY).collect(engine="streaming")


def _id(index: HopIndex, asked: Question) -> int:
    """The id of a host; those of the questions have hops."""
    node = index.names.node(asked.name)
    if node is None:
        raise KeyError(asked.name)
    return node
