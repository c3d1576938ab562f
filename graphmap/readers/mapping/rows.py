"""Lines into rows of named fields: CSV, JSON, key=value, and the groups of a regular expression."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Protocol

import polars as pl

from graphmap.readers import json_lines
from graphmap.readers.mapping.model import Format

if TYPE_CHECKING:
    from graphmap.readers.mapping.model import Mapping

Row = Callable[[str], str | None]
"""Gives the text of a field."""

Read = list[Row] | str | None
"""The rows of a line, why it has none, or None for one that is part of the format and holds none."""

PATTERN_CHARACTERS = 65_536
"""A longer line is not matched: the time that an expression takes grows with the line."""
_SPACE = re.compile(r"\s")


class Rows(Protocol):
    """Reads the lines of one log, in file order."""

    def read(self, lines: Sequence[str]) -> Iterator[Read]:
        """Give what each line holds."""


def rows(mapping: Mapping) -> Rows:
    """The reader of a mapping's format, for one log."""
    match mapping.format:
        case Format.CSV:
            return Table(mapping)
        case Format.JSON:
            return JsonRows()
        case Format.KV:
            return Pairs(mapping.delimiter)
        case Format.REGEX:
            return Groups(mapping.pattern or "")


class Table:
    """CSV as RFC 4180 has it, but one line is one record: a quoted cell does not go over a line's end.

    The first line that is no comment is the header; where the mapping names the cells, files without one are read too.
    Names count in lower case, without space around them.
    """

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._names: tuple[str, ...] | None = None
        self._ended = False

    def read(self, lines: Sequence[str]) -> Iterator[Read]:
        """Give what each line holds."""
        return map(self._read, lines)

    def has(self, line: str) -> bool:
        """Whether a line is a header with every field that is wanted."""
        names = self._header(line)
        return bool(names) and all(any(plain(name) in names for name in group) for group in self._mapping.wanted)

    def _read(self, line: str) -> Read:
        self._ended |= bool(self._mapping.ends_at and line.startswith(self._mapping.ends_at))
        if self._ended or line.startswith("#"):
            return None
        if self._names is None and self.has(line):
            self._names = self._header(line)
            return None
        if self._names is None:
            if self._mapping.header is None:
                return "the header does not have the fields of the mapping"
            self._names = tuple(map(plain, self._mapping.header))
        return self._row(line, self._names)

    def _row(self, line: str, names: tuple[str, ...]) -> Read:
        cells = _cells(line, self._mapping.delimiter)
        if isinstance(cells, str):
            return cells
        if len(cells) != len(names):
            return f"{len(cells)} cells where the header has {len(names)}"
        if plain(cells[0]) == names[0] and tuple(map(plain, cells)) == names:
            return None
        found = dict(zip(names, cells, strict=True))
        return [lambda name: found.get(plain(name))]

    def _header(self, line: str) -> tuple[str, ...]:
        cells = _cells(line.removeprefix("\ufeff"), self._mapping.delimiter)
        return () if isinstance(cells, str) else tuple(map(plain, cells))


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The name of a cell as it counts."""
    return name.strip().casefold()


def _cells(line: str, delimiter: str) -> list[str] | str:
    if '"' not in line:
        return line.split(delimiter)
    try:
        (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        return f"not CSV: {error}"
    return cells


class JsonRows:
    """JSON, an object a line; the name of a nested field is a path such as ``source.ip``."""

    def read(self, lines: Sequence[str]) -> Iterator[Read]:
        """Give what each line holds."""
        for line in lines:
            found = json_lines.documents(line)
            yield [partial(json_lines.text, item) for item in found] if isinstance(found, list) else found


class Pairs:
    r"""``key=value`` with `delimiter` between pairs; a value may be in double quotes, with ``\"`` for one inside."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter

    def read(self, lines: Sequence[str]) -> Iterator[Read]:
        """Give what each line holds."""
        for line in lines:
            found = self.pairs(line)
            yield [found.get] if found else "no key=value"

    def pairs(self, line: str) -> dict[str, str]:
        """The pairs of a line; text that belongs to none is passed over. Cost: one pass."""
        found: dict[str, str] = {}
        at = 0
        while (equals := line.find("=", at)) >= 0:
            start = max(line.rfind(self._delimiter, at, equals), line.rfind(" ", at, equals), at - 1) + 1
            key, at = line[start:equals], equals + 1
            if line[at : at + 1] == '"':
                value, at = _quoted(line, at + 1)
            else:
                end = line.find(self._delimiter, at)
                end = len(line) if end < 0 else end
                value, at = line[at:end].strip(), end
            found.setdefault(key, value)
        return found


def _quoted(line: str, start: int) -> tuple[str, int]:
    end = start
    while (end := line.find('"', end)) >= 0:
        slash = end
        while slash > start and line[slash - 1] == "\\":
            slash -= 1
        if (end - slash) % 2 == 0:
            return line[start:end].replace('\\"', '"').replace("\\\\", "\\"), end + 1
        end += 1
    return line[start:], len(line)


class Groups:
    """The named groups of a regular expression, which may match anywhere in the line unless it says ``^`` and ``$``.

    It runs in the engine of the Rust crate regex, which never goes back in the text: the time it takes is linear in
    the line, whatever the expression and the line are. Expressions that need more than 10 MiB are refused.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def read(self, lines: Sequence[str]) -> Iterator[Read]:
        """Give what each line holds."""
        text = pl.Series("line", [line if len(line) <= PATTERN_CHARACTERS else None for line in lines], dtype=pl.String)
        matched = text.str.contains(self._pattern)
        groups = text.str.extract_groups(self._pattern).struct.unnest()
        for matches, found in zip(matched, groups.iter_rows(named=True), strict=True):
            if matches is None:
                yield f"line is longer than {PATTERN_CHARACTERS:,} characters"
            else:
                yield [found.get] if matches else "the expression does not match"
