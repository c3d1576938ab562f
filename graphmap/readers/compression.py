"""Decompression by content: gzip, bzip2, xz and Zstandard, members in a row, streams that end early.

The first bytes decide, never the name: rotated logs are often named wrongly. Memory is bounded: no step gives much
more than 1 MiB, so a file that inflates a thousandfold does not fill the memory.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP = 1 << 20
_XZ_MEMORY = 1 << 28
_MAGIC_BYTES = 6
_ZSTD_PIECE = 1024  # a Zstandard block of four bytes can stand for 128 KiB, so input is fed in small pieces


class CutStreamError(Exception):
    """A compressed stream ends early or is damaged; everything before that point was already given."""


class Inflater(Protocol):
    """Decompresses one member of a stream."""

    def feed(self, data: bytes) -> bytes:
        """Take compressed bytes (empty to go on with those it has), give some decompressed ones."""

    @property
    def hungry(self) -> bool:
        """It can give nothing more without more input."""

    @property
    def finished(self) -> bool:
        """The member is complete."""

    @property
    def rest(self) -> bytes:
        """Input after the end of the member."""


class _Zlib:
    """Deflate (RFC 1951) by zlib, inside a gzip header (RFC 1952) or, in zip archives, bare."""

    def __init__(self, *, bare: bool = False) -> None:
        self._inflate = zlib.decompressobj(wbits=-15 if bare else 31)

    def feed(self, data: bytes) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, _STEP)

    @property
    def hungry(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def finished(self) -> bool:
        return self._inflate.eof

    @property
    def rest(self) -> bytes:
        return self._inflate.unused_data


class _Blocks:
    """bzip2 and xz, whose decompressors have one shape."""

    def __init__(self, inflate: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inflate = inflate

    def feed(self, data: bytes) -> bytes:
        return self._inflate.decompress(data, _STEP)

    @property
    def hungry(self) -> bool:
        return self._inflate.needs_input

    @property
    def finished(self) -> bool:
        return self._inflate.eof

    @property
    def rest(self) -> bytes:
        return self._inflate.unused_data


class _Zstandard:
    """RFC 8878. The library bounds no output, so its input is given in small pieces."""

    def __init__(self) -> None:
        self._inflate = zstandard.ZstdDecompressor().decompressobj()
        self._waiting = b""

    def feed(self, data: bytes) -> bytes:
        data = self._waiting + data
        piece, self._waiting = data[:_ZSTD_PIECE], data[_ZSTD_PIECE:]
        return self._inflate.decompress(piece) if piece else b""

    @property
    def hungry(self) -> bool:
        return not self._waiting

    @property
    def finished(self) -> bool:
        return self._inflate.eof

    @property
    def rest(self) -> bytes:
        return self._inflate.unused_data + self._waiting


_FORMATS: tuple[tuple[bytes, Callable[[], Inflater]], ...] = (
    (b"\x1f\x8b", _Zlib),
    (b"BZh", lambda: _Blocks(bz2.BZ2Decompressor())),
    (b"\xfd7zXZ\x00", lambda: _Blocks(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY))),
    (b"\x28\xb5\x2f\xfd", _Zstandard),
)
_DAMAGE = (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError)


def inflater(head: bytes) -> Inflater | None:
    """Choose a decompressor by the first bytes of a stream; None where they are those of no compressed format."""
    return next((make() for magic, make in _FORMATS if head.startswith(magic)), None)


def zip_inflater(method: int) -> Inflater | None:
    """Choose a decompressor by the method of a zip member (APPNOTE.TXT 4.4.5); None for any that is not read."""
    match method:
        case 8:
            return _Zlib(bare=True)
        case 12:
            return _Blocks(bz2.BZ2Decompressor())
        case 93:
            return _Zstandard()
    return None


class Inflated(io.RawIOBase):
    """The decompressed bytes of a compressed stream, all its members one after the other.

    `read` raises CutStreamError once everything that could be decompressed was given and the stream has no proper end.
    """

    def __init__(self, raw: BinaryIO, member: Inflater) -> None:
        super().__init__()
        self._raw = raw
        self._member: Inflater | None = member
        self._input = b""
        self._ready = b""
        self._problem: str | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give at most `size` decompressed bytes (all that are ready when negative); empty at the end.

        Raises
        ------
        CutStreamError
            The stream ends early, is damaged, or is followed by other bytes.
        """
        while not self._ready and self._problem is None and self._member is not None:
            self._advance(self._member)
        if not self._ready and self._problem is not None:
            raise CutStreamError(self._problem)
        end = len(self._ready) if size < 0 else size
        data, self._ready = self._ready[:end], self._ready[end:]
        return data

    def close(self) -> None:
        """Close the file below."""
        self._raw.close()
        super().close()

    def _advance(self, member: Inflater) -> None:
        try:
            if member.hungry and not self._input:
                self._input = self._raw.read(1 << 16)
                if not self._input:
                    self._problem = "compressed stream ends early"
                    return
            data, self._input = self._input, b""
            self._ready = member.feed(data)
        except _DAMAGE as error:
            self._problem = f"compressed stream is damaged: {error}"
            return
        if member.finished:
            self._next_member(member.rest)

    def _next_member(self, rest: bytes) -> None:
        """Go on behind a member's end; zero bytes there are padding (tape blocks, xz stream padding)."""
        rest = rest.lstrip(b"\0")
        while len(rest) < _MAGIC_BYTES and (more := self._raw.read(1 << 16)):
            rest = (rest + more).lstrip(b"\0")
        self._member = inflater(rest) if rest else None
        self._input = rest
        if rest and self._member is None:
            self._problem = "bytes after the compressed stream are not read"


def open_inflated(raw: BinaryIO) -> BinaryIO:
    """Wrap an open, seekable file so that it gives decompressed bytes, whatever it is compressed with."""
    member = inflater(raw.read(_MAGIC_BYTES))
    raw.seek(0)
    return raw if member is None else cast("BinaryIO", Inflated(raw, member))
