"""What is received, on disk before it counts as received.

A spool is a folder of the home folder, ``received/NAME``, with log files that are followed as any other: so a restart,
a quotation and a second look at the evidence need nothing that files do not have.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from graphmap.config import PRIVATE
from graphmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLDER = "received"
MOST = 256 << 20
"""Bytes of a file: what a watch reads again of it when it was killed."""
_CHUNK = 1 << 16


class Spool:
    """One folder of received lines, written by one process.

    A file is named ``YYYY-MM-DD-NNNN.log`` by the day (UTC) on which it was begun. Each start, each day and each MOST
    bytes begin another one. None is ever removed here.

    Parameters
    ----------
    folder
        Made where it is missing.
    today
        Gives the date of today in UTC.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """

    def __init__(self, folder: Path, *, most: int = MOST, today: Callable[[], str] | None = None) -> None:
        self.folder = folder
        self._most = most
        self._today = today or (lambda: f"{datetime.now(UTC):%Y-%m-%d}")
        self._descriptor: int | None = None
        self._size = 0
        self._day = ""
        try:
            folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            self._mend()
        except OSError as error:
            raise StoreError(f"{folder}: {error.strerror}", hint="choose another --home") from error

    def append(self, lines: bytes) -> None:
        """Write whole lines, and return when they are on disk.

        Raises
        ------
        OSError
            They are not, and nothing of them is in the file: the disk is full, for one.
        """
        if not lines:
            return
        descriptor = self._file()
        try:
            done = 0
            while done < len(lines):
                done += os.write(descriptor, lines[done:])
            os.fdatasync(descriptor) if hasattr(os, "fdatasync") else os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, self._size)
            os.lseek(descriptor, self._size, os.SEEK_SET)
            raise
        self._size += len(lines)

    def close(self) -> None:
        """Give the file back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _file(self) -> int:
        day = self._today()
        if self._descriptor is None or self._day != day or self._size >= self._most:
            self.close()
            taken = [path.stem for path in self.folder.glob(f"{day}-*.log")]
            number = max((int(name[len(day) + 1 :]) for name in taken if name[len(day) + 1 :].isdigit()), default=0) + 1
            path = self.folder / f"{day}-{number:04}.log"
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            _sync_folder(self.folder)
            self._size, self._day = 0, day
        return self._descriptor

    def _mend(self) -> None:
        """Cut off the line that a power cut may have left half written: it never counted as received."""
        for path in sorted(self.folder.glob("*.log"))[-1:]:
            with path.open("r+b") as file:
                size = end = file.seek(0, os.SEEK_END)
                while end:
                    begin = max(0, end - _CHUNK)
                    file.seek(begin)
                    if found := file.read(end - begin).rfind(b"\n") + 1:
                        end = begin + found
                        break
                    end = begin
                if end < size:
                    file.truncate(end)


def listener_name(text: str) -> str:
    """The name of the folder of what was received at a place such as ``udp://127.0.0.1:5514``."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
