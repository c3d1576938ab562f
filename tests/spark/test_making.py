"""What a cluster makes of a lake, against what this process makes of it: the same tables, arrays, chains and findings."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmap.config import Settings
from graphmap.graph.hops import build_hops, list_hops
from graphmap.graph.index import build_index
from graphmap.graph.kernels.chains import NEVER
from graphmap.graph.ranking import best_chains, surprise_bits
from graphmap.graph.rarity import past
from graphmap.graph.stored import load_index, load_past, load_walks
from graphmap.graph.walks import Walks
from graphmap.identity import EMPTY
from graphmap.pipeline.estate import COLUMNS, Estate, StoredEstate, keep_inventory, read_inventory
from graphmap.pipeline.ingest import ingest
from graphmap.store.cache import Entry
from graphmap.store.lake import Lake
from graphmap.tables import HOPS
from tests.estates import read
from tests.graph import twin
from tests.graph.twin import Logon
from tests.pipeline.test_making import GAP, INVENTORY, assert_same, logs, seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import SparkSession

    from graphmap.identity import Inventory
    from graphmap.spark.blocks import Block
    from graphmap.spark.making import Sizes

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "graphmap" / "sample"
FEW = settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""An example takes Spark a dozen jobs."""


def small() -> Sizes:
    """So little to a task that a small lake has many."""
    from graphmap.spark.making import Sizes

    return Sizes(read=400, bunch=150, slice=40, file=10, sample=1)


def made_by(spark: SparkSession, home: Settings, inventory: Inventory) -> StoredEstate:
    """The estate of a home folder, made on the cluster."""
    from graphmap.spark.making import make

    snapshot = Lake(home.lake).snapshot()
    folder = home.home / "made"
    folder.mkdir()
    make(spark, snapshot, inventory, home.gap, folder, small())
    return StoredEstate(snapshot, Entry(folder, os.open(folder, os.O_RDONLY)), inventory, home.gap)


def made_here(home: Settings, inventory: Inventory) -> Estate:
    """The same estate in memory."""
    return Estate(Lake(home.lake).snapshot().scan(COLUMNS).collect(), inventory, home.gap)


def assert_searched(walks: Walks, plain: Walks) -> None:
    """The surprise of each hop and the best chains that it ends, and so the best of all."""
    assert walks.searched is not None
    bits = plain.weights(surprise_bits(plain))
    best, missed = plain.best_endings(bits)
    np.testing.assert_array_equal(walks.searched.surprise, bits.first)
    np.testing.assert_array_equal(no_chain(walks.searched.best), no_chain(best))
    assert walks.searched.missed == missed
    assert best_chains(walks) == best_chains(plain)
    assert best_chains(walks, min_hops=1, max_hops=3, limit=7) == best_chains(plain, min_hops=1, max_hops=3, limit=7)


def no_chain(best: np.ndarray) -> np.ndarray:
    """Scores, where there is no such chain the same for all."""
    return np.where(best <= NEVER // 2, NEVER, best)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home folder with the demo."""
    home = Settings(tmp_path_factory.mktemp("demo"))
    hosts = [path for path in sorted(SAMPLE.iterdir()) if path.is_dir()]
    for some in (hosts[::2], hosts[1::2]):
        ingest([str(path) for path in some], settings=home)
    keep_inventory(home, read_inventory(SAMPLE / "inventory.yaml"))
    return home


def test_the_demo(spark: SparkSession, demo: Settings) -> None:
    inventory = read_inventory(demo.inventory)
    made, plain = made_by(spark, demo, inventory), made_here(demo, inventory)
    assert made.hops.height > 50
    assert len(list((demo.home / "made").glob("hops-*.parquet"))) > 1
    assert_same(made, plain)
    assert_searched(made.walks, Walks.over(plain.index))


def test_a_lake_in_an_object_store(spark: SparkSession, demo: Settings, lake_url: str, tmp_path: Path) -> None:
    """Made of what lies there, by the same readers."""
    from graphmap.spark.session import equip

    home = Settings(tmp_path, lake_url=lake_url)
    Lake(lake_url).append_events(Lake(demo.lake).scan().collect())
    equip(spark.sparkContext, lake_url)  # as a session of this home is from its start
    assert_same(made_by(spark, home, EMPTY), made_here(demo, EMPTY))


def test_logs_of_real_servers(spark: SparkSession, shared: Path, tmp_path: Path) -> None:
    home = Settings(tmp_path)
    ingest([str(shared / "sshrange")], settings=home)
    made, plain = made_by(spark, home, EMPTY), made_here(home, EMPTY)
    assert_same(made, plain)
    assert_searched(made.walks, Walks.over(plain.index))


@FEW
@given(logs(), seen(), st.booleans())
def test_what_hosts_sensors_and_clients_tell(
    spark: SparkSession, log: str, others: list[pl.DataFrame], listed: bool
) -> None:
    inventory = INVENTORY if listed else EMPTY
    with TemporaryDirectory() as folder:
        home = Settings(Path(folder), gap=GAP)
        events = pl.concat([read(log), *others])
        Lake(home.lake).append_events(events[::2])
        Lake(home.lake).append_events(events[1::2])
        made, plain = made_by(spark, home, inventory), made_here(home, inventory)
        assert_same(made, plain)


def arranged(spark: SparkSession, sessions: pl.DataFrame, gap: timedelta, cuts: Sequence[int]) -> None:
    """Cut hops into slices of time, have them counted and searched, and compare with what is done here."""
    from graphmap.spark.blocks import Block, Blocks
    from graphmap.spark.making import arrange
    from graphmap.spark.slices import Slices

    hops, listed = build_hops(sessions, gap), list_hops(sessions, gap)
    with TemporaryDirectory() as name:
        folder = Path(name)
        slices = Slices(folder / "work", tuple(cuts))

        def work(_: int) -> Iterator[Block]:
            return (Block(place, "hops", part) for place, part in slices.parted(listed, "start"))

        parts = arrange(spark, Blocks.of(spark, 1, work), slices, folder, rows=1)
        index = load_index(folder)
        walks, plain = load_walks(folder, index), Walks.over(build_index(hops))
        files = [pl.read_parquet(path) for path in sorted(folder.glob("hops-*.parquet"))]
        assert [part.height for part in parts["hops"]] == [file.height for file in files]
        assert_frame_equal(pl.concat([HOPS.to_frame(), *files]), hops)
        assert index.names == plain.index.names
        np.testing.assert_equal(tuple(walks.hops), tuple(plain.hops))
        np.testing.assert_equal(tuple(load_past(folder)), tuple(past(plain.index)))
        if len(index):
            assert_searched(walks, plain)


MOMENT = int(twin.EPOCH.timestamp())


@FEW
@given(twin.logons(most=12), st.sets(st.integers(0, 5), min_size=1, max_size=4), st.sampled_from([1, 4]))
def test_rings_ties_and_sessions_that_cross(
    spark: SparkSession, logons: list[Logon], seconds: set[int], gap: int
) -> None:
    cuts = [(MOMENT + second) * twin.SECOND for second in sorted(seconds)]
    arranged(spark, twin.session_table(logons), timedelta(seconds=gap), cuts)


def crowd(hops: int, seconds: int) -> list[Logon]:
    """Many sessions among few hosts, a quarter of them to or from one, most stamps whole seconds, some lasting long."""
    dice = Random(7)
    hosts, shares = [f"H{number}" for number in range(12)], [11, *[3] * 11]
    found = []
    for _ in range(hops):
        src, dst = dice.choices(hosts, shares, k=2)
        start = dice.randrange(seconds) * twin.SECOND + dice.choice([0, 0, dice.randrange(twin.SECOND)])
        mean = dice.choice([None, None, seconds / 20, seconds / 20, seconds])
        end = None if mean is None else start + int(dice.expovariate(1 / mean) * twin.SECOND)
        key = dice.choice([None, "SHA256:k", "SHA256:l"])
        found.append(Logon(start, end, src, dst, dice.choice(["ann", "bob", "root", ""]), key))
    return found


def test_a_crowd_around_one_host_that_crosses_many_slices(spark: SparkSession) -> None:
    cuts = [(MOMENT + second) * twin.SECOND for second in (40, 41, 90, 200, 205, 400)]
    arranged(spark, twin.session_table(crowd(2_000, 600)), timedelta(seconds=20), cuts)


def test_an_empty_lake(spark: SparkSession, tmp_path: Path) -> None:
    home = Settings(tmp_path)
    assert_same(made_by(spark, home, EMPTY), made_here(home, EMPTY))
