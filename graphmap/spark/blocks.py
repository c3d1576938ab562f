"""Tables on their way between executors: Spark moves whole blocks of columns and looks into none of them.

A row of the Spark frame is a key, a name and a block (Arrow's IPC format). What has one key comes together in one
place. So rows are never taken apart, types and nulls stay what they are, and the shuffle carries compressed columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pyarrow as pa
from pyspark import StorageLevel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pyspark.sql import DataFrame, SparkSession

SCHEMA = "key long, name string, block binary"
_FIELDS = pa.schema([("key", pa.int64()), ("name", pa.string()), ("block", pa.binary())])


class Block(NamedTuple):
    """Some rows of the table `name` that are wanted at `key`, a number from 0 on."""

    key: int
    name: str
    rows: pl.DataFrame


class Blocks:
    """Blocks on the executors, not yet made: making happens where they are collected or written, lost ones anew."""

    def __init__(self, frame: DataFrame) -> None:
        self._frame = frame

    @classmethod
    def of(cls, spark: SparkSession, tasks: int, work: Callable[[int], Iterable[Block]]) -> Blocks:
        """What `work` gives for each of the numbers from 0 to `tasks`, a task each."""

        def run(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in numbers:
                for number in batch.column(0).to_pylist():
                    yield from _batches(work(number))

        return cls(spark.range(0, tasks, 1, max(tasks, 1)).mapInArrow(run, SCHEMA))

    def __or__(self, others: Blocks) -> Blocks:
        """These and others."""
        return Blocks(self._frame.unionAll(others._frame))

    def gathered(self, parts: int, work: Callable[[int, Tables], Iterable[Block]]) -> Blocks:
        """What `work` gives for each key that some block has, in so many tasks: it is given all that came there."""

        def run(key: tuple[pa.Scalar, ...], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            yield from _batches(work(key[0].as_py(), _tables(batches)))

        run.__annotations__ = {
            "key": tuple[pa.Scalar, ...],
            "batches": Iterator[pa.RecordBatch],
            "return": Iterator[pa.RecordBatch],
        }
        together = self._frame.repartition(max(parts, 1), "key").groupBy("key")
        return Blocks(together.applyInArrow(run, SCHEMA))

    def only(self, *names: str) -> Blocks:
        """Those of some tables."""
        return Blocks(self._frame.filter(self._frame["name"].isin(list(names))))

    def without(self, *names: str) -> Blocks:
        """Those of all other tables."""
        return Blocks(self._frame.filter(~self._frame["name"].isin(list(names))))

    @contextmanager
    def kept(self) -> Iterator[Blocks]:
        """The same, made once and held on the executors' disks while the block lasts, for several uses."""
        held = self._frame.persist(StorageLevel.DISK_ONLY)
        try:
            yield Blocks(held)
        finally:
            held.unpersist()

    def run(self) -> None:
        """Make all and forget what is given: the work has written what it is about."""
        self._frame.write.format("noop").mode("overwrite").save()

    def collected(self) -> Iterator[Block]:
        """All of them, to this process."""
        table = self._frame.toArrow()
        for batch in table.to_batches():
            for key, name, block in zip(*(batch.column(i) for i in range(3)), strict=True):
                yield Block(key.as_py(), name.as_py(), _read(block))


class Tables:
    """What came together at a key."""

    def __init__(self, parts: Mapping[str, Sequence[pl.DataFrame]]) -> None:
        self._parts = parts

    def get(self, name: str, schema: pl.Schema) -> pl.DataFrame:
        """All rows of a table, block by block in any order; `schema` where there are none."""
        parts = self._parts.get(name)
        return pl.concat(parts) if parts else schema.to_frame()


def _tables(batches: Iterable[pa.RecordBatch]) -> Tables:
    parts: dict[str, list[pl.DataFrame]] = {}
    for batch in batches:
        for name, block in zip(batch.column("name"), batch.column("block"), strict=True):
            parts.setdefault(name.as_py(), []).append(_read(block))
    return Tables(parts)


def _batches(blocks: Iterable[Block]) -> Iterator[pa.RecordBatch]:
    for key, name, rows in blocks:
        if not rows.is_empty():
            yield pa.RecordBatch.from_arrays(
                [pa.array([key], pa.int64()), pa.array([name]), pa.array([_written(rows)], pa.binary())], schema=_FIELDS
            )


def _written(rows: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    rows.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def _read(block: pa.BinaryScalar) -> pl.DataFrame:
    return pl.read_ipc(block.as_buffer().to_pybytes(), use_pyarrow=False)
