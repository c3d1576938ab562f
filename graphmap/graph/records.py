"""Rows of a table that are found by number in a file: what an answer shows of a table that memory does not hold.

Parquet gives columns of many rows at once; a handful of rows from all over a table costs it tens of milliseconds. So
each row is kept once more as a line of JSON, `BLOCK` of them compressed together, and a row costs one short read. After
the blocks the file has their places, as 64-bit numbers, and how many blocks there are.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from io import BytesIO
from itertools import groupby, pairwise
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import zstandard

from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl
    from numpy.typing import NDArray

Record: TypeAlias = dict[str, Any]
"""A row by column."""

BLOCK = 16
"""Rows that are compressed together: more take less room, fewer are read faster."""

_AT_ONCE = 512 * BLOCK
"""Rows that are text at once while they are written."""
_PLACE, _PLACES = Struct("<q"), Struct("<2q")
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
            file.write(np.array([*places, len(places)], "<i8").tobytes())

    def take(self, numbers: NDArray[np.int64]) -> list[Record]:
        """Some rows by number, in ascending order: two short reads, and some microseconds, for each of their blocks."""
        with self._path.open("rb", buffering=0) as file:
            places = _Places.of(file.fileno())
            return [
                self._record(lines[number % BLOCK])
                for block, some in groupby(numbers.tolist(), key=lambda number: number // BLOCK)
                for lines in [_lines(places.read(block))]
                for number in some
            ]

    def _record(self, line: str) -> Record:
        record: Record = json.loads(line)
        for name in self._times:
            if record[name] is not None:
                record[name] = datetime.fromisoformat(record[name]).replace(tzinfo=_ZONE)
        return record


def _lines(block: bytes) -> list[str]:
    """The rows of a block."""
    return zstandard.ZstdDecompressor().decompress(block).decode().split("\n")


def _blocks(frame: pl.DataFrame) -> Iterator[memoryview]:
    """The rows as lines of JSON, BLOCK of them at a time; no text of JSON has a newline in it."""
    buffer = BytesIO()
    frame.write_ndjson(buffer)
    text = buffer.getbuffer()
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    edges = [0, *ends[BLOCK - 1 :: BLOCK].tolist(), len(text)]
    return (text[begin:end] for begin, end in pairwise(edges) if begin < end)


class _Places(NamedTuple):
    """Where the blocks of an open file are: `first` is where their places begin."""

    file: int
    first: int

    @classmethod
    def of(cls, file: int) -> _Places:
        last = os.fstat(file).st_size - _PLACE.size
        (count,) = _PLACE.unpack(os.pread(file, _PLACE.size, last))
        return cls(file, last - count * _PLACE.size)

    def read(self, block: int) -> bytes:
        begin, end = _PLACES.unpack(os.pread(self.file, _PLACES.size, self.first + block * _PLACE.size))
        return os.pread(self.file, end - begin, begin)
