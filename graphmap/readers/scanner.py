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
import polars as pl

from graphmap.readers.batches import account, place
from graphmap.readers.kernels import (
    HOST_USE,
    NO_OFFSET,
    NO_STAMP,
    NUMBERS,
    OTHER,
    SLOW,
    TEXTS,
    Found,
    scan_block,
    scan_dates,
)
from graphmap.readers.kinds import KINDS
from graphmap.readers.lines import LINE_BYTES, BadLine, Block, after, decode_line, number_lines
from graphmap.readers.shapes import CONTEXT, SHAPES, build_program
from graphmap.readers.stamps import dates, exists
from graphmap.readers.syslog import split_header
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmap.readers.base import Batch
    from graphmap.readers.batches import BatchBuilder
    from graphmap.readers.lines import Lines
    from graphmap.readers.stamps import Clock
    from graphmap.readers.years import Date

GRAMMAR_WORDS = frozenset({"by", "for", "from", "illegal", "invalid", "on", "port", "ssh2", "ssh2:", "user"})
"""User names that are left to the careful reader."""
_LONG = LINE_BYTES // 4
_REPEATED = b"last message "
_PROBES = (
    "Nov 20 21:01:21 {} sshd[7]: x",
    "2026-11-20T21:01:21Z {} sshd[7]: x",
    "<38>1 2026-11-20T21:01:21Z {} sshd 7 - - x",
)
_PROGRAM = build_program()
_USER, _ADDRESSES = 1 << TEXTS.index("user"), 1 << TEXTS.index("addr") | 1 << TEXTS.index("dst")
_CONTEXTS = np.array([shape.kind == CONTEXT for shape in SHAPES])


def _of_shapes(values: list[str | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


_KIND = _of_shapes([shape.kind for shape in SHAPES])
_ACTION = _of_shapes([KINDS[shape.kind].action.value if shape.kind in KINDS else None for shape in SHAPES])
_OUTCOME = _of_shapes([KINDS[shape.kind].outcome.value if shape.kind in KINDS else None for shape in SHAPES])
_COMMAND = _of_shapes([shape.command for shape in SHAPES])


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
    with ThreadPoolExecutor(1, "scanner") as pool:
        coming = pool.submit(_next_scanned, blocks)
        while (scanned := coming.result()) is not None:
            coming = pool.submit(_next_scanned, blocks)
            block, found = scanned
            position = block.position
            if isinstance(block, Block) and found is not None and careful.has_room(_hosts_at_most(found)):
                _Block(careful, block.data, found, first).read()
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
        self._texts = [data[start:end].decode("ascii") for start, end in found.spans.tolist()]
        self._slow = found.shape == SLOW
        self._remembered = 0

    def read(self) -> None:
        """Put everything that the block holds into the careful reader's batch."""
        self._leave_odd_texts()
        midnights = self._walk()
        self._remember_all()
        fast, batch = ~self._slow, self._careful.batch
        others = int((fast & (self._found.shape == OTHER)).sum())
        shapes = self._found.shape[fast & (self._found.shape >= 0)]
        batch.lines += int(fast.sum())
        batch.other += others
        batch.context += int(_CONTEXTS[shapes].sum())
        chosen = np.flatnonzero(fast[self._found.events])
        if chosen.size:
            batch.add(self._columns(chosen, midnights))

    def _leave_odd_texts(self) -> None:
        """Leave lines to the careful reader whose host or user is no plain one."""
        found, texts = self._found, self._texts
        odd = np.zeros(len(texts) + 1, np.bool_)  # the last one stands for no text
        for known in np.flatnonzero(found.uses & (1 << HOST_USE)).tolist():
            odd[known] = not is_plain_host(texts[known])
        if odd.any():
            self._slow |= odd[found.host]
        odd[:] = False
        for known in np.flatnonzero(found.uses & _USER).tolist():
            odd[known] = texts[known] in GRAMMAR_WORDS
        if odd.any():
            self._slow[found.events[odd[found.texts[:, 0]]]] = True

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
        for text, distance in zip(known.tolist(), back.tolist(), strict=True):
            if text >= 0:
                self._remember(text, line - 1 - distance)
        self._remembered = line

    def _remember_all(self) -> None:
        for text in np.flatnonzero(self._found.last >= 0).tolist():
            self._remember(text, int(self._found.last[text]))

    def _remember(self, text: int, line: int) -> None:
        if not self._slow[line]:
            self._careful.remember(self._texts[text], self._first + line, self._line(line))

    def _columns(self, chosen: np.ndarray, midnights: np.ndarray) -> dict[str, pl.Series]:
        """Make columns of the events at these places of `Found.events`."""
        found = self._found
        lines, ids, numbers = found.events[chosen], found.texts[chosen], found.numbers[chosen]
        shapes = pl.Series(found.shape[lines].astype(np.uint32))
        run = np.searchsorted(found.runs[:, 0], lines, "right") - 1
        domain, user = self._split(_USER, account)
        address, name = self._split(_ADDRESSES, place)
        text = pl.Series([*self._texts, None], dtype=pl.String)
        users, sources, targets, keys, methods = (_places(ids[:, k], len(self._texts)) for k in range(len(TEXTS)))
        port = _port(numbers[:, 0])
        return {
            "time": pl.Series(midnights[run] + found.of_day[lines]).cast(EVENTS["time"]),
            "action": _ACTION.gather(shapes),
            "outcome": _OUTCOME.gather(shapes),
            "kind": _KIND.gather(shapes),
            "user": _chosen(user, users),
            "domain": _chosen(domain, users),
            "src_ip": _chosen(address, sources),
            "src_port": port,
            "src_host": _chosen(name, sources),
            "dst_host": text.gather(found.host[lines].astype(np.uint32)),
            "dst_ip": _chosen(address, targets),
            "dst_port": _port(numbers[:, 1]),
            "method": text.gather(methods),
            "key": text.gather(keys),
            "session": _peers(address).gather(sources) + port.cast(pl.String),
            "pid": pl.Series(numbers[:, len(NUMBERS)]),
            "command": _commands(shapes, numbers[:, 2]),
            "line": pl.Series(lines + self._first),
        }

    def _split(
        self, columns: int, split: Callable[[str], tuple[str | None, str | None]]
    ) -> tuple[pl.Series, pl.Series]:
        """What each text of some columns becomes; null for the others, and for the place behind the last."""
        texts = self._texts
        parts: list[tuple[str | None, str | None]] = [(None, None)] * (len(texts) + 1)
        for known in np.flatnonzero(self._found.uses & columns).tolist():
            parts[known] = split(texts[known])
        first, second = zip(*parts, strict=True)
        return pl.Series(first, dtype=pl.String), pl.Series(second, dtype=pl.String)


def _chosen(texts: pl.Series, places: np.ndarray) -> pl.Series:
    """Give the texts at these places, at once where all are null."""
    if texts.null_count() == len(texts):
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(places))
    return texts.gather(places)


def _peers(addresses: pl.Series) -> pl.Series:
    """What the `session` column has in front of the port (`batches`)."""
    return pl.select(
        pl.when(addresses.str.contains(":", literal=True))
        .then(pl.format("[{}]:", addresses))
        .otherwise(addresses + ":")
    ).to_series()


def _places(ids: np.ndarray, nothing: int) -> np.ndarray:
    return np.where(ids < 0, nothing, ids).astype(np.uint32)


def _port(numbers: np.ndarray) -> pl.Series:
    known = (numbers >= 1) & (numbers <= 65535)  # noqa: PLR2004 - the ports there are
    ports = pl.Series(np.where(known, numbers, 0).astype(np.int32))
    return ports if known.all() else ports.set(pl.Series(~known), None)


def _commands(shapes: pl.Series, children: np.ndarray) -> pl.Series:
    places = np.flatnonzero(children >= 0)
    commands = _COMMAND.gather(shapes)
    if not places.size:
        return commands
    return commands.scatter(places, "pid " + pl.Series(children[places]).cast(pl.String))
