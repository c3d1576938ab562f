"""How a watch goes about its work."""

from __future__ import annotations

from dataclasses import dataclass

from graphmap.pipeline.ingest import GATHERED_ROWS


@dataclass(frozen=True, slots=True)
class Pace:
    """All in seconds, but for `spacing` and numbers of rows, files, bytes and commits.

    Parameters
    ----------
    every
        Logs are read, and what is new is written, so often at most; in quiet times, at once.
    eager
        Bytes behind from which on logs are read before that. Each log costs some milliseconds each time that it is
        read, however little is new of it.
    rows
        Events and rejects that are gathered at most.
    search
        How long no file is looked for after the last search.
    still
        A file that can only be read as a whole is read when it has not changed for so long.
    patience
        And if it goes on changing, so long after it began to.
    spacing
        A file that was read as a whole is left alone for so many times as long as that took.
    settled
        A file that was not written for so long when it is first found is read as a whole: it is no longer written.
    linger
        A file that is no longer at any of the paths is over when it has not grown for so long.
    portion
        Bytes of files that are read as a whole before growing logs are looked at again.
    open_files
        Logs that are held open; of more, those that have been quiet for longest are let go, and read again from their
        start when they grow.
    compact
        Commits after which the lake's small files are joined.
    """

    every: float = 5.0
    eager: int = 16 << 20
    rows: int = GATHERED_ROWS
    search: float = 1.0
    still: float = 3.0
    patience: float = 60.0
    spacing: float = 10.0
    settled: float = 3600.0
    linger: float = 30.0
    portion: int = 256 << 20
    open_files: int = 500
    compact: int = 500
