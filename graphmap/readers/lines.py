"""From bytes to numbered lines, in bounded memory, whatever the log holds."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.compression import CutStreamError
from graphmap.readers.growing import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

BLOCK_BYTES = 1 << 22
LINE_BYTES = 1 << 20
"""A longer line is no log line: it becomes one reject and is skipped to its newline."""
TEXT_LIMIT = 500
TOO_LONG = "line is longer than 1 MiB"


class Lines(NamedTuple):
    """Lines in a row. `first` is the number of the first one; `position` the bytes read up to the end of the last."""

    first: int
    lines: list[str]
    position: int


class BadLine(NamedTuple):
    """A line that cannot be given as text."""

    line: int
    reason: str
    text: str
    position: int


class Block(NamedTuple):
    """Whole lines as bytes, newlines included. `position` is the number of bytes read up to the end of the last."""

    data: bytes
    position: int


def split_lines(stream: BinaryIO, first: int = 1) -> Iterator[Lines | BadLine]:
    r"""Split a stream at its newlines, in file order, with no line left out and none given twice.

    Text is UTF-8; a byte that is not becomes ``\xNN``. One carriage return before the newline is dropped, as is a byte
    order mark at the start; a NUL stays. A last line without a newline is a line, unless a compressed stream ends
    early: what was cut there could be taken for another value, so it is a `BadLine`. `first` is the number of the
    first line: where a stream grows, it ends for now, and another call goes on (`graphmap.readers.growing`).

    Cost: one block of 4 MiB and its lines at a time.
    """
    number = first
    for block in split_blocks(stream):
        for part in number_lines(block, number):
            yield part
            number = after(part)


def split_blocks(stream: BinaryIO) -> Iterator[Block | BadLine]:
    """Split a stream into blocks of whole lines, in file order, as `split_lines` would number them.

    The number of a `BadLine` is 0 here: nobody has counted. Where the last line has no newline, it is given one.
    """
    position, rest, skipping = place(stream), b"", False
    try:
        for piece in _filled(stream):
            block = piece
            if skipping:
                end = block.find(b"\n") + 1
                position += end or len(block)
                skipping = not end
                block = block[end:] if end else b""
            block = rest + block if rest else block
            if not position:
                block = block.removeprefix(codecs.BOM_UTF8)
            cut = block.rfind(b"\n") + 1
            complete, rest = block[:cut], block[cut:]
            position += cut
            if complete:
                yield Block(complete, position)
            if len(rest) > LINE_BYTES:
                position += len(rest)
                yield BadLine(0, TOO_LONG, _text(rest[: 4 * TEXT_LIMIT]), position)
                rest, skipping = b"", True
    except (CutStreamError, OSError) as error:
        yield BadLine(0, _cause(error), _text(rest), position + len(rest))
        return
    if rest:
        yield Block(rest + b"\n", position + len(rest))


def _filled(stream: BinaryIO) -> Iterator[bytes]:
    """Give the bytes of a stream, BLOCK_BYTES at a time even where it gives fewer; then raise what broke it."""
    broken: Exception | None = None
    missing = 0
    while not missing and broken is None:
        pieces, missing = [], BLOCK_BYTES
        try:
            while missing and (piece := stream.read(missing)):
                pieces.append(piece)
                missing -= len(piece)
        except (CutStreamError, OSError) as error:
            broken = error
        if pieces:
            yield b"".join(pieces)
    if broken is not None:
        raise broken


def pick_lines(stream: BinaryIO, wanted: Iterable[int], prefix: str | None = None) -> Iterator[tuple[int, str]]:
    """Give the lines of some numbers, and those above them that begin with `prefix`, as `split_lines` would.

    Cost: a block without any of them is only searched for newlines; what lies behind the last is not read.
    """
    numbers = set(wanted)
    last, first = max(numbers, default=0), 1
    mark = prefix.encode() if prefix else None
    for block in split_blocks(stream):
        if first > last:
            return
        behind = first + (1 if isinstance(block, BadLine) else block.data.count(b"\n"))
        marked = mark is not None and isinstance(block, Block) and mark in block.data
        if marked or not numbers.isdisjoint(range(first, behind)):
            yield from _picked(block, first, numbers, prefix if marked else None)
        first = behind


def _picked(block: Block | BadLine, first: int, numbers: set[int], prefix: str | None) -> Iterator[tuple[int, str]]:
    for part in number_lines(block, first):
        if isinstance(part, Lines):
            for number, line in enumerate(part.lines, part.first):
                if number in numbers or (prefix is not None and line.startswith(prefix)):
                    yield number, line


def after(part: Lines | BadLine) -> int:
    """Give the number of the line behind a part."""
    return part.first + len(part.lines) if isinstance(part, Lines) else part.line + 1


def number_lines(block: Block | BadLine, first: int) -> Iterator[Lines | BadLine]:
    """Split a block into lines. `first` is the number of its first one."""
    if isinstance(block, BadLine):
        yield block._replace(line=first)
    else:
        yield from _parts(block.data, first, block.position)


def decode_line(data: bytes) -> str:
    """Give one line, its newline left out, as `split_lines` does."""
    return _text(data).removesuffix("\r")


def _cause(error: Exception) -> str:
    return str(error) if isinstance(error, CutStreamError) else f"cannot be read further: {error}"


def _parts(block: bytes, first: int, position: int) -> Iterator[Lines | BadLine]:
    """Split whole lines. A UTF-8 character has at most four bytes, so only long lines need to be measured in bytes."""
    text = _text(block)
    lines = text.split("\n")
    lines.pop()
    if lines and max(map(len, lines)) > LINE_BYTES // 4:
        yield from _measured(block, first, position - len(block))
        return
    if "\r" in text:
        lines = [line.removesuffix("\r") for line in lines]
    if lines:
        yield Lines(first, lines, position)


def _measured(block: bytes, first: int, position: int) -> Iterator[Lines | BadLine]:
    for number, line in enumerate(block[:-1].split(b"\n"), first):
        position += len(line) + 1
        if len(line) > LINE_BYTES:
            yield BadLine(number, TOO_LONG, _text(line[: 4 * TEXT_LIMIT]), position)
        else:
            yield Lines(number, [decode_line(line)], position)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
