"""Folders that can be made again at any time: each has a key, appears whole or not at all, and goes when unused.

A process that uses a folder holds a shared lock on it, one that makes it an exclusive one; the system drops the locks
of a process that dies. So what nobody locks may be removed, the remains of a killed process as well.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from graphmap.config import PRIVATE
from graphmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT = 2
"""Folders that stay, the ones used last: an old one serves who asks with another gap in turns."""

_MAKING = ".making-"


class Entry:
    """A folder of the cache, which stays while this object lives."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    def __del__(self) -> None:
        """Give the lock back."""
        with suppress(OSError):
            os.close(self._lock)


class Cache:
    """The folders under one path. Several processes may use and fill it at once.

    Parameters
    ----------
    path
        Made, for its owner alone, when something is first kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, key: str) -> Entry | None:
        """The folder of a key; None where there is none. It counts as used then."""
        entry = self._opened(self.path / key)
        if entry:
            with suppress(OSError):  # another user made it
                os.utime(entry.path)
        return entry

    @staticmethod
    def _opened(folder: Path) -> Entry | None:
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return None
        entry = Entry(folder, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return entry if os.path.samestat(os.fstat(lock), folder.stat()) else None
        except OSError:  # somebody is removing it
            return None

    def entries(self) -> Iterator[Entry]:
        """All folders that are whole, the one that was used last first."""
        try:
            found = [(entry.stat().st_mtime, entry.name) for entry in os.scandir(self.path) if entry.is_dir()]
        except OSError:
            return
        for _, name in sorted(found, reverse=True):
            if not name.startswith(_MAKING) and (entry := self._opened(self.path / name)):
                yield entry

    @property
    def is_writable(self) -> bool:
        """Whether something can be kept here."""
        folder = next(folder for folder in (self.path, *self.path.parents) if folder.exists())
        return folder.is_dir() and os.access(folder, os.W_OK)

    @contextmanager
    def making(self, key: str) -> Iterator[Path]:
        """An empty folder, which becomes that of the key when the block ends without an error.

        Where another process was quicker, its folder stays: both hold the same.

        Raises
        ------
        StoreError
            The folder cannot be made or kept, or something in the block raised an OSError.
        """
        try:
            self.path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            self._sweep(KEPT - 1)
            fresh = self.path / os.path.basename(tempfile.mkdtemp(prefix=_MAKING, dir=self.path))  # noqa: PTH119
            lock = os.open(fresh, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield fresh
                _write_through(fresh)
                with suppress(FileExistsError, OSError):
                    fresh.rename(self.path / key)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
                os.close(lock)
        except OSError as error:
            hint = "free some space on that disk, or remove that folder: it is made again when it is needed"
            raise StoreError(f"{self.path}: {error}", hint=hint) from error

    def _sweep(self, kept: int) -> None:
        """Remove what nobody uses, but for the folders that were used last."""
        folders = [(entry.stat().st_mtime, entry.name) for entry in os.scandir(self.path) if entry.is_dir()]
        whole = sorted((one for one in folders if not one[1].startswith(_MAKING)), reverse=True)[:kept]
        for one in folders:
            if one not in whole:
                self._remove(self.path / one[1])

    @staticmethod
    def _remove(folder: Path) -> None:
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _write_through(folder: Path) -> None:
    """Wait until the disk holds what is in a folder: a name must not outlive a power cut without its content."""
    for path in folder.iterdir():
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
