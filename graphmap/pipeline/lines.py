"""The log lines behind an answer, read back from where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.errors import InputError
from graphmap.readers.compression import CutStreamError
from graphmap.readers.lines import BadLine, split_lines
from graphmap.readers.sources import find_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphmap.model import Line
    from graphmap.readers.base import Source


def quote(lines: Iterable[Line]) -> dict[Line, str]:
    """The text of lines, of those whose file is still there; each file is read once, up to its last wanted line."""
    wanted: dict[str, list[Line]] = {}
    for line in lines:
        wanted.setdefault(line.file, []).append(line)
    return {line: text for file, numbers in wanted.items() for line, text in _of_file(file, numbers)}


def _of_file(file: str, lines: list[Line]) -> Iterator[tuple[Line, str]]:
    by_number = {line.line: line for line in lines}
    try:
        for source in find_sources([file]):
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
