"""A hunt on a cluster of its own: what it finds is what is found here, also when a worker dies on the way."""

from __future__ import annotations

import os
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.pipeline.estate import StoredEstate, keep_inventory, load_estate, read_inventory
from graphmap.pipeline.hunt import hunt
from graphmap.pipeline.ingest import ingest
from graphmap.store.cache import Entry
from graphmap.store.lake import Lake
from tests.cli.program import Inside
from tests.clusters import QUICK, Cluster, begin
from tests.pipeline.test_making import assert_same
from tests.spark.test_making import SAMPLE, made_here
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(spark_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:  # noqa: ARG001 # asks whether it is there
    """A cluster whose workers may be killed: nobody else has it."""
    found = begin(tmp_path_factory.mktemp("cluster") / "home")
    yield found
    found.stop()


@pytest.fixture
def demo(tmp_path: Path) -> Settings:
    """A home folder with the demo."""
    home = Settings(tmp_path / "home")
    ingest([str(path) for path in sorted(SAMPLE.iterdir()) if path.is_dir()], settings=home)
    keep_inventory(home, read_inventory(SAMPLE / "inventory.yaml"))
    return home


def test_what_the_program_finds_on_a_cluster(cluster: Cluster, demo: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMAP_SPARK", cluster.environ["GRAPHMAP_SPARK"])
    program = Inside(demo.home)
    found = program("hunt", "--json", "--engine", cluster.address)
    assert found.code == 0, found.err
    expected = sorted((case.finding.id, case.finding.score) for case in hunt(demo).shown)
    assert sorted((one["id"], one["score"]) for one in found.documents()) == expected
    made = load_estate(replace(demo, engine="spark://nobody:1"), maker=_never)
    assert isinstance(made, StoredEstate)
    assert_same(made, made_here(demo, made.inventory))


def _never(snapshot: object, inventory: object, gap: object, folder: object) -> None:  # noqa: ARG001 - a maker's
    raise AssertionError("what a cluster made is there already")


def test_a_worker_that_dies_changes_nothing(cluster: Cluster, demo: Settings, tmp_path: Path) -> None:
    from graphmap.spark.making import Sizes, make
    from graphmap.spark.session import connect, disconnect

    inventory = read_inventory(demo.inventory)
    snapshot = Lake(demo.lake).snapshot()
    folder = tmp_path / "made"
    folder.mkdir()
    killed = []

    def kill() -> None:  # in the middle: sessions are joined, and nothing is counted yet
        wait_for(lambda: list(folder.glob("work/*/hops.parquet")), "the first slice of hops")
        cluster.kill_a_worker()
        killed.append(True)

    killer = Thread(target=kill)
    spark = connect(cluster.address, demo, properties=QUICK)
    try:
        killer.start()
        make(spark, snapshot, inventory, demo.gap, folder, Sizes(read=400, bunch=150, slice=30, file=10, sample=1))
    finally:
        disconnect(spark)
        killer.join()
    assert killed
    made = StoredEstate(snapshot, Entry(folder, os.open(folder, os.O_RDONLY)), inventory, demo.gap)
    assert_same(made, made_here(demo, inventory))
