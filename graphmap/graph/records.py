"""Rows of a table that are found by number in a file: what an answer shows of a table that memory does not hold.

Parquet gives columns of many rows at once; a handful of rows from all over a table costs it tens of milliseconds. So
each row is kept once more as a line of JSON, `BLOCK` of them compressed together, and a row costs one short read. After
the blocks the file has their places, as 64-bit numbers, and how many blocks there are.
"""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import zstandard

from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    import polars as pl
    from numpy.typing import NDArray

Record: TypeAlias = dict[str, Any]
"""A row by column."""

BLOCK = 64
"""Rows that are compressed together: more take less room, fewer are read faster."""

_AT_ONCE = 128 * BLOCK
"""Rows that are text at once while they are written."""
_PLACE = np.dtype("<i8")
_ZONE = ZoneInfo("UTC")  # as Polars gives times


class Records:
    """The rows of a file.

    Parameters
    ----------
    path
        What `write` wrote.
    schema
        That of the table.
    """

    def __init__(self, path: Path, schema: pl.Schema) -> None:
        self._path = path
        self._times = [name for name, dtype in schema.items() if dtype == TIME]

    @staticmethod
    def write(frame: pl.DataFrame, path: Path) -> None:
        """Write the rows of a frame, whose columns hold times, texts, numbers, and lists and structs of these."""
        compressor = zstandard.ZstdCompressor(level=1)
        places = [0]
        with path.open("xb") as file:
            for part in frame.iter_slices(_AT_ONCE):
                for block in _blocks(part):
                    places.append(places[-1] + file.write(compressor.compress(block)))
            file.write(np.array([*places, len(places)], _PLACE).tobytes())

    def take(self, numbers: NDArray[np.int64]) -> list[Record]:
        """Some rows by number, in ascending order: one read and some microseconds for each block that has one."""
        with self._path.open("rb") as file:
            places = _places(file)
            return [
                self._record(lines[number % BLOCK])
                for block, some in groupby(numbers.tolist(), key=lambda number: number // BLOCK)
                for lines in [_lines(file, *places[block : block + 2].tolist())]
                for number in some
            ]

    def _record(self, line: bytes) -> Record:
        record: Record = json.loads(line)
        for name in self._times:
            if record[name] is not None:
                record[name] = datetime.fromisoformat(record[name]).replace(tzinfo=_ZONE)
        return record


def _lines(file: BinaryIO, begin: int, end: int) -> list[bytes]:
    """The rows of a block."""
    file.seek(begin)
    return zstandard.ZstdDecompressor().decompress(file.read(end - begin)).split(b"\n")


def _blocks(frame: pl.DataFrame) -> Iterator[memoryview]:
    """The rows as lines of JSON, BLOCK of them at a time; no text of JSON has a newline in it."""
    buffer = BytesIO()
    frame.write_ndjson(buffer)
    text = buffer.getbuffer()
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    edges = [0, *ends[BLOCK - 1 :: BLOCK].tolist(), len(text)]
    return (text[begin:end] for begin, end in pairwise(edges) if begin < end)


def _places(file: BinaryIO) -> NDArray[np.int64]:
    size = file.seek(0, 2)
    file.seek(size - _PLACE.itemsize)
    count = int(np.frombuffer(file.read(), _PLACE)[0])
    file.seek(size - (count + 1) * _PLACE.itemsize)
    return np.frombuffer(file.read(count * _PLACE.itemsize), _PLACE)
