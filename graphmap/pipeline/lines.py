"""The log lines behind an answer, read back from where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.errors import InputError
from graphmap.model import Line
from graphmap.readers.compression import CutStreamError
from graphmap.readers.lines import BadLine, split_lines
from graphmap.readers.sources import find_sources
from graphmap.readers.spools import Spools

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphmap.readers.base import Source
    from graphmap.store.lake import Lake


WITNESSES = ("user", "src_ip", "src_host", "src_port", "pid")
"""What an event took from its line as it stands there."""


def quote(lines: Iterable[Line], lake: Lake) -> dict[Line, str]:
    """The text of lines whose file is still there, and still holds what was read from it.

    A log may have been rotated or written anew since. A line is quoted only where it holds the account, address, port
    and pid of every event that the lake has of it, so that nothing else is ever shown as the proof. Each file is read
    once, up to its last wanted line.

    Parameters
    ----------
    lines
        What to quote.
    lake
        The events that were read from them.
    """
    wanted: dict[str, list[Line]] = {}
    for line in lines:
        wanted.setdefault(line.file, []).append(line)
    held = _held(lake, wanted)
    spools = Spools()
    return {
        line: text
        for file, numbers in wanted.items()
        for line, text in _of_file(file, numbers, spools)
        if all(word in text.casefold() for word in held.get(line, ()))
    }


def _held(lake: Lake, wanted: dict[str, list[Line]]) -> dict[Line, set[str]]:
    """For each line, the words that it must hold."""
    numbers = [line.line for lines in wanted.values() for line in lines]
    events = (
        lake.scan(("file", "line", *WITNESSES))
        .filter(pl.col("file").is_in(list(wanted)) & pl.col("line").is_in(numbers))
        # an IPv6 address may be written in several ways
        .with_columns(src_ip=pl.when(~pl.col("src_ip").str.contains(":")).then("src_ip"))
        .collect()
    )
    held: dict[Line, set[str]] = {}
    for file, line, *words in events.iter_rows():
        held.setdefault(Line(file, line), set()).update(str(word).casefold() for word in words if word is not None)
    return held


def _of_file(file: str, lines: list[Line], spools: Spools) -> Iterator[tuple[Line, str]]:
    by_number = {line.line: line for line in lines}
    try:
        for source in find_sources([file], spools=spools):
            for number, text in _numbered(source, max(by_number)):
                if number in by_number:
                    yield by_number[number], text
    except (InputError, OSError, CutStreamError):
        return  # it was moved or rotated away since: the answer stands without its text


def _numbered(source: Source, last: int) -> Iterator[tuple[int, str]]:
    with source.open() as stream:
        for part in split_lines(stream):
            if isinstance(part, BadLine):
                continue
            if part.first > last:
                return
            yield from enumerate(part.lines, part.first)
