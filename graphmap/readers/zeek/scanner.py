"""The fast way through Zeek's logs: a compiled pass over each block, and `rows` for the lines that it leaves over.

Two threads read a block each at a time. Whichever header a block needs is known for sure only when the blocks before
are read, so a block is read with the last one known, and read again in the rare case that another one came in between.
This module imports numba; `reader` imports it only where that pays.
"""

from __future__ import annotations

import io
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import polars as pl

from graphmap.model import Witness
from graphmap.readers.base import Source
from graphmap.readers.blocks import Block, Buffers, read_blocks
from graphmap.readers.kernels import line_ends
from graphmap.readers.lines import LINE_BYTES, TEXT_LIMIT, TOO_LONG, BadLine, decode_line
from graphmap.readers.zeek import kernels
from graphmap.readers.zeek.columns import Constants, LogColumns, without
from graphmap.readers.zeek.kernels import FULL, MORE, STOPPED, scan_objects, scan_rows
from graphmap.readers.zeek.logs import LOGS
from graphmap.readers.zeek.programs import NOTHING, layout, marks, names
from graphmap.readers.zeek.rows import Rows
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from graphmap.readers.base import Batch
    from graphmap.readers.zeek.header import Header
    from graphmap.readers.zeek.kernels import Columns, Lines, Marks, Tables
    from graphmap.readers.zeek.programs import Layout


_THREADS = 2
_STOPS = 64
"""Lines between rows after which the rest of a block is read with care."""


class Reading(NamedTuple):
    """What a block holds, its lines numbered from 0, and the header that the lines behind it have."""

    batch: Batch
    before: Header
    after: Header


def read_all(
    rows: Rows, blocks: Iterator[Block | BadLine], buffers: Buffers, first: int
) -> Generator[Batch, None, int]:
    """Read blocks to the last; return the number of the line behind them.

    `rows` has read the lines before them, and can read those behind them; `first` is the number of their first line.
    """
    with ThreadPoolExecutor(_THREADS, "zeek") as pool:
        return (yield from _Stream(rows, pool, buffers, first).read(blocks))


def warm_up() -> None:
    """Compile everything, or load what was compiled before."""
    rows = Rows("zeek", Source("warm-up", io.BytesIO), "conn")
    for data in (_WARM_ROWS, _WARM_OBJECT):
        buffers = Buffers(len(data))
        list(read_all(rows.anew(), read_blocks(io.BytesIO(data), buffers), buffers, 1))


class _Stream:
    """The blocks of one log, read by several threads and given in order."""

    def __init__(self, rows: Rows, pool: ThreadPoolExecutor, buffers: Buffers, first: int) -> None:
        self._rows, self._pool = rows, pool
        self._buffers = buffers
        self._scanners: SimpleQueue[_Scanner] = SimpleQueue()
        for _ in range(_THREADS):
            self._scanners.put(_Scanner())
        self._header = rows.header
        self._first = first
        self._position = 0

    def read(self, blocks: Iterator[Block | BadLine]) -> Generator[Batch, None, int]:
        waiting: deque[tuple[Block | BadLine, Future[Reading]]] = deque()
        for block in blocks:
            waiting.append((block, self._pool.submit(self._scan, block, self._header)))
            if not self._position or len(waiting) > _THREADS:  # the first block has the header of the others
                yield self._finish(*waiting.popleft())
        while waiting:
            yield self._finish(*waiting.popleft())
        self._rows.header = self._header
        yield from self._rows.batch.take(self._position)
        return self._first

    def _scan(self, block: Block | BadLine, header: Header) -> Reading:
        rows = self._rows.anew()
        rows.header = header
        scanner = self._scanners.get()
        try:
            if isinstance(block, BadLine):
                rows.reject(0, block.reason, block.text)
            else:
                scanner.read(block, rows)
        finally:
            self._scanners.put(scanner)
        (batch,) = rows.batch.take(block.position)
        return Reading(batch, header, rows.header)

    def _finish(self, block: Block | BadLine, future: Future[Reading]) -> Batch:
        reading = future.result()
        if reading.before != self._header:
            reading = self._scan(block, self._header)
        if isinstance(block, Block):
            self._buffers.give(block.data)
        batch, number = reading.batch, pl.col("line") + self._first
        self._header, self._position = reading.after, block.position
        self._first += batch.lines
        return replace(batch, events=batch.events.with_columns(number), rejects=batch.rejects.with_columns(number))


class _Scanner:
    """What one thread knows: the texts of each log."""

    def __init__(self) -> None:
        self._constants = Constants()
        self._logs: dict[str, LogColumns] = {}
        self._usual = ""

    def read(self, block: Block, rows: Rows) -> None:
        """Read a block into the batch of `rows`, its lines numbered from 0."""
        piece = _Piece(block, rows)
        while piece.p < piece.end:
            told = marks(rows.header) if piece.stops < _STOPS else None
            if told is not None:
                self._rows(piece, *told)
            elif piece.stops < _STOPS and not rows.header.fields and piece.data[piece.p] == _BRACE:
                self._objects(piece)
            else:
                piece.read_line()

    def _rows(self, piece: _Piece, laid: Layout, told: Marks) -> None:
        known = _NOTHING if laid is NOTHING else self._log(piece.rows.header.path or "")
        why = MORE
        while why in _GOES_ON:
            found = scan_rows(piece.data, piece.p, piece.end, told, laid.program, known.tables, known.room, known.rest)
            count, slow, counted, piece.p, why = found
            piece.count_others(counted)
            left = known.rest.left[:slow].copy()
            known.room.lines[:count] += piece.line
            left[:, 0] += piece.line
            piece.line += count + slow + counted
            if isinstance(known, LogColumns):
                left = np.concatenate([left, self._add(piece, known, count)])
                if why == FULL:
                    known.forget()
            piece.read_lines(left)
        if why == STOPPED:
            piece.read_line()

    def _objects(self, piece: _Piece) -> None:
        """Read all that is left of a block; each log that is in it, the one that was most of the block before first."""
        ends = line_ends(piece.data, piece.p, piece.end)
        begins = np.concatenate([np.array([piece.p]), ends[:-1] + 1])
        usual = self._usual or (piece.rows.usual if piece.rows.usual in LOGS else "conn")
        lines = np.arange(len(ends)) + piece.line
        left, moved = self._objects_of(piece, usual, lines, begins, ends)
        sizes = {usual: len(ends) - len(moved)}
        others = [path for path in LOGS if path != usual]
        for number in np.unique(moved[:, 1]).tolist():
            lines = moved[moved[:, 1] == number, 0]
            places = lines - piece.line
            sizes[others[number]] = len(lines)
            more, _ = self._objects_of(piece, others[number], lines, begins[places], ends[places])
            left = np.concatenate([left, more])
        self._usual = max(sizes, key=sizes.__getitem__)
        piece.line += len(ends)
        piece.p = piece.end
        piece.read_lines(left)

    def _objects_of(
        self, piece: _Piece, path: str, lines: np.ndarray, begins: np.ndarray, ends: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Read the objects of one log: the lines that are left over with their begins, those of others with the log."""
        known, program = self._log(path), layout(path).program
        slow, moved = [], []
        why = MORE
        while why in _GOES_ON:
            found = scan_objects(piece.data, begins, ends, names(path), program, known.tables, known.room, known.rest)
            count, leaving, moving, counted, done, why = found
            piece.count_others(counted)
            known.room.lines[:count] = lines[known.room.lines[:count]]
            left, elsewhere = known.rest.left[:leaving].copy(), known.rest.moved[:moving].copy()
            for some in (left, elsewhere):
                some[:, 0] = lines[some[:, 0]]
            slow += [left, self._add(piece, known, count)]
            moved.append(elsewhere)
            if why == FULL:
                known.forget()
            lines, begins, ends = lines[done:], begins[done:], ends[done:]
        return np.concatenate(slow), np.concatenate(moved)

    def _log(self, path: str) -> LogColumns:
        if path not in self._logs:
            self._logs[path] = LogColumns(path, self._constants)
        return self._logs[path]

    def _add(self, piece: _Piece, known: LogColumns, count: int) -> np.ndarray:
        """Make events of the rows; those with an address that is none are left over: their lines and begins."""
        columns, odd = known.room, known.odd(count)
        left = np.column_stack([columns.lines[odd], columns.starts[odd]])
        if odd.size:
            columns, count = without(columns, count, odd)
        if count:
            found, rows = known.events(columns, count), piece.rows
            same: dict[str, str | int] = {
                "witness": Witness.NETWORK.value,
                "repeat": 0,
                "reader": rows.reader,
                "file": rows.source.name,
            }
            rows.batch.lines += count
            rows.batch.add(
                pl.DataFrame(
                    {
                        name: found[name]
                        if name in found
                        else self._constants.column(name, same.get(name), count, dtype)
                        for name, dtype in EVENTS.items()
                    }
                )
            )
        return left


class _Piece:
    """What is not read yet of a block: from `p` on, where line `line` begins. `stops`: lines that were no rows."""

    def __init__(self, block: Block, rows: Rows) -> None:
        self.data, self.p, self.end = block.data, block.start, block.end
        self.line = self.stops = 0
        self.rows = rows
        self._bytes = memoryview(cast("Any", block.data))

    def count_others(self, lines: int) -> None:
        """Count lines of logs that are not read."""
        self.rows.batch.lines += lines
        self.rows.batch.other += lines

    def read_line(self) -> None:
        """Read the next line with care."""
        self.p = self._read(self.line, self.p)
        self.line += 1
        self.stops += 1

    def read_lines(self, lines: np.ndarray) -> None:
        """Read lines with care: their numbers and begins, in any order."""
        for line, start in lines[np.argsort(lines[:, 0])].tolist():
            self._read(line, start)

    def _read(self, line: int, start: int) -> int:
        """Read a line with care, and give where the next one begins."""
        step = 1 << 10
        while (size := bytes(self._bytes[start : min(start + step, self.end)]).find(b"\n")) < 0:
            step *= 4
        if size > LINE_BYTES:
            text = bytes(self._bytes[start : start + 4 * TEXT_LIMIT])
            self.rows.reject(line, TOO_LONG, text.decode("utf-8", "backslashreplace"))
        else:
            self.rows.scan(line, decode_line(bytes(self._bytes[start : start + size])))
        return start + size + 1


_BRACE = ord("{")
_GOES_ON = (MORE, FULL)


class _Nothing(NamedTuple):
    """In place of the columns of a log that is not read."""

    tables: Tables
    room: Columns
    rest: Lines


_NOTHING = _Nothing(kernels.tables(0), kernels.columns(NOTHING.program), kernels.lines(NOTHING.program))
_WARM_ROWS = b"#separator \\x09\n#path\tconn\n#fields\tts\n1700000000.000000\n"
_WARM_OBJECT = b'{"ts":1700000000.5,"conn_state":"SF"}\n'
