"""What is added to a table, without Delta: which rows are new to it, and files of them that wait for a commit.

Any process that sees the folder of the lake can make such files; only `graphmap.store.lake` commits them.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.store.layout import PREFIX, Layout, between, first_of_each, touched

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of new rows on its way into a table.

    Parameters
    ----------
    path
        Where it waits, on the file system of the lake.
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


def read_files(folder: Path, files: pl.DataFrame, layout: Layout) -> pl.LazyFrame:
    """Scan files of a table, named in the column `path` as `Snapshot.files` has it."""
    if files.is_empty():
        return layout.schema.to_frame().lazy()
    paths = [folder / name for name in files["path"]]
    # The user's folders may have any name: neither glob characters nor name=value in them mean anything.
    # A column that came with a later release is null in the files that were written before.
    return pl.scan_parquet(paths, schema=layout.schema, glob=False, hive_partitioning=False, missing_columns="insert")


def only_new(rows: pl.DataFrame, folder: Path, extents: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The rows whose key no file of a table holds, in the same order.

    Parameters
    ----------
    rows
        The layout's schema with what it derives.
    folder, extents
        The table and its files (`Snapshot.files`).
    """
    key = list(layout.key)
    files = touched(extents, rows, layout)
    if files.is_empty():
        return rows
    limits = reduce(and_, (between(rows[column]) for column in layout.extent))
    held = read_files(folder, files, layout).filter(limits).with_columns(layout.derived).select(key)
    # The held rows stream by, and only those that match are kept: memory depends on the batch, not on the lake.
    found = held.join(rows.lazy().select(key), on=key, how="semi", nulls_equal=True).collect(engine="streaming")
    return rows.join(found, on=key, how="anti", nulls_equal=True, maintain_order="left")


def write_pieces(
    rows: pl.DataFrame, folder: Path, extents: pl.DataFrame, layout: Layout, waiting: Path
) -> Iterable[Piece]:
    """Write files of what is new among rows: of those with one key the first, if no file of the table has it.

    Parameters
    ----------
    rows
        The layout's schema. No other call may have rows with the same key.
    folder, extents
        As for `only_new`.
    waiting
        The folder to write to.
    """
    new = only_new(first_of_each(rows.with_columns(layout.derived), layout.key), folder, extents, layout)
    parts = new.partition_by(list(layout.partition), as_dict=True) if layout.partition else {(): new}
    for values, part in parts.items():
        if part.height:
            yield _write(part, dict(zip(layout.partition, map(str, values), strict=True)), layout, waiting)


def place(piece: Piece, table: Path) -> str:
    """Move a file to where a table keeps it; give its path there."""
    folder = "/".join(f"{name}={value}" for name, value in piece.partition.items())
    path = table / folder / Path(piece.path).name
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(piece.path).rename(path)
    return path.relative_to(table).as_posix()


def _write(part: pl.DataFrame, partition: dict[str, str], layout: Layout, waiting: Path) -> Piece:
    path = waiting / f"part-{uuid.uuid4()}.parquet"
    part.select(layout.schema.names()).sort(layout.extent).write_parquet(path, compression="zstd", compression_level=1)
    status = path.stat()
    return Piece(
        str(path),
        partition,
        status.st_size,
        int(status.st_mtime * 1000),
        json.dumps(_stats(part, layout)),
        dict(Counter(part["file"].to_list())),
    )


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
