"""What sshd and Dropbear wrote to the systemd journal, exported by ``journalctl -o export``.

Source: JOURNAL_EXPORT_FORMATS of systemd. An entry is lines ``NAME=VALUE`` up to a blank line; a value that is not
printable stands behind ``NAME`` and a newline as its length (64 bits, little-endian), its bytes and a newline.
"""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.batches import BatchBuilder
from graphmap.readers.compression import CutStreamError
from graphmap.readers.journald import ENTRY_FIELDS, entry_of, put_entry
from graphmap.readers.lines import LINE_BYTES, TEXT_LIMIT
from graphmap.readers.quotes import take_quote
from graphmap.readers.sshd import Conversations

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import BinaryIO

    from graphmap.readers.base import Batch, Quote, ReadOptions, Source

_BLOCK = 1 << 16
_LARGEST = 768 << 20  # no field is larger: DATA_SIZE_MAX of journal-importer.h
_FIRST = re.compile(rb"__[A-Z0-9_]{1,63}=[^\n]*\n")  # __CURSOR=s=6c7c6013a26343b29e964691ff25d04c;i=4fc72436e
_NAME = re.compile(rb"[A-Z_][A-Z0-9_]{0,63}")
_SIZE = struct.Struct("<Q")


class JournaldExportReader:
    """Reads ``journalctl -o export``; an entry counts as one line, and its first line's number is the event's."""

    name = "journald-export"
    title = "OpenSSH and Dropbear in the systemd journal: journalctl -o export"

    def sniff(self, head: bytes) -> bool:
        """Tell whether the first line is one of the journal's own fields, and an entry's time stamp follows."""
        text = head.lstrip(b"\n")
        return _FIRST.match(text) is not None and b"__REALTIME_TIMESTAMP=" in text

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options` do not matter: the journal's stamps are complete.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        batch = BatchBuilder(self.name, source)
        conversations = Conversations()
        with source.open() as stream:
            text = _Text(stream)
            while (found := _next_entry(text)) is not None:
                batch.lines += 1
                if found.fault:
                    batch.reject(found.line, found.fault, found.text)
                else:
                    put_entry(batch, conversations, found.line, entry_of(dict(found.fields)), found.text)
                if batch.full:
                    yield from batch.take(text.position)
            yield from batch.take(text.position)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote entries as JSON of the fields that are looked at: in the export's own form text could pass for fields.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        last = max(lines, default=0)
        with source.open() as stream:
            text = _Text(stream)
            while text.line <= last and (found := _next_entry(text)) is not None:
                if found.line in lines and not found.fault:
                    batch = BatchBuilder(self.name, source)
                    put_entry(batch, Conversations(), found.line, entry_of(dict(found.fields)), found.text)
                    yield take_quote(batch, found.line, json.dumps(found.fields, ensure_ascii=False))


class _Found(NamedTuple):
    """One entry: the number of its first line, the fields that are looked at, or what is wrong with it."""

    line: int
    fields: dict[str, str]
    text: str
    fault: str | None


class _Text:
    """A stream as lines and as blocks of bytes, in bounded memory. `line` is the number of the next line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._data = b""
        self._at = 0
        self._ended = False
        self._fault: str | None = None
        self.position = 0
        self.line = 1

    def take_fault(self) -> str | None:
        """Give once why the stream could not be read to its end."""
        fault, self._fault = self._fault, None
        return fault

    def read_line(self) -> bytes | None:
        """Give the next line with its newline, of a longer one the first MiB; None at the end."""
        kept = b""
        while True:
            end = self._data.find(b"\n", self._at) + 1
            part = self._take((end or len(self._data)) - self._at)
            if len(kept) <= LINE_BYTES:
                kept += part
            if end:
                self.line += 1
                return kept
            if not self._fill():
                return kept or None

    def read_bytes(self, size: int, *, keep: int) -> bytes | None:
        """Give the first `keep` of the next `size` bytes and pass over the others; None where the stream is shorter."""
        kept = b""
        while size:
            if self._at == len(self._data) and not self._fill():
                return None
            part = self._take(min(size, len(self._data) - self._at))
            size -= len(part)
            self.line += part.count(b"\n")
            kept += part[: max(0, keep - len(kept))]
        return kept

    def _take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        self._at += len(part)
        self.position += len(part)
        return part

    def _fill(self) -> bool:
        """Read the next block, when all of the last one has been taken."""
        self._data, self._at = b"", 0
        try:
            self._data = b"" if self._ended else self._stream.read(_BLOCK)
        except (CutStreamError, OSError) as error:
            self._fault = str(error) if isinstance(error, CutStreamError) else f"cannot be read further: {error}"
        self._ended = not self._data
        return bool(self._data)


def _next_entry(text: _Text) -> _Found | None:
    """Read up to the blank line behind an entry; None at the end of the stream."""
    while (line := text.read_line()) == b"\n":
        pass
    if line is None:
        fault = text.take_fault()
        return _Found(text.line, {}, "", fault) if fault else None
    first = text.line - line.count(b"\n")
    shown: list[bytes] = []
    fields: dict[str, str] = {}
    while line not in {b"\n", None}:
        shown.append(line or b"")
        fault = _read_field(text, line or b"", fields)
        if fault:
            _skip_entry(text)
            return _Found(first, {}, _shown(shown), text.take_fault() or fault)
        line = text.read_line()
    return _Found(first, fields, _shown(shown), text.take_fault())


def _read_field(text: _Text, line: bytes, fields: dict[str, str]) -> str | None:
    """Read the field that begins with a line; give what is wrong with it, None where nothing is."""
    name, equals, value = line.removesuffix(b"\n").partition(b"=")
    if not line.endswith(b"\n"):
        return "entry is cut"
    if not _NAME.fullmatch(name):
        return "not a field of the journal"
    wanted = name.decode() in ENTRY_FIELDS
    if not equals:
        size = text.read_bytes(_SIZE.size, keep=_SIZE.size)
        length = _SIZE.unpack(size)[0] if size else _LARGEST + 1
        if length > _LARGEST:
            return "length of a field cannot be"
        found = text.read_bytes(length, keep=LINE_BYTES if wanted else 0)
        if found is None or text.read_bytes(1, keep=1) != b"\n":
            return "entry is cut"
        value = found
    if wanted:
        fields.setdefault(name.decode(), value.decode("utf-8", "backslashreplace"))
    return None


def _skip_entry(text: _Text) -> None:
    while text.read_line() not in {b"\n", None}:
        pass


def _shown(lines: list[bytes]) -> str:
    return b"".join(lines[:16])[: 4 * TEXT_LIMIT].decode("utf-8", "backslashreplace")
