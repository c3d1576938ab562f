"""What the events teach of hosts, learned by many readers of a few files each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.evidence.programs import tells_of_programs
from graphmap.identity import Inventory
from graphmap.model import Action
from graphmap.pipeline.learning import Learned, Lessons, learned_from, lessons
from graphmap.spark.blocks import Block, Blocks
from graphmap.spark.slices import cuts_of
from graphmap.store.snapshot import Snapshot
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import SparkSession


class Course(NamedTuple):
    """What was learned; whether clients were started; and the cuts of slices of time (`graphmap.spark.slices`)."""

    learned: Learned
    has_programs: bool
    cuts: tuple[int, ...]


def portions(snapshot: Snapshot, events: int) -> list[Snapshot]:
    """A snapshot in parts of about so many events, at least one part; files stay whole."""
    number = pl.col("num_records").cum_sum().sub(1).floordiv(events).alias("portion")
    parts = snapshot.files.sort("partition.day", "path").with_columns(number)
    if parts.is_empty():
        return [snapshot]
    frames = parts.partition_by("portion", maintain_order=True, include_key=False)
    return [replace(snapshot, files=frame) for frame in frames]


def learn(spark: SparkSession, parts: Sequence[Snapshot], inventory: Inventory, rows: int, sample: int) -> Course:
    """Learn from all events.

    Parameters
    ----------
    spark
        Where.
    parts
        Of the lake, a task each.
    inventory
        What people know.
    rows
        How many logons a slice of time has, about.
    sample
        Of so many logons of a part, one tells when logons are.
    """
    tables: dict[str, list[pl.DataFrame]] = {}
    for _, name, found in Blocks.of(spark, len(parts), _Learning(tuple(parts), inventory, sample)).collected():
        tables.setdefault(name, []).append(found)
    taught = [pl.concat([_NOTHING[name].to_frame(), *tables.get(name, [])]) for name in Lessons._fields]
    cuts = cuts_of([found["time"] for found in tables.get("times", [])], max(rows // sample, 1))
    return Course(learned_from([Lessons(*taught)], inventory), "programs" in tables, cuts)


@dataclass(frozen=True)
class _Learning:
    parts: tuple[Snapshot, ...]
    inventory: Inventory
    sample: int

    def __call__(self, number: int) -> Iterator[Block]:
        part = self.parts[number]
        for name, found in lessons(part, self.inventory)._asdict().items():
            yield Block(0, name, found)
        logons = part.scan(["time"], actions=[Action.LOGON]).sort("time").select(pl.col("time").to_physical())
        yield Block(0, "times", logons.gather_every(self.sample).collect())
        programs = part.scan().filter(tells_of_programs()).select(pl.len().alias("programs")).head(1)
        yield Block(0, "programs", programs.collect(engine="streaming").filter(pl.col("programs") > 0))


_NOTHING = {
    "hosts": pl.Schema({"dst_host": pl.String(), "events": pl.UInt32()}),
    "claims": pl.Schema(
        {"dst_host": pl.String(), "dst_ip": pl.String(), "moment": EVENTS["time"], "first": EVENTS["time"],
         "last": EVENTS["time"]}
    ),
    "reached": pl.Schema({"dst_ip": pl.String(), "events": pl.UInt32(), "accepted": pl.Boolean()}),
}  # fmt: skip
