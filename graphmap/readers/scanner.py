"""The fast way through syslog text: a compiled pass over each block, and the careful reader for what it leaves over.

A line is read here only if its header and message are of a form that has one reading (`shapes`). What the careful
reader knows of the lines before (year, last line of each host) is kept up, so that it reads the rest as if it had seen
every line. This module imports numba; `sshd` imports it only where that pays.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import numpy as np

from graphmap.readers import blocks, lines
from graphmap.readers.base import Batch
from graphmap.readers.blocks import Block, Buffers, number_parts, padded
from graphmap.readers.columns import Constants, Texts, by_line, careful_rows, frames, scanned_rows
from graphmap.readers.kernels import (
    NO_OFFSET,
    NO_STAMP,
    OTHER,
    SLOW,
    Found,
    Room,
    count_shapes,
    longest,
    room,
    scan_block,
    scan_dates,
)
from graphmap.readers.lines import LINE_BYTES, BadLine, after, decode_line, number_lines
from graphmap.readers.shapes import CONTEXT, SHAPES, build_program
from graphmap.readers.stamps import dates, exists
from graphmap.readers.syslog import split_header

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import polars as pl

    from graphmap.readers.batches import BatchBuilder, Row
    from graphmap.readers.fields import Fields
    from graphmap.readers.lines import Lines
    from graphmap.readers.stamps import Clock
    from graphmap.readers.years import Date

_LONG = LINE_BYTES // 4
_REPEATED = b"last message "
_PROBES = (
    "Nov 20 21:01:21 {} sshd[7]: x",
    "2026-11-20T21:01:21Z {} sshd[7]: x",
    "<38>1 2026-11-20T21:01:21Z {} sshd 7 - - x",
)
_PROGRAM = build_program()
_IS_CONTEXT = np.array([*(shape.kind == CONTEXT for shape in SHAPES), False, False])
"""Of each shape; SLOW and OTHER count from the end."""
_THREADS = 2
_LINES = 1 << 10
_USUAL = 1 << 20
_KEPT = 2 * _THREADS
_SHORT = 32
"""Bytes of a line, fewer than which few lines have: memory is made for as many."""
_WARM = b"2026-11-20T21:01:21Z app1 sshd[7]: Accepted password for bob from 10.0.0.1 port 50000 ssh2\n"


class CarefulReader(Protocol):
    """What the fast way needs of the careful one, which also keeps the state of the reading."""

    batch: BatchBuilder
    clock: Clock

    def read(self, part: Lines | BadLine) -> Iterator[Batch]:
        """Read numbered lines."""

    def scan(self, number: int, line: str) -> None:
        """Read one line."""

    def remember(self, hosts: list[str], numbers: list[int], lines: list[bytes]) -> None:
        """Know lines that were read elsewhere as the last ones of these hosts, if they have none later."""

    def has_room(self, hosts: int) -> bool:
        """Tell whether so many hosts more can be remembered without forgetting others."""


def read_all(
    careful: CarefulReader, blocks: Iterator[Block | BadLine], buffers: Buffers, first: int
) -> Generator[Batch, None, int]:
    """Read blocks to the last. `first` is the number of the first line; returned is that of the line behind them."""
    with ThreadPoolExecutor(_THREADS, "scanner") as pool:
        return (yield from _Stream(careful, pool, buffers, first).read(blocks))


class _Stream:
    """The blocks of one log: scanned by several threads, read in order, and made columns by several threads again."""

    def __init__(self, careful: CarefulReader, pool: ThreadPoolExecutor, buffers: Buffers, first: int) -> None:
        self._careful, self._pool, self._buffers = careful, pool, buffers
        self._first = first
        self._position = 0
        self._constants = Constants(careful.batch.constants)
        self._scanned: deque[tuple[Block | BadLine, Future[_Scanned | None]]] = deque()
        self._made: deque[tuple[Batch, Future[list[pl.DataFrame]]]] = deque()

    def read(self, blocks: Iterator[Block | BadLine]) -> Generator[Batch, None, int]:
        for block in blocks:
            self._scanned.append((block, self._pool.submit(self._scan, block)))
            if len(self._scanned) > _THREADS:
                yield from self._read(*self._scanned.popleft())
        while self._scanned:
            yield from self._read(*self._scanned.popleft())
        yield from self._finish(0)
        yield from self._careful.batch.take(self._position)
        return self._first

    def _scan(self, block: Block | BadLine) -> _Scanned | None:
        """Scan a block; None for one that is read with care."""
        if isinstance(block, BadLine):
            return None
        memory = _ROOMS.take(block.end - block.start)
        while (found := scan_block(block.data, block.start, block.end, _PROGRAM, memory)) is None:
            memory = room(2 * memory.ends.size)
        if longest(memory) > _LONG:
            _ROOMS.give(memory)
            return None
        return _Scanned(found, memory)

    def _read(self, block: Block | BadLine, future: Future[_Scanned | None]) -> Iterator[Batch]:
        """Read a block behind those that were read, and give what is finished of them."""
        scanned, careful = future.result(), self._careful
        self._position = block.position
        if scanned is None or isinstance(block, BadLine) or not careful.has_room(_hosts_at_most(scanned.found)):
            yield from self._finish(0)
            for part in number_parts(block, self._first, self._buffers):
                self._first = after(part)
                yield from careful.read(part)
            return
        columns = _Block(careful, block, scanned.found, self._first).read()
        self._first += scanned.found.ends.size
        self._buffers.give(block.data)
        (batch,) = careful.batch.take(block.position)
        self._made.append((batch, self._pool.submit(self._make, columns, scanned.room)))
        yield from self._finish(_THREADS)

    def _make(self, columns: _Columns, memory: Room) -> list[pl.DataFrame]:
        try:
            return list(columns.frames(self._constants))
        finally:
            _ROOMS.give(memory)

    def _finish(self, waiting: int) -> Iterator[Batch]:
        """Give the oldest batches until so many are left."""
        while len(self._made) > waiting:
            batch, future = self._made.popleft()
            first, *more = future.result() or [batch.events]
            yield replace(batch, events=first)
            for frame in more:
                yield Batch(events=frame, position=batch.position)


class _Rooms:
    """Memory for scanning, some of which is kept from log to log."""

    def __init__(self) -> None:
        self._free: list[Room] = []

    def take(self, size: int) -> Room:
        """Give room for a block of so many bytes, if its lines are not very short."""
        try:
            return self._free.pop()
        except IndexError:
            return room(max(_LINES, (size if size < _USUAL else blocks.BLOCK_BYTES) // _SHORT))

    def give(self, memory: Room) -> None:
        """Take it back."""
        if memory.ends.size == blocks.BLOCK_BYTES // _SHORT and len(self._free) < _KEPT:
            self._free.append(memory)


class _Scanned(NamedTuple):
    found: Found
    room: Room
    """What `found` is in."""


class _Columns(NamedTuple):
    """What becomes columns of a block when its careful lines are read."""

    found: Found
    first: int
    midnights: np.ndarray
    slow: np.ndarray
    events: list[tuple[Row, Fields]]
    """Of the careful reader."""
    host: str | None

    def frames(self, constants: Constants) -> Iterator[pl.DataFrame]:
        """Make the columns."""
        texts = Texts(self.found)
        chosen = None
        if self.slow.any() and self.slow[self.found.events].any():
            chosen = np.flatnonzero(~self.slow[self.found.events])
        rows = scanned_rows(self.found, chosen, self.midnights)
        if self.events:
            rows = by_line(rows, careful_rows(self.events, texts, self.first, self.host))
        if len(rows.line):
            yield from frames(rows, texts, self.first, constants)


def _hosts_at_most(found: Found) -> int:
    return int((found.last >= 0).sum() + (found.shape == SLOW).sum())


def scanned_dates(blocks: Iterator[Block | BadLine], buffers: Buffers) -> Iterator[Date]:
    """Give the dates of a log as `stamps.dates` does."""
    for block in blocks:
        if isinstance(block, Block):
            yield from _dates_of(block)
            buffers.give(block.data)


def _dates_of(block: Block) -> Iterator[Date]:
    data, start = block.data, block.start
    ends, runs = scan_dates(data, start, block.end)
    if np.diff(ends, prepend=start - 1).max() > _LONG:
        parts = number_lines(lines.Block(data[start : block.end].tobytes(), 0), 1)
        yield from dates("\n".join(part.lines) for part in parts if not isinstance(part, BadLine))
        return
    for line, date, offset in runs.tolist():
        if date == NO_STAMP:
            yield from dates([decode_line(data[ends[line - 1] + 1 if line else start : ends[line]].tobytes())])
        elif exists(known := _date(date, offset)):
            yield known


def warm_up() -> None:
    """Compile everything, or load what was compiled before."""
    for line in (b"x\n", _WARM):
        data = padded(line)
        found = cast("Found", scan_block(data, 0, len(line), _PROGRAM, room(_LINES)))
        none = np.zeros(len(found.ends), np.bool_)
        columns = _Columns(found, 1, np.zeros(len(found.runs), np.int64), none, [], None)
        list(columns.frames(Constants({})))
        scan_dates(data, 0, len(line))


def _date(packed: int, offset: int) -> Date:
    return (None if offset == NO_OFFSET else packed >> 9, packed >> 5 & 15, packed & 31)


@lru_cache(maxsize=1024)
def _zone(offset: int) -> timezone | None:
    if offset == NO_OFFSET:
        return None
    return timezone(timedelta(minutes=offset)) if offset else UTC


@lru_cache(maxsize=65_536)
def is_plain_host(text: str) -> bool:
    """Tell whether the careful reader takes a word for the host, and what follows it as usual, in every header."""
    headers = [split_header(probe.format(text)) for probe in _PROBES]
    return all(
        header is not None and (header.host, header.program, header.pid, header.message) == (text, "sshd", "7", "x")
        for header in headers
    )


_ROOMS = _Rooms()


class _Block:
    """One block: its careful lines in their order among the dates, and what is left to do for its columns."""

    def __init__(self, careful: CarefulReader, block: Block, found: Found, first: int) -> None:
        self._careful = careful
        self._start = block.start
        self._data = memoryview(cast("Any", block.data))
        self._found = found
        self._first = first
        hosts = np.flatnonzero(found.last >= 0)
        text = found.arena.tobytes().decode("ascii")
        names = [text[begin:end] for begin, end in found.spans[hosts].tolist()]
        self._hosts = dict(zip(hosts.tolist(), names, strict=True))
        self._slow = found.shape == SLOW
        self._remembered = 0

    def read(self) -> _Columns:
        """Read the careful lines into the careful reader's batch, and count all."""
        self._leave_odd_hosts()
        midnights = self._walk()
        self._remember_all()
        batch, shapes = self._careful.batch, self._found.shape
        if self._slow.any():
            shapes = shapes[~self._slow]
        counts = np.zeros(len(_IS_CONTEXT), np.int64)
        count_shapes(shapes, counts)
        batch.lines += len(shapes)
        batch.other += int(counts[OTHER])
        batch.context += int(counts[_IS_CONTEXT].sum())
        return _Columns(self._found, self._first, midnights, self._slow, batch.drain(), batch.host)

    def _leave_odd_hosts(self) -> None:
        """Leave lines to the careful reader whose host is no plain one."""
        if not all(map(is_plain_host, self._hosts.values())):
            odd = [known for known, text in self._hosts.items() if not is_plain_host(text)]
            self._slow |= np.isin(self._found.host, odd)

    def _walk(self) -> np.ndarray:
        """Read the careful lines, each between the dates that it stands between. Gives the midnight of each run."""
        runs = self._found.runs
        midnights = np.zeros(len(runs), np.int64)
        ends = [*runs[1:, 0].tolist(), self._found.ends.size]
        for number, ((start, date, offset), end) in enumerate(zip(runs.tolist(), ends, strict=True)):
            if date != NO_STAMP:
                midnight = self._careful.clock.midnight(_date(date, offset), _zone(offset))
                if midnight is None:
                    self._slow[start:end] = True
                else:
                    midnights[number] = midnight
            for line in (start + np.flatnonzero(self._slow[start:end])).tolist():
                self._read_carefully(line)
        return midnights

    def _read_carefully(self, line: int) -> None:
        data = self._line(line)
        if _REPEATED in data:
            self._remember_until(line)
        self._careful.scan(self._first + line, decode_line(data))

    def _line(self, line: int) -> bytes:
        ends = self._found.ends
        return bytes(self._data[ends.item(line - 1) + 1 if line else self._start : ends.item(line)])

    def _remember_until(self, line: int) -> None:
        """Make known the last lines of the hosts before a line that may say that one of them was repeated."""
        hosts = self._found.host[self._remembered : line]
        known, back = np.unique(hosts[::-1], return_index=True)
        named = known > 0
        self._remember(known[named], line - 1 - back[named])
        self._remembered = line

    def _remember_all(self) -> None:
        known = np.flatnonzero(self._found.last >= 0)
        self._remember(known, self._found.last[known])

    def _remember(self, texts: np.ndarray, lines: np.ndarray) -> None:
        """Make known that these are the last lines of hosts; those that are read with care are known by that."""
        fast = ~self._slow[lines]
        texts, lines = texts[fast], lines[fast]
        ends = self._found.ends
        starts = np.where(lines, ends[lines - 1] + 1, self._start)
        data = self._data
        self._careful.remember(
            [self._hosts[text] for text in texts.tolist()],
            (self._first + lines).tolist(),
            [data[start:end].tobytes() for start, end in zip(starts.tolist(), ends[lines].tolist(), strict=True)],
        )
