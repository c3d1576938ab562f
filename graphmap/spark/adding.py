"""Rows of many logs into the lake: new ones only, found by executors, in one commit of the driver's."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from pyspark.sql import functions as sf

from graphmap.errors import StoreError
from graphmap.spark.reading import ORDER
from graphmap.store.additions import Piece, write_pieces
from graphmap.store.layout import EVENT_LAYOUT, REJECT_LAYOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyarrow import RecordBatch
    from pyspark.sql import SparkSession

    from graphmap.store.lake import Lake
    from graphmap.store.snapshot import Snapshot

TASK_ROWS = 250_000
"""Rows that a task compares with the lake at once: as much as it has to hold."""

ATTEMPTS = 20

_LAYOUTS = {"events": EVENT_LAYOUT, "rejects": REJECT_LAYOUT}
_GLOB = re.compile(r"([\\*?{}\[\]])")


def add(spark: SparkSession, lake: Lake, table: str, files: Sequence[str], rows: int) -> dict[str, int]:
    """Add the rows of files that the lake does not hold, in one commit; give how many, by their column `file`.

    Of rows with one key the first in the order of `ORDER` stays, as if one machine had read all logs in turn.

    Parameters
    ----------
    table
        ``events`` or ``rejects``.
    files, rows
        What `graphmap.spark.reading` wrote, and how many rows that is.

    Raises
    ------
    StoreError
        The lake cannot be read or written, or other writers are quicker again and again.
    """
    if not files:
        return {}
    for attempt in range(ATTEMPTS):
        held = lake.prepare(table)
        pieces = _new(spark, table, files, rows, held)
        if lake.adopt(table, pieces, held.version):
            added: dict[str, int] = {}
            for piece in pieces:
                for name, count in piece.files.items():
                    added[name] = added.get(name, 0) + count
            return added
        time.sleep(0.1 * attempt)
    raise StoreError(f"{lake.location}: other writers won {ATTEMPTS} times", hint="run the same command again")


def spark_path(path: str | Path) -> str:
    """A path as Spark's readers take it: they understand glob characters, which folders may have in their names."""
    return _GLOB.sub(r"\\\1", str(path))


def _new(spark: SparkSession, table: str, files: Sequence[str], rows: int, held: Snapshot) -> list[Piece]:
    """Files of the rows that a version of the lake does not hold.

    Rows with one key are of one host and second (or one text), and these are what decides to which task a row goes.
    Ranges, not hashes: so a file holds few hosts and a short time, and a host with very many rows is cut by time.
    """
    frame = spark.read.parquet(*map(spark_path, files))
    if table == "events":
        keys = [sf.to_date("time"), sf.col("dst_host"), sf.date_trunc("second", "time")]
    else:
        keys = [sf.col("text"), sf.col("reason")]
    tasks = -(-rows // TASK_ROWS)
    ranges = frame.repartitionByRange(tasks, *keys) if tasks > 1 else frame.coalesce(1)
    work = partial(_pieces, table=table, held=replace(held, location=held.location.absolute()))
    found = ranges.mapInArrow(work, "piece string").collect()
    return [Piece(**json.loads(row["piece"])) for row in found]


def _pieces(batches: Iterator[RecordBatch], *, table: str, held: Snapshot) -> Iterator[RecordBatch]:
    """Write files of the new rows among those of one task."""
    import pyarrow as pa  # noqa: PLC0415 - comes with Spark alone

    layout = _LAYOUTS[table]
    frames = [frame for batch in batches if isinstance(frame := pl.from_arrow(batch), pl.DataFrame)]
    if not frames:
        return
    rows = pl.concat(frames).sort(ORDER).select(layout.schema.names()).match_to_schema(layout.schema)
    pieces = write_pieces(rows, held.location, held.files, layout)
    found = [json.dumps(asdict(piece)) for piece in pieces]
    yield pa.RecordBatch.from_pydict({"piece": pa.array(found, pa.string())})
