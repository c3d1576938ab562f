"""Blocks of whole lines, read into memory that is used again: what is large is neither copied nor asked for anew."""

from __future__ import annotations

import codecs
import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, NamedTuple, cast

import numpy as np

from graphmap.readers import lines
from graphmap.readers.compression import CutStreamError
from graphmap.readers.growing import place
from graphmap.readers.lines import LINE_BYTES, TEXT_LIMIT, TOO_LONG, BadLine, number_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.lines import Lines

BLOCK_BYTES = 4 << 20
PADDING = 64
"""Bytes behind those of a block, so that eight may be looked at from any place of it."""
_STEP = 1 << 18
_KEPT = 8
"""Free blocks: what two threads that read ahead need."""
_LINE = LINE_BYTES + PADDING


class Block(NamedTuple):
    """Whole lines: the bytes of `data` from `start` to `end`. `position`: the bytes of the stream up to there."""

    data: np.ndarray
    start: int
    end: int
    position: int


class Buffers:
    """The memory for blocks: `take` some, `give` it back when it is read.

    What is free serves all logs of the process: hundreds may be followed at a time, of which one is read.
    """

    _free: ClassVar[list[np.ndarray]] = []

    def __init__(self, size: int | None = None) -> None:
        """Begin. `size` of a block: BLOCK_BYTES by default."""
        self._size = (size or BLOCK_BYTES) + _LINE

    def take(self) -> np.ndarray:
        """Give memory for a block behind a line that is not complete, and padding."""
        with suppress(IndexError):
            while True:
                if (data := self._free.pop()).size == self._size:
                    return data
        return np.zeros(self._size, np.uint8)

    def give(self, data: np.ndarray) -> None:
        """Take memory back."""
        if len(self._free) < _KEPT:
            self._free.append(data)


def read_blocks(stream: BinaryIO, buffers: Buffers) -> Iterator[Block | BadLine]:
    """Split a stream into blocks of whole lines, as `lines.split_blocks` does; the caller gives their memory back.

    The number of a `BadLine` is 0: nobody has counted. Where a stream grows, it ends for now, and another call goes on.
    """
    position, rest, skipping = place(stream), b"", False
    reason = None
    while reason is None:
        data = buffers.take()
        room = memoryview(cast("Any", data))
        room[: len(rest)] = rest
        size, reason = _fill(stream, room[: len(data) - _LINE + len(rest)], len(rest))
        start = len(codecs.BOM_UTF8) if not position and bytes(room[:3]) == codecs.BOM_UTF8 else 0
        if skipping:
            start = _find_newline(room[:size])
            skipping = not start
            start = start or size
        end = max(start, _find_last_newline(room[:size]))
        rest = b"" if skipping else bytes(room[end:size])
        if reason == "" and rest:
            room[size] = 10  # newline
            end, rest = size + 1, b""
        last = position + min(end, size)
        if end > start:
            yield Block(data, start, end, last)
        else:
            buffers.give(data)
        position = last
        if reason or len(rest) > LINE_BYTES:
            position += len(rest)
            text = rest[: 4 * TEXT_LIMIT].decode("utf-8", "backslashreplace")
            yield BadLine(0, reason or TOO_LONG, text, position)
            rest, skipping = b"", True


def number_parts(block: Block | BadLine, first: int, buffers: Buffers) -> Iterator[Lines | BadLine]:
    """Split a block into lines, and give its memory back. `first` is the number of its first line."""
    if isinstance(block, BadLine):
        yield block._replace(line=first)
        return
    yield from number_lines(lines.Block(block.data[block.start : block.end].tobytes(), block.position), first)
    buffers.give(block.data)


def padded(data: bytes) -> np.ndarray:
    """Bytes as compiled code wants them, in an array that could be written to: all arrays are of one type then."""
    return np.array(bytearray(data + bytes(PADDING)))


def _fill(stream: BinaryIO, room: memoryview, size: int) -> tuple[int, str | None]:
    """Read behind `size` bytes; give how many there are then, and why there are no more (empty: the end), or None."""
    while size < len(room):
        try:
            got = _read(stream, room[size : size + _STEP])
        except (CutStreamError, OSError) as error:
            return size, str(error) if isinstance(error, CutStreamError) else f"cannot be read further: {error}"
        if not got:
            return size, ""
        size += got
    return size, None


def _read(stream: BinaryIO, room: memoryview) -> int:
    if isinstance(stream, io.BufferedIOBase):
        return stream.readinto(room)
    data = stream.read(len(room))
    room[: len(data)] = data
    return len(data)


def _find_newline(room: memoryview) -> int:
    """The position behind the first newline; 0 where there is none."""
    return bytes(room).find(b"\n") + 1


def _find_last_newline(room: memoryview) -> int:
    """The position behind the last newline; 0 where there is none."""
    end, step = len(room), 1 << 10
    while end:
        begin = max(0, end - step)
        if found := bytes(room[begin:end]).rfind(b"\n") + 1:
            return begin + found
        end, step = begin, min(4 * step, _STEP)
    return 0
