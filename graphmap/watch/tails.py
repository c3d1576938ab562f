"""An open file that grows: how far its whole lines reach, and whether it is still the file that was read."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast

from graphmap.readers.growing import Growing

if TYPE_CHECKING:
    import hashlib
    from pathlib import Path

CHUNK = 1 << 20
MARK = 256
"""Bytes at the start and before the place that was reached, by which a file is known again."""


class Tail:
    """A file that is read as it grows, held open whatever becomes of its name.

    Attributes
    ----------
    size
        Bytes that it had at the last `look`.
    limit
        Bytes of its whole lines at the last `look`.
    at
        Bytes that a reader was given.
    ended
        No more will come: what is behind the last newline is a line as well.
    cut
        It was found shorter than it had been, or other than it had been.
    """

    def __init__(self, path: Path) -> None:
        """Open a file. Raises OSError where that cannot be done."""
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        self.size = self.limit = self.at = 0
        self.ended = self.cut = False
        self.digest: hashlib.blake2b | None = None
        self.followed = False
        self._searched = 0
        self._state = (0, 0)
        self._start = self._last = b""

    @property
    def modified(self) -> datetime:
        """When it was last written."""
        return datetime.fromtimestamp(os.fstat(self._descriptor).st_mtime, UTC)

    @property
    def identity(self) -> tuple[int, int]:
        """Its device and number there, by which it is known under every name."""
        status = os.fstat(self._descriptor)
        return status.st_dev, status.st_ino

    @property
    def waiting(self) -> bool:
        """Whether there are whole lines that no reader was given."""
        return self.limit > self.at

    def now(self) -> int:
        """Bytes that it has now."""
        return os.fstat(self._descriptor).st_size

    def look(self) -> bool:
        """See how far it reaches now. False, and `cut` set, where it is no longer what was read."""
        status = os.fstat(self._descriptor)
        state = status.st_size, status.st_mtime_ns
        if state == self._state:
            return not self.cut
        self.size, self._state = status.st_size, state
        if self.size < max(self.at, self._searched) or not self._is_same():
            self.cut = True
            self.give_up()
            return False
        if self.size > self._searched:
            self._find_limit()
        return True

    def end(self) -> None:
        """Nothing more will come."""
        if not self.cut and self.look():
            self.limit = self.size
        self.ended = True

    def give_up(self) -> None:
        """Read no more of it."""
        self.ended = True
        self.limit = self.at

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)

    def read(self, size: int, place: int) -> bytes:
        """At most so many bytes of a place."""
        return os.pread(self._descriptor, size, place)

    def open(self) -> BinaryIO:
        """What is there by now, from the start."""
        return io.BufferedReader(_Part(self, os.fstat(self._descriptor).st_size), CHUNK)

    def follow(self) -> BinaryIO:
        """All of it, from the start, as it grows."""
        self.followed = True
        return cast("BinaryIO", _Following(self))

    def took(self, data: bytes) -> None:
        """Bytes that a reader is given: hash them, and know them again."""
        if self.digest is not None:
            self.digest.update(data)
        self.at += len(data)
        if len(self._start) < MARK:
            self._start += data[: MARK - len(self._start)]
        self._last = (self._last + data[-MARK:])[-MARK:]

    def _is_same(self) -> bool:
        """Whether what was read still stands where it stood; a file that is cut may have grown beyond that since."""
        begin = self.at - len(self._last)
        return self.read(len(self._last), begin) == self._last and self.read(len(self._start), 0) == self._start

    def _find_limit(self) -> None:
        """Find the last newline in what is new; each byte is looked at once."""
        end = self.size
        while end > self._searched:
            begin = max(self._searched, end - CHUNK)
            if found := self.read(end - begin, begin).rfind(b"\n") + 1:
                self.limit = begin + found
                break
            end = begin
        self._searched = self.size


class _Part(io.RawIOBase):
    """The first bytes of a file, whatever is read of it elsewhere."""

    def __init__(self, tail: Tail, size: int) -> None:
        super().__init__()
        self._tail, self._size, self._at = tail, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._tail.read(max(0, min(len(buffer), self._size - self._at)), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Following(Growing):
    """The whole lines of a tail, as they come. A file that is cut short while it is read ends behind a whole line."""

    def __init__(self, tail: Tail) -> None:
        super().__init__()
        self._tail = tail
        self._chunk = memoryview(b"")
        self._given = 0

    def readable(self) -> bool:
        return True

    @property
    def more(self) -> bool:
        return bool(self._chunk) or self._tail.waiting or not self._tail.ended

    def tell(self) -> int:
        return self._given

    def read(self, size: int = -1) -> bytes:
        if not self._chunk:
            self._chunk = memoryview(self._load())
        data = bytes(self._chunk if size < 0 else self._chunk[:size])
        self._chunk = self._chunk[len(data) :]
        self._given += len(data)
        return data

    def _load(self) -> bytes:
        """The next bytes up to a newline, or to the limit where the file has ended."""
        tail = self._tail
        data = b""
        while tail.at + len(data) < tail.limit:
            more = tail.read(min(CHUNK, tail.limit - tail.at - len(data)), tail.at + len(data))
            data += more
            if not more:  # cut short since the last look
                data = data[: data.rfind(b"\n") + 1]
                tail.limit = tail.at + len(data)
                break
            if whole := data.rfind(b"\n") + 1:
                if tail.at + len(data) < tail.limit:
                    data = data[:whole]
                break
        tail.took(data)
        return data
