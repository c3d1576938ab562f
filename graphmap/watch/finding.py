"""Which files are there to follow, also those that a named log was rotated to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.sources import Found, find_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Identity = tuple[int, int]
"""Device and number of a file: it keeps them when it is renamed."""


class Seen(NamedTuple):
    """A file as it was found: `modified` is in seconds since 1970."""

    found: Found
    identity: Identity
    size: int
    modified: float


class Search:
    """Finds what paths name, again and again.

    A file that is named itself, and not by its folder or a pattern, is rotated to names beside it that nobody named.
    What was written to it while nobody looked is there: `rotated_since` says since when.

    Parameters
    ----------
    paths
        Files, folders and patterns; they need not lead anywhere yet.
    skip
        A folder that is not entered from above.
    rotated_since
        Seconds since 1970; rotated logs that were written before it are left alone.
    """

    def __init__(self, paths: Sequence[str], skip: Path, rotated_since: float) -> None:
        self.paths = tuple(paths)
        self.rotated_since = rotated_since
        self._skip = skip

    def find(self) -> Iterator[Seen]:
        """What is there now, each file once."""
        names = [*self.paths, *self._rotated()]
        for found in find_files(names, skip=[self._skip]):
            try:
                status = os.stat(found.path)  # noqa: PTH116 # many, often
            except OSError:
                continue
            yield Seen(found, (status.st_dev, status.st_ino), status.st_size, status.st_mtime)

    def _rotated(self) -> Iterator[str]:
        for text in self.paths:
            path = Path(text)
            if path.is_dir() or any(character in text for character in "*?["):
                continue
            try:
                beside = [entry for entry in os.scandir(path.parent) if entry.name.startswith(path.name)]
                for entry in sorted(beside, key=lambda entry: entry.name):
                    rest = entry.name[len(path.name) :]
                    if rest[:1] in {".", "-"} and entry.stat().st_mtime >= self.rotated_since:
                        yield entry.path
            except OSError:
                continue
