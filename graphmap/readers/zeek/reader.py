"""The reader of Zeek's logs: which of them are known, and which way each block is read."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphmap.readers.batches import BATCH_LINES
from graphmap.readers.blocks import Block, Buffers, number_parts, read_blocks
from graphmap.readers.growing import pause
from graphmap.readers.lines import BadLine, after
from graphmap.readers.quotes import quote_lines
from graphmap.readers.sources import read_head
from graphmap.readers.speed import ZEEK_METER
from graphmap.readers.zeek.header import Header
from graphmap.readers.zeek.logs import PATHS, SOURCE, TIME
from graphmap.readers.zeek.objects import read_object, usual_log
from graphmap.readers.zeek.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator

    from graphmap.readers.base import Batch, Quote, ReadOptions, Source
    from graphmap.readers.lines import Lines

_FIRST_LINES = 32
_HEADER = re.compile(r"^([^\s\d{-]\S{0,15}?)separator \S+\n\1set_separator", re.MULTILINE)


class ZeekReader:
    """Reads conn, ssh, kerberos, ntlm, rdp, smb_mapping and dce_rpc; Zeek's other logs are counted and left alone."""

    name = "zeek"
    title = "Zeek's conn, ssh, kerberos, ntlm, rdp, smb_mapping and dce_rpc logs: TSV or JSON"

    def __init__(self, *, compiled: bool | None = None) -> None:
        """Prepare. `compiled`: read all with the compiled scanner, or nothing; None to decide by the amount."""
        self._compiled = compiled

    def sniff(self, head: bytes) -> bool:
        """Tell whether one of the first lines is a header of Zeek's or a JSON object with Zeek's fields."""
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "backslashreplace").split("\n")[:_FIRST_LINES]
        plain = [line.removesuffix("\r") for line in text]
        return _HEADER.search("\n".join(plain)) is not None or any(_is_object(x) or _names_columns(x) for x in plain)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options` do not matter: Zeek's times are complete.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        rows = Rows(self.name, source, usual_log(read_head(source)))
        buffers = Buffers()
        first, more = 1, True
        with source.follow() as stream:
            while more:
                first = yield from self._read(rows, read_blocks(stream, buffers), buffers, first)
                more = yield from pause(stream)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote lines; rows mean nothing without the header above them, objects of few fields without the first.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        return quote_lines(self, source, options, lines, first=_FIRST_LINES, prefix="#")

    def _read(
        self, rows: Rows, blocks: Iterator[Block | BadLine], buffers: Buffers, first: int
    ) -> Generator[Batch, None, int]:
        """Read blocks to the last; give the number of the line behind them."""
        position = 0
        for block in blocks:
            if fast := self._fast(block):
                behind: int = yield from fast.read_all(rows, chain([block], blocks), buffers, first)
                return behind
            for part in number_parts(block, first, buffers):
                first, position = after(part), part.position
                yield from _read(rows, part)
        yield from rows.batch.take(position)
        return first

    def _fast(self, block: Block | BadLine) -> Any | None:
        """Give the compiled scanner where it is wanted or, by default, pays."""
        if self._compiled is not None:
            return ZEEK_METER.load() if self._compiled else None
        return ZEEK_METER.scanner(block.end - block.start) if isinstance(block, Block) else None


def _read(rows: Rows, part: Lines | BadLine) -> Iterator[Batch]:
    if isinstance(part, BadLine):
        rows.reject(part.line, part.reason, part.text)
        return
    for start in range(0, len(part.lines), BATCH_LINES):
        for number, line in enumerate(part.lines[start : start + BATCH_LINES], part.first + start):
            rows.scan(number, line)
        if rows.batch.full:
            yield from rows.batch.take(part.position)


def _is_object(line: str) -> bool:
    fields = read_object(line) if line.startswith("{") else None
    return fields is not None and TIME in fields and (SOURCE in fields or any(name in fields for name in PATHS))


def _names_columns(line: str) -> bool:
    header = Header().after(line)
    return header is not None and TIME in header.fields
