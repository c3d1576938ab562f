"""Parts of files as files: a stretch of bytes, and a stream that may give only so much."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from graphmap.readers.compression import CutStreamError

if TYPE_CHECKING:
    from typing import BinaryIO


class Slice(io.RawIOBase):
    """`size` bytes of an open, seekable file, from `start`. Closing it closes the file.

    `read` raises CutStreamError where the file ends before the slice does.
    """

    def __init__(self, raw: BinaryIO, start: int, size: int) -> None:
        super().__init__()
        self._raw = raw
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as files do."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Give at most `size` bytes, all that are left when negative.

        Raises
        ------
        CutStreamError
            The file ends here, and the slice should not.
        """
        left = max(0, self._size - self._at)
        wanted = left if size < 0 else min(size, left)
        if not wanted:
            return b""
        self._raw.seek(self._start + self._at)
        data = self._raw.read(wanted)
        if not data:
            raise CutStreamError("the archive ends early")
        self._at += len(data)
        return data

    def close(self) -> None:
        """Close the file below."""
        self._raw.close()
        super().close()


class Bounded(io.RawIOBase):
    """A stream of at most `limit` bytes: `read` raises CutStreamError with `problem` where there are more.

    Where `exact`, it does so as well where there are fewer.
    """

    def __init__(self, raw: BinaryIO, limit: int, problem: str, *, exact: bool = False) -> None:
        super().__init__()
        self._raw = raw
        self._left = limit
        self._problem = problem
        self._exact = exact

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give at most `size` bytes."""
        if not size:
            return b""
        if not self._left and self._raw.read(1):
            raise CutStreamError(self._problem)
        data = self._raw.read(self._left if size < 0 else min(size, self._left)) if self._left else b""
        if not data and self._left and self._exact:
            raise CutStreamError("it is shorter than the archive says")
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the stream below."""
        self._raw.close()
        super().close()
