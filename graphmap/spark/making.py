"""Events become the tables and arrays that questions are asked of, on a cluster: the folder that one machine makes too.

What is decided of a host, of a moment and of a chain is decided by the functions that `graphmap.pipeline.making` calls.
Here is only who does it: readers take files of the lake; what is about one bunch of hosts comes together to become
sessions; what lies in one slice of time comes together to be sorted, counted and searched for chains.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.config import Settings
from graphmap.graph import stored
from graphmap.graph.index import build_index, make_index
from graphmap.graph.rarity import Past, past
from graphmap.graph.walks import Walks
from graphmap.pipeline.abroad import Places
from graphmap.pipeline.bunches import bunches, groups_of
from graphmap.pipeline.made import TABLES, Manifest, Part, context_of, save_clocks, save_standings
from graphmap.pipeline.making import BUNCH_EVENTS
from graphmap.pipeline.parts import SLICE_ROWS
from graphmap.pipeline.raw import FILE_ROWS
from graphmap.spark.edges import EDGES_OF_A_DAY, Adding
from graphmap.spark.endings import Endings
from graphmap.spark.lessons import learn, portions
from graphmap.spark.logons import Hunting
from graphmap.spark.merging import Merged, Merging, take_files
from graphmap.spark.session import session
from graphmap.spark.slices import Slices
from graphmap.spark.weighing import Weighing
from graphmap.tables import HOPS

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from pyspark.sql import SparkSession

    from graphmap.identity import Inventory
    from graphmap.spark.blocks import Blocks
    from graphmap.spark.lessons import Course
    from graphmap.store.snapshot import Snapshot


class Sizes(NamedTuple):
    """How much a task takes: events that are read, events of a bunch of hosts, hops of a slice of time.

    And the rows of a file; and of how many logons one tells where slices are cut. They decide about memory and files,
    not about what is in them.
    """

    read: int = 2_000_000
    bunch: int = 2 * BUNCH_EVENTS
    slice: int = SLICE_ROWS
    file: int = FILE_ROWS
    sample: int = 100


USUAL = Sizes()


@dataclass(frozen=True)
class Cluster:
    """Makes what questions are asked of on the engine of some settings (`graphmap.pipeline.estate.Maker`)."""

    settings: Settings
    sizes: Sizes = USUAL

    def __call__(self, snapshot: Snapshot, inventory: Inventory, gap: timedelta, folder: Path) -> None:
        """Start a session, fill the folder, end the session."""
        with session(self.settings.engine, self.settings) as spark:
            # executors work in folders of their own, so that only whole paths mean the same there
            found = replace(snapshot, location=snapshot.location.absolute())
            make(spark, found, inventory, gap, folder.resolve(), self.sizes)


def make(
    spark: SparkSession, snapshot: Snapshot, inventory: Inventory, gap: timedelta, folder: Path, sizes: Sizes = USUAL
) -> None:
    """Fill an empty folder, which all executors see, as `graphmap.pipeline.making.make` does.

    Notes
    -----
    A task that was lost is run again and writes the same. This process holds names, numbers a slice, and about 20 bytes
    a hop while it sorts hops by host.
    """
    parts = portions(snapshot, sizes.read)
    course = learn(spark, parts, inventory, sizes.slice, sizes.sample)
    course.learned.save(folder)
    slices = Slices(folder / "work", course.cuts)
    logons = _logons(spark, parts, course, inventory, gap, slices, sizes.bunch)
    tables = arrange(spark, logons, slices, folder, sizes.file)
    shutil.rmtree(slices.folder, ignore_errors=True)
    Manifest(tables, sorted(snapshot.files["path"]), context_of(inventory, gap)).save(folder)


def arrange(
    spark: SparkSession, logons: Blocks, slices: Slices, folder: Path, rows: int = FILE_ROWS
) -> dict[str, list[Part]]:
    """Write tables, edges and the arrays of an index, with the best chains, into a folder.

    Parameters
    ----------
    spark
        Where it is done.
    logons
        By slice, in any order: SESSIONS, FAILURES, HOPS as `graphmap.graph.hops.list_hops` gives them; and ASIDE.
    slices
        Of time.
    folder
        Where all of it is to be.
    rows
        The fewest rows of a file.

    Returns
    -------
    What is in the files of each table.
    """
    with logons.gathered(slices.count, Merging(slices, rows)).kept() as merging:
        merged = Merged.of(merging.without(EDGES_OF_A_DAY).collected())
        merging.only(EDGES_OF_A_DAY).gathered(slices.count, Adding(folder)).run()
    save_clocks(folder, merged.aside["clocks"])
    save_standings(folder, merged.aside["standings"])
    stored.save_names(folder, merged.names)
    if merged.heights:
        Weighing(slices, merged.heights, merged.names, rows).run(spark)
        _index(spark, merged, slices, folder)
    else:
        index = build_index(HOPS.to_frame())
        stored.save(folder, *Walks.counted(index), past(index))
    return {name: take_files(slices, name, folder) for name in TABLES}


def _logons(  # noqa: PLR0913, PLR0917 - what it is made from, and how
    spark: SparkSession,
    parts: list[Snapshot],
    course: Course,
    inventory: Inventory,
    gap: timedelta,
    slices: Slices,
    events: int,
) -> Blocks:
    """What the events tell of logons, by slice."""
    learned = course.learned
    identity = learned.identity(inventory)
    groups = groups_of(replace(parts[0], files=pl.concat(part.files for part in parts)), learned, inventory, identity)
    counts = Counter(dict(learned.hosts.iter_rows()))
    counts.update(dict(learned.reached.select("dst_ip", "events").iter_rows()))
    taken = list(bunches(groups, counts, events))
    hunting = Hunting(tuple(parts), identity, Places.of(groups, taken), len(taken), gap, slices)
    return hunting.logons(spark, has_programs=course.has_programs)


def _index(spark: SparkSession, merged: Merged, slices: Slices, folder: Path) -> None:
    """Write the arrays of all hops, where those of each host are, and the best chains."""
    places = tuple(merged.heights)
    for name in (*stored.COLUMNS, *stored.ORIGINS, "sure", *Past._fields, stored.SURPRISE):
        slices.joined(places, name, folder)
    columns = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in stored.COLUMNS}
    index = make_index(merged.names, **columns)
    stored.save_groups(folder, index)
    best, missed = Endings(slices, places, np.diff(index.leaving.offsets) > 0).run(spark)
    slices.joined(places, best, folder, stored.BEST)
    (folder / stored.MISSED).write_text(str(missed))
