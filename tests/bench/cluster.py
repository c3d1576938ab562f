"""Hops become tables, counts and best chains in this process and on Spark: ``make bench-spark``.

For each size an estate is made (`tests.bench.estate`), and changed so that one bastion has a fifth of all hops. Both
engines begin with HOPS in a file and fill a folder with the same arrays, which are compared byte by byte. Of Spark it is
said what it moved between tasks, and how much longer its longest task took than the median one of its stage.

Usage: ``python -m tests.bench.cluster [--sizes 1M,10M] [--engine local[2]] [--folder FOLDER]``. With an engine
``spark://HOST:PORT`` executors must see the folder.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import urlopen

import numpy as np
import polars as pl

from graphmap.config import Settings
from graphmap.graph.hops import list_hops
from graphmap.graph.ranking import surprise_bits
from graphmap.graph.stored import BEST, SURPRISE, load_index, load_walks
from graphmap.pipeline.parts import SLICE_ROWS
from graphmap.pipeline.raw import Raw
from graphmap.spark.blocks import Block, Blocks
from graphmap.spark.making import arrange
from graphmap.spark.session import connect, disconnect
from graphmap.spark.slices import Slices, cuts_of
from graphmap.tables import HOPS
from tests.bench.estate import make_estate
from tests.bench.rounds import read_size, sized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

BASTION = "bastion"
SHARE = 5
"""One hop of so many has the bastion at one of its ends."""

PORTION = 1_000_000
"""Rows that a task reads."""

DRIVER = {"spark.driver.memory": "4g", "spark.ui.enabled": "true", "spark.ui.port": "0"}
TICK = 0.5


class Measured(NamedTuple):
    """What it took: seconds, bytes of memory of all processes at the most."""

    engine: str
    hops: int
    seconds: float
    memory: int


@dataclass(frozen=True)
class Reading:
    """Reads portions of a file of HOPS and sends its rows to their slices of time."""

    table: Path
    slices: Slices

    def __call__(self, number: int) -> Iterator[Block]:
        """Portion by portion."""
        rows = pl.scan_parquet(self.table).slice(number * PORTION, PORTION).collect()
        for place, part in self.slices.parted(rows, "start"):
            yield Block(place, "hops", part)


def write_hops(table: Path, hops: int) -> None:
    """Write HOPS in order, a fifth of them from or to the bastion, that know no origins yet."""
    estate = make_estate(hops).table().with_row_index("row")
    number = pl.col("row") % (2 * SHARE)
    busy = estate.with_columns(
        src=pl.when(number == 0).then(pl.lit(BASTION)).otherwise("src"),
        src_known=pl.col("src_known") | (number == 0),
        dst=pl.when(number == SHARE).then(pl.lit(BASTION)).otherwise("dst"),
    )
    sessions = busy.drop("row").match_to_schema(HOPS, missing_columns="raise").rename({"dst": "host"})
    list_hops(sessions.with_columns(last=pl.col("start")).collect()).write_parquet(table, row_group_size=PORTION // 8)


def here(table: Path, folder: Path) -> None:
    """Fill a folder in this process."""
    raw = Raw(folder)
    height = pl.scan_parquet(table).select(pl.len()).collect().item()
    for begin in range(0, height, SLICE_ROWS):
        raw.add_to("hops", pl.scan_parquet(table).slice(begin, SLICE_ROWS).collect())
    raw.finish()
    walks = load_walks(folder, load_index(folder))
    bits = surprise_bits(walks)
    best, _ = walks.best_endings(walks.weights(bits))
    np.save(folder / f"{SURPRISE}.npy", bits)
    np.save(folder / f"{BEST}.npy", best)


def there(spark: SparkSession, table: Path, folder: Path) -> None:
    """Fill a folder on Spark."""
    stamps = pl.scan_parquet(table).select(pl.col("start").to_physical().gather_every(100)).collect()["start"]
    height = pl.scan_parquet(table).select(pl.len()).collect().item()
    slices = Slices(folder / "work", cuts_of([stamps], SLICE_ROWS // 100))
    arrange(spark, Blocks.of(spark, math.ceil(height / PORTION), Reading(table, slices)), slices, folder)


def differing(one: Path, other: Path) -> list[str]:
    """The arrays that are not the same."""
    found = []
    for path in sorted(one.glob("*.npy")):
        arrays = [np.load(folder / path.name, mmap_mode="r") for folder in (one, other)]
        # what is less than NEVER // 2 is no chain, however much less
        if path.stem == BEST:
            arrays = [np.maximum(array, -(1 << 29)) for array in arrays]
        if not np.array_equal(*arrays):
            found.append(path.name)
    return found


def measured(engine: str, hops: int, work: Callable[[], None]) -> Measured:
    """Do it, and look at the memory of this process and its children meanwhile (proportional set size)."""
    done, most = threading.Event(), [0]

    def watch() -> None:
        while not done.wait(TICK):
            most[0] = max(most[0], sum(map(_memory, _family(os.getpid()))))

    watching = threading.Thread(target=watch)
    watching.start()
    start = time.perf_counter()
    try:
        work()
    finally:
        seconds = time.perf_counter() - start
        done.set()
        watching.join()
    return Measured(engine, hops, seconds, most[0])


def _family(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it has ended meanwhile
            continue
        for child in children:
            yield from _family(int(child))


def _memory(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def report_stages(spark: SparkSession) -> None:
    """Print what Spark moved, and its longest tasks."""
    base = f"{spark.sparkContext.uiWebUrl}/api/v1/applications/{spark.sparkContext.applicationId}/stages"
    stages = [stage for stage in _json(base) if stage["status"] == "COMPLETE" and stage["numCompleteTasks"]]
    written = sum(stage["shuffleWriteBytes"] for stage in stages)
    spilled = sum(stage["diskBytesSpilled"] for stage in stages)
    print(f"  shuffle: {written / 1e6:,.0f} MB written, {spilled / 1e6:,.0f} MB spilled, {len(stages)} stages")
    longest = sorted(stages, key=lambda stage: -stage["executorRunTime"])[:8]
    print(f"  {'busiest stages: tasks':>24} {'median s':>9} {'longest s':>9} {'ratio':>6} {'shuffled MB':>11}")
    for stage in longest:
        tasks = _json(f"{base}/{stage['stageId']}/{stage['attemptId']}/taskList?length=100000")
        times = [task["taskMetrics"]["executorRunTime"] / 1000 for task in tasks if "taskMetrics" in task]
        median, most = statistics.median(times), max(times)
        moved = stage["shuffleWriteBytes"] / 1e6
        print(f"  {len(times):24} {median:9.2f} {most:9.2f} {most / max(median, 1e-3):6.1f} {moved:11,.0f}")


def _json(url: str) -> Any:
    with urlopen(url, timeout=60) as answer:  # our own process
        return json.load(answer)


def run(engine: str, hops: int, folder: Path) -> list[Measured]:
    """Measure both on one size; ends the program where they differ."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "busy.parquet"
    if not table.exists():
        write_hops(table, hops)
    places = [folder / name for name in ("here", "there")]
    for place in places:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    found = [measured("one process", hops, lambda: here(table, places[0]))]
    spark = connect(engine, Settings(folder), properties=DRIVER)
    try:
        found.append(measured(f"Spark {engine}", hops, lambda: there(spark, table, places[1])))
        print(f"{sized(hops)} hops")
        report_stages(spark)
    finally:
        disconnect(spark)
    if different := differing(*places):
        sys.exit(f"the engines differ in {', '.join(different)}")
    return found


def main() -> None:
    """Make the estates, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1M,10M", help="numbers of hops, as 1M,10M,50M")
    parser.add_argument("--engine", default="local[2]", help="as for graphmap hunt")
    parser.add_argument("--folder", type=Path, help="where the files of the estates are kept")
    options = parser.parse_args()
    found: list[Measured] = []
    with tempfile.TemporaryDirectory() as temporary:
        for hops in map(read_size, options.sizes.split(",")):
            found += run(options.engine, hops, (options.folder or Path(temporary)) / sized(hops))
    print(f"\n{'engine':28} {'hops':>6} {'seconds':>9} {'MB':>8} {'bytes/hop':>9} {'exponent':>8}")
    last: dict[str, Measured] = {}
    for one in sorted(found, key=lambda one: (one.engine, one.hops)):
        before = last.get(one.engine)
        growth = math.log(one.seconds / before.seconds) / math.log(one.hops / before.hops) if before else None
        last[one.engine] = one
        print(
            f"{one.engine:28} {sized(one.hops):>6} {one.seconds:9,.1f} {one.memory / 1e6:8,.0f}"
            f" {one.memory / one.hops:9,.0f} {'' if growth is None else format(growth, '8.2f')}"
        )
    print("the arrays of both are the same, byte by byte")


if __name__ == "__main__":
    main()
