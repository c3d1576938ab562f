"""The chunks of an EVTX file: where their records are, and how damage is stepped over.

An EVTX file is a header of 4 KiB and chunks of 64 KiB. A chunk is complete in itself: the templates and names that its
records refer to lie in it. A record has a header (magic, size, number, time), BinXml, and its size again. Facts:
libyal's "Windows XML Event Log (EVTX) format", and MS-EVEN6 for BinXml.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, NamedTuple, cast

from evtx import PyEvtxParser

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
HEADER_BYTES = 4096
CHUNK_BYTES = 65_536
FIRST_RECORD = 512

_RECORD_MAGIC = b"\x2a\x2a\0\0"
_RECORD = struct.Struct("<4sIQQ")
_SMALLEST = _RECORD.size + 4
_FREE_SPACE = slice(48, 52)
_END_OF_STREAM = 0  # the BinXml token at which a decoder is content
_LATEST = 2_650_467_743_999_999_999  # the end of the year 9999, in 100 ns since 1601
_FILE_HEADER = struct.pack("<8sQQQIHHHH", FILE_MAGIC, 0, 0, 1, 128, 1, 3, HEADER_BYTES, 1).ljust(HEADER_BYTES, b"\0")
_CHUNK_HEADER = struct.pack("<8sQQQQIII", CHUNK_MAGIC, 1, 1 << 62, 1, 1 << 62, 128, 0, CHUNK_BYTES)


class Piece(NamedTuple):
    """A part of a chunk, by offsets: a record, or bytes where one should be."""

    start: int
    end: int
    sound: bool

    def __str__(self) -> str:
        return f"bytes {self.start} to {self.end} of the chunk"


class Lost(NamedTuple):
    """A piece that cannot be given: why, and what is known of it."""

    reason: str
    text: str


def pieces(chunk: bytes) -> list[Piece]:
    """Find the records of a chunk and the damage between them, up to where its header says that free space begins.

    Behind that lie remains of older records, which are no part of the log. The pieces follow each other without a gap.
    Cost: linear.
    """
    end = _end(chunk)
    found: list[Piece] = []
    at = FIRST_RECORD
    while at + _SMALLEST <= end:
        size = _size(chunk, at, end)
        following = at + size if size else _next(chunk, at + _SMALLEST, end)
        if size or following < end or any(chunk[at:end]):
            found.append(Piece(at, following, sound=bool(size)))
        at = following
    return found


def decode(chunk: bytes, found: list[Piece]) -> Iterator[str | Lost]:
    """Give each piece of a chunk as JSON, or why it is lost.

    The decoder is shown the chunk with a header of our own and with the damage in the shape of a record, so that it
    steps over it.
    """
    results = _decoded(_repaired(chunk, found)) if found else iter(())
    for piece in found:
        result = next(results, RuntimeError("the decoder stops before it"))
        if not piece.sound:
            yield Lost("bytes that are no record", str(piece))
        elif isinstance(result, str):
            yield result
        else:
            yield Lost("record cannot be decoded", f"{piece}: {result}")


def _decoded(chunk: bytes) -> Iterator[str | RuntimeError]:
    """Give what the decoder makes of one record after the other, until it stops."""
    records = PyEvtxParser(io.BytesIO(_FILE_HEADER + chunk), number_of_threads=1).records_json()
    while True:
        try:
            yield cast("dict[str, str]", next(records))["data"]
        except StopIteration:
            return
        except RuntimeError as error:
            yield error


def _repaired(chunk: bytes, found: list[Piece]) -> bytes:
    """Give a chunk in which every piece that is no record is an empty one.

    Nothing is moved: records refer to each other, and to templates in those that are damaged, by offset.
    """
    whole = bytearray(chunk.ljust(CHUNK_BYTES, b"\0"))
    whole[:FIRST_RECORD] = _CHUNK_HEADER.ljust(FIRST_RECORD, b"\0")
    for piece in found:
        if not piece.sound:
            _RECORD.pack_into(whole, piece.start, _RECORD_MAGIC, piece.end - piece.start, 0, 0)
            whole[piece.start + _RECORD.size] = _END_OF_STREAM
    return bytes(whole)


def _end(chunk: bytes) -> int:
    free = int.from_bytes(chunk[_FREE_SPACE], "little")
    return free if chunk.startswith(CHUNK_MAGIC) and FIRST_RECORD <= free <= len(chunk) else len(chunk)


def _next(chunk: bytes, at: int, end: int) -> int:
    """Find the next record; the end where there is none."""
    while (at := chunk.find(_RECORD_MAGIC, at, end)) >= 0:
        if _size(chunk, at, end):
            return at
        at += 1
    return end


def _size(chunk: bytes, at: int, end: int) -> int:
    """Give the size of the record that begins here; 0 where none does."""
    if at + _SMALLEST > end:
        return 0
    magic, size, _, filetime = _RECORD.unpack_from(chunk, at)
    if magic != _RECORD_MAGIC or filetime > _LATEST or not _SMALLEST <= size <= end - at:
        return 0
    closed = int.from_bytes(chunk[at + size - 4 : at + size], "little") == size
    followed = at + size == end or chunk.startswith(_RECORD_MAGIC, at + size)
    return size if closed or followed else 0
