r"""The lines above the rows of a Zeek TSV log, and the escapes in the rows.

Source: Zeek's ASCII writer (src/logging/writers/ascii/Ascii.cc, base/frameworks/logging/writers/ascii.zeek): all its
marks can be set. Bytes that could be taken for one of them, and those that cannot be printed, are written ``\xNN``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from graphmap.readers.zeek.logs import SOURCE, TIME, marked

_SEPARATOR = re.compile(r"(?P<prefix>[^\s\d{-]\S{0,15}?)separator (?P<separator>\S+)")
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|\\)")
_SETS = ("set[", "vector[")
_DEFAULT_PREFIX = "#"


class Header(NamedTuple):
    """What the lines above say of the rows below them."""

    prefix: str = _DEFAULT_PREFIX
    separator: str = "\t"
    set_separator: str = ","
    empty: str = "(empty)"
    unset: str = "-"
    path: str | None = None
    fields: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def after(self, line: str) -> Header | None:
        """The header with what a line says; None for a line that says nothing, which is a row."""
        if match := _SEPARATOR.fullmatch(line):
            return Header(match["prefix"], unescape(match["separator"]))
        if line.startswith(self.prefix):
            return self._told(line.removeprefix(self.prefix))
        names = tuple(line.split("\t"))
        if names[0] == TIME and SOURCE in names:  # LogAscii::tsv writes the names alone
            return Header(path=marked(names) or "", fields=names)
        return None

    def cells(self, line: str) -> list[str]:
        """The cells of a row, as they stand there."""
        return line.split(self.separator)

    def value(self, column: int, cell: str) -> str | None:
        """What a cell says; None where the field is not set."""
        if cell == self.unset:
            return None
        if cell == self.empty:
            return ""
        if self.set_separator != "," and column < len(self.types) and self.types[column].startswith(_SETS):
            return ",".join(map(unescape, cell.split(self.set_separator)))
        return unescape(cell)

    def _told(self, line: str) -> Header:
        name, *values = line.split(self.separator)
        value = values[0] if values else ""
        if name == "set_separator":
            return self._replace(set_separator=unescape(value) or ",")
        if name == "empty_field":
            return self._replace(empty=value)
        if name == "unset_field":
            return self._replace(unset=value)
        if name == "path":
            return self._replace(path=unescape(value))
        if name == "fields":
            return self._replace(fields=tuple(values))
        return self._replace(types=tuple(values)) if name == "types" else self


def unescape(text: str) -> str:
    r"""Undo ``\xNN`` and ``\\``; what is no UTF-8 then stays ``\xNN``, as everywhere."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_byte, text.encode()).decode("utf-8", "backslashreplace")


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode()) if match[1] else b"\\"
