"""What is added to a table, without Delta: which rows are new to it, and files of them that wait for a commit.

Any process that can write to the lake can make such files; only `graphmap.store.lake` commits them. They are where
they will stay, under names of their own, since an object store cannot move anything. Nobody reads a file that no commit
names; that of a process that was killed goes with the next vacuum.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.store.layout import PREFIX, Layout, between, first_of_each, touched

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from graphmap.store.location import Location

_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of new rows on its way into a table.

    Parameters
    ----------
    path
        Where it is, below the table.
    partition
        The values of the table's partition columns, as the Delta log writes them.
    size, modified
        In bytes, and in milliseconds since 1970.
    stats
        The file's statistics, as the Delta log writes them.
    files
        Rows by their column `file`.
    """

    path: str
    partition: dict[str, str]
    size: int
    modified: int
    stats: str
    files: dict[str, int]


def read_files(location: Location, files: pl.DataFrame, layout: Layout) -> pl.LazyFrame:
    """Scan files of a table, named in the column `path` as `Snapshot.files` has it."""
    if files.is_empty():
        return layout.schema.to_frame().lazy()
    paths = [location.file(name) for name in files["path"]]
    # The user's folders may have any name: neither glob characters nor name=value in them mean anything.
    # A column that came with a later release is null in the files that were written before.
    return pl.scan_parquet(
        paths,
        schema=layout.schema,
        glob=False,
        hive_partitioning=False,
        missing_columns="insert",
        **location.polars,
    )


def only_new(rows: pl.DataFrame, location: Location, extents: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The rows whose key no file of a table holds, in the same order.

    Parameters
    ----------
    rows
        The layout's schema with what it derives.
    location, extents
        The table and its files (`Snapshot.files`).
    """
    key = list(layout.key)
    files = touched(extents, rows, layout)
    if files.is_empty():
        return rows
    limits = reduce(and_, (between(rows[column]) for column in layout.extent))
    held = read_files(location, files, layout).filter(limits).with_columns(layout.derived).select(key)
    # The held rows stream by, and only those that match are kept: memory depends on the batch, not on the lake.
    found = held.join(rows.lazy().select(key), on=key, how="semi", nulls_equal=True).collect(engine="streaming")
    return rows.join(found, on=key, how="anti", nulls_equal=True, maintain_order="left")


def write_pieces(rows: pl.DataFrame, location: Location, extents: pl.DataFrame, layout: Layout) -> Iterable[Piece]:
    """Write files of what is new among rows: of those with one key the first, if no file of the table has it.

    Parameters
    ----------
    rows
        The layout's schema. No other call may have rows with the same key.
    location, extents
        As for `only_new`.
    """
    new = only_new(first_of_each(rows.with_columns(layout.derived), layout.key), location, extents, layout)
    parts = new.partition_by(list(layout.partition), as_dict=True) if layout.partition else {(): new}
    for values, part in parts.items():
        if part.height:
            yield _write(part, dict(zip(layout.partition, map(str, values), strict=True)), layout, location)


def _write(part: pl.DataFrame, partition: dict[str, str], layout: Layout, location: Location) -> Piece:
    folders = (f"{name}={value}" for name, value in partition.items())
    path = "/".join((*folders, f"part-{uuid.uuid4()}.parquet"))
    part.select(layout.schema.names()).sort(layout.extent).write_parquet(
        location.file(path), compression="zstd", compression_level=1, mkdir=True, **location.polars
    )
    stats, files = json.dumps(_stats(part, layout)), dict(Counter(part["file"].to_list()))
    return Piece(path, partition, location.size(path), int(time.time() * 1000), stats, files)


def _stats(part: pl.DataFrame, layout: Layout) -> dict[str, Any]:
    """Per-file statistics of the Delta protocol (github.com/delta-io/delta, PROTOCOL.md)."""
    columns = {name: part[name] for name in layout.extent}
    return {
        "numRecords": part.height,
        "minValues": {
            name: _low(values.min()) for name, values in columns.items() if values.null_count() < part.height
        },
        "maxValues": {
            name: _high(values.max()) for name, values in columns.items() if values.null_count() < part.height
        },
        "nullCount": {name: values.null_count() for name, values in columns.items()},
    }


def _low(value: Any) -> str:
    return value[:PREFIX] if isinstance(value, str) else _moment(value)


def _high(value: Any) -> str:
    if isinstance(value, str):
        return value if len(value) <= PREFIX else value[:PREFIX] + _LAST
    return _moment(value)


def _moment(time: datetime) -> str:
    """Cut to milliseconds, as the protocol asks."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
