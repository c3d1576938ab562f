"""A file of one line for each message."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphmap.alerts.forms import JSON, LINES, line_of
from graphmap.errors import DeliveryError

if TYPE_CHECKING:
    from graphmap.alerts.entry import Entry
    from graphmap.alerts.message import Message

MODE = 0o600


@dataclass(frozen=True, slots=True)
class LineFile:
    """Which file, in which shape."""

    path: Path
    format: str = JSON

    @property
    def where(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def together(self) -> int:
        """A line for each finding."""
        return 1

    def send(self, message: Message, timeout: float) -> str:  # noqa: ARG002 # a disk has no deadline
        """Append a line and wait until it is on the disk. Half a line that a killed writer left is ended first.

        Raises
        ------
        DeliveryError
            It cannot be written, or is no ordinary file.
        """
        line = line_of(self.format, message).encode(errors="replace") + b"\n"
        try:
            new = not self.path.exists()
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC, MODE)
            with open(descriptor, "rb+", buffering=0) as file:  # noqa: PTH123 # it is open already
                fcntl.flock(file, fcntl.LOCK_EX)
                end = file.seek(0, os.SEEK_END)
                if end and os.pread(descriptor, 1, end - 1) != b"\n":
                    line = b"\n" + line
                _write(descriptor, line)
                os.fsync(descriptor)
            if new:
                _sync_folder(self.path.parent)
        except OSError as error:
            raise DeliveryError(f"{self.path}: {error.strerror or error}") from error
        return f"{len(line):,} bytes appended"


def _write(descriptor: int, line: bytes) -> None:
    while line:
        line = line[os.write(descriptor, line) :]


def _sync_folder(folder: Path) -> None:
    """Let the name of a new file reach the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_file(entry: Entry) -> LineFile:
    """Read an entry of kind ``file``."""
    entry.needed("path", "write the file's name; a relative one is in the home folder")
    path = entry.path("path")
    if path is None:
        raise AssertionError("a needed key is there")
    return LineFile(path, entry.choice("format", LINES, JSON))
