"""What the tools of the benchmark are asked for is the same question: they answer as the slow searches do."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from graphmap.graph.edges import aggregate
from graphmap.graph.index import build_index
from graphmap.graph.paths import possible
from graphmap.graph.spread import provenance, reach
from tests.bench import duck, frames, spark, walks
from tests.bench.answers import WAY, moments_of, plain, same
from tests.bench.estate import BEGIN, SECOND, Estate, make_estate
from tests.bench.inputs import Inputs, Question, write_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmap.graph.index import HopIndex

CROWDED = 20_000
"""The 30 days pass so many times as fast, so that many hops share a second."""


def crowded(estate: Estate) -> Estate:
    """The same hops within two minutes; those that arrive at every other host have whole seconds."""
    times = {name: BEGIN + (pl.col(name) - BEGIN) // CROWDED * 2 + 1 for name in ("start", "end", "until")}
    coarse = pl.col("dst") % 2 == 0
    codes = estate.codes.with_columns(
        **{name: pl.when(coarse).then(time // SECOND * SECOND).otherwise(time) for name, time in times.items()}
    )
    return replace(estate, codes=codes.sort("start", "dst", "src", "account", maintain_order=True))


@pytest.fixture(scope="module", params=[1, 2, 3])
def inputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return write_inputs(tmp_path_factory.mktemp("estate"), crowded(make_estate(1_500, seed=request.param)))


@pytest.fixture(scope="module")
def index(inputs: Inputs) -> HopIndex:
    return build_index(pl.read_parquet(inputs.table))


def questions(inputs: Inputs) -> Iterator[Question]:
    """Every fifth host: the first half of the time, and 20 seconds that begin within a second."""
    begin, end = pl.read_parquet(inputs.codes).select(pl.min("earliest"), last=pl.max("earliest")).row(0)
    for host in range(0, 50, 5):
        yield Question(host, begin, (begin + end) // 2)
        yield Question(host, begin + 31_234_567, begin + 51_000_000)


def spread(
    search: Callable[[HopIndex, int, int, int], dict[int, int]], index: HopIndex, inputs: Inputs
) -> list[dict[int, int]]:
    """The slow answers; a host without hops has none."""
    nodes = [(index.names.node(asked.name), asked) for asked in questions(inputs)]
    return [{} if node is None else search(index, node, asked.begin, asked.end) for node, asked in nodes]


@pytest.mark.parametrize(
    ("module", "load", "ask"),
    [
        ("duckdb", duck.load, duck.reach),
        ("polars", frames.load, frames.reach),
        ("networkx", walks.networkx_graph, walks.reach),
        ("rustworkx", walks.rustworkx_graph, walks.reach),
        ("igraph", walks.igraph_graph, walks.reach),
    ],
)
def test_reach(
    module: str, load: Callable[[Inputs], Any], ask: Callable[..., object], inputs: Inputs, index: HopIndex
) -> None:
    pytest.importorskip(module)
    state, expected = load(inputs), spread(reach, index, inputs)
    assert max(map(len, expected)) > 30
    for asked, found in zip(questions(inputs), expected, strict=True):
        assert plain(ask(state, asked)) == plain(moments_of(found)), asked


def test_provenance(inputs: Inputs, index: HopIndex) -> None:
    pytest.importorskip("duckdb")
    state, expected = duck.load(inputs), spread(provenance, index, inputs)
    assert max(map(len, expected)) > 30
    for asked, found in zip(questions(inputs), expected, strict=True):
        assert plain(duck.provenance(state, asked)) == plain(moments_of(found)), asked


def count_by_spark(inputs: Inputs) -> int:
    session = spark.start(inputs)
    try:
        return spark.chains(session, inputs)
    finally:
        session.stop()


@pytest.mark.parametrize(
    ("module", "count"), [("duckdb", duck.chains), ("polars", frames.chains), ("pyspark", count_by_spark)]
)
def test_chains(module: str, count: Callable[[Inputs], int], inputs: Inputs, index: HopIndex) -> None:
    pytest.importorskip(module)
    pairs = [(a, b) for a in range(len(index)) for b in index.followers(a)]
    after: dict[int, list[int]] = {}
    for a, b in pairs:
        after.setdefault(a, []).append(b)
    triples = [(a, b, c) for a, b in pairs for c in after.get(b, ())]
    whole = [rows for rows in triples if rows[0] != rows[2] and possible(index, rows)]
    assert 0 < len(whole) < len(triples)  # the tie rule makes a difference
    assert count(inputs) == len(whole)


@pytest.mark.parametrize(("module", "make"), [("duckdb", duck.edges), ("polars", frames.edges)])
def test_edges(module: str, make: Callable[[Inputs], pl.DataFrame], inputs: Inputs) -> None:
    pytest.importorskip(module)
    expected = aggregate(pl.read_parquet(inputs.table), pl.read_parquet(inputs.refused), WAY)
    assert same(plain(make(inputs)), plain(expected))


def test_edges_over_the_whole_month(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("duckdb")
    inputs = write_inputs(tmp_path_factory.mktemp("month"), make_estate(5_000))
    expected = plain(aggregate(pl.read_parquet(inputs.table), pl.read_parquet(inputs.refused), WAY))
    assert isinstance(expected, pl.DataFrame)
    assert expected["days"].max() == 30
    assert same(plain(frames.edges(inputs)), expected)
    assert same(plain(duck.edges(inputs)), expected)


def test_reach_without_ends(inputs: Inputs) -> None:
    pytest.importorskip("raphtory")
    graph = walks.raphtory_graph(inputs)
    hops = list(pl.read_parquet(inputs.table, columns=["src", "src_known", "dst"]).iter_rows())
    for asked in inputs.endless():
        reached = {asked.name}
        for row in range((asked.begin - 1) // 2, (asked.end + 1) // 2):
            src, known, dst = hops[row]
            reached |= {dst} if known and src in reached else set()
        assert walks.raphtory_reach(graph, asked) == sorted(reached)
    assert list(chain(inputs.endless()))
