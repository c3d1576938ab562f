"""The fast way through syslog text: a compiled pass over each block, and the careful reader for what it leaves over.

A line is read here only if its header and message are of a form that has one reading (`shapes`). What the careful
reader knows of the lines before (year, last line of each host) is kept up, so that it reads the rest as if it had seen
every line. This module imports numba; `sshd` imports it only where that pays.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from graphmap.readers.columns import Constants, Texts, by_line, careful_rows, frames, scanned_rows
from graphmap.readers.kernels import HOST_USE, NO_OFFSET, NO_STAMP, OTHER, SLOW, Found, scan_block, scan_dates
from graphmap.readers.lines import LINE_BYTES, BadLine, Block, after, decode_line, number_lines
from graphmap.readers.shapes import CONTEXT, SHAPES, build_program
from graphmap.readers.stamps import dates, exists
from graphmap.readers.syslog import split_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.base import Batch
    from graphmap.readers.batches import BatchBuilder
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
_CONTEXTS = np.flatnonzero([False, *(shape.kind == CONTEXT for shape in SHAPES)])


class CarefulReader(Protocol):
    """What the fast way needs of the careful one, which also keeps the state of the reading."""

    batch: BatchBuilder
    clock: Clock

    def read(self, part: Lines | BadLine) -> Iterator[Batch]:
        """Read numbered lines."""

    def scan(self, number: int, line: str) -> None:
        """Read one line."""

    def remember(self, host: str, number: int, line: bytes) -> None:
        """Know a line that was read elsewhere as the last one of its host, unless a later one is known."""

    def has_room(self, hosts: int) -> bool:
        """Tell whether so many hosts more can be remembered without forgetting others."""


def read_blocks(careful: CarefulReader, blocks: Iterator[Block | BadLine], first: int) -> Iterator[Batch]:
    """Read blocks of whole lines to the last; a second thread scans one while the one before becomes events.

    `first` is the number of the first line.
    """
    position = 0
    constants = Constants(careful.batch.constants)
    with ThreadPoolExecutor(1, "scanner") as pool:
        coming = pool.submit(_next_scanned, blocks)
        while (scanned := coming.result()) is not None:
            coming = pool.submit(_next_scanned, blocks)
            block, found = scanned
            position = block.position
            if isinstance(block, Block) and found is not None and careful.has_room(_hosts_at_most(found)):
                _Block(careful, block.data, found, first).read(constants)
                first += found.ends.size
                yield from careful.batch.take(position)
            else:
                for part in number_lines(block, first):
                    first = after(part)
                    yield from careful.read(part)
    yield from careful.batch.take(position)


def _next_scanned(blocks: Iterator[Block | BadLine]) -> tuple[Block | BadLine, Found | None] | None:
    block = next(blocks, None)
    if not isinstance(block, Block):
        return None if block is None else (block, None)
    found = scan_block(np.frombuffer(block.data, np.uint8), _PROGRAM)
    long = np.diff(found.ends, prepend=-1).max() > _LONG
    return block, None if long else found


def _hosts_at_most(found: Found) -> int:
    return int((found.last >= 0).sum() + (found.shape == SLOW).sum())


def scanned_dates(blocks: Iterator[Block | BadLine]) -> Iterator[Date]:
    """Give the dates of a log as `stamps.dates` does."""
    for block in blocks:
        if isinstance(block, Block):
            yield from _dates_of(block)


def _dates_of(block: Block) -> Iterator[Date]:
    data = block.data
    ends, runs = scan_dates(np.frombuffer(data, np.uint8))
    if np.diff(ends, prepend=-1).max() > _LONG:
        parts = number_lines(block, 1)
        yield from dates("\n".join(part.lines) for part in parts if not isinstance(part, BadLine))
        return
    for line, date, offset in runs.tolist():
        if date == NO_STAMP:
            yield from dates([decode_line(data[ends[line - 1] + 1 if line else 0 : ends[line]])])
        elif exists(known := _date(date, offset)):
            yield known


def warm_up() -> None:
    """Compile everything, or load what was compiled before."""
    line = np.frombuffer(b"\n", np.uint8)
    scan_block(line, _PROGRAM)
    scan_dates(line)


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


class _Block:
    """One block: its careful lines in their order among the dates, then its events as columns."""

    def __init__(self, careful: CarefulReader, data: bytes, found: Found, first: int) -> None:
        self._careful = careful
        self._data = data
        self._found = found
        self._first = first
        self._texts = found.spelled.tobytes().decode("ascii").split("\n")
        self._slow = found.shape == SLOW
        self._remembered = 0

    def read(self, constants: Constants) -> None:
        """Put everything that the block holds into the careful reader's batch."""
        self._leave_odd_hosts()
        midnights = self._walk()
        self._remember_all()
        found, batch, shapes = self._found, self._careful.batch, self._found.shape
        if self._slow.any():
            shapes = shapes[~self._slow]
            chosen = np.flatnonzero(~self._slow[found.events])
        else:
            chosen = found.events
        counts = np.bincount(shapes - OTHER, minlength=1 + len(SHAPES))
        batch.lines += len(shapes)
        batch.other += int(counts[0])
        batch.context += int(counts[_CONTEXTS].sum())
        texts = Texts(found, self._texts)
        rows = scanned_rows(found, chosen, midnights)
        if events := batch.drain():
            rows = by_line(rows, careful_rows(events, texts, self._first, batch.host))
        if len(rows.line):
            for frame in frames(rows, texts, self._first, constants):
                batch.add(frame)

    def _leave_odd_hosts(self) -> None:
        """Leave lines to the careful reader whose host is no plain one."""
        found, texts = self._found, self._texts
        odd = np.zeros(len(texts), np.bool_)
        for known in np.flatnonzero(found.uses & (1 << HOST_USE)).tolist():
            odd[known] = not is_plain_host(texts[known])
        if odd.any():
            self._slow |= odd[found.host]

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
        return self._data[ends.item(line - 1) + 1 if line else 0 : ends.item(line)]

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
        starts = np.where(lines, ends[lines - 1] + 1, 0)
        remember, data, first = self._careful.remember, self._data, self._first
        for text, line, start, end in zip(
            texts.tolist(), lines.tolist(), starts.tolist(), ends[lines].tolist(), strict=True
        ):
            remember(self._texts[text], first + line, data[start:end])
