"""One log that is followed: its reader, what was counted of it, and when it is over."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from graphmap.pipeline.ingest import Tally
from graphmap.pipeline.reading import look
from graphmap.pipeline.repeats import RejectRepeats
from graphmap.readers.archives import archive_kind
from graphmap.readers.base import HEAD_BYTES, Source
from graphmap.readers.compression import inflater
from graphmap.readers.growing import PAUSED
from graphmap.readers.sources import path_text
from graphmap.watch.tails import Tail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphmap.pipeline.reading import Log
    from graphmap.readers.base import Batch, ReadOptions

_NUMBERS = count()
_PACKED = 512
"""Bytes that tell whether a file is an archive."""


class Whole(NamedTuple):
    """A file that cannot be followed: it is packed, or its reader needs all of it at once."""


class Follower:
    """A log that is read as it grows.

    Make one with `follow`. Its reader works only in `pull`, so memory is that of one batch and of what the reader
    knows of the lines before.
    """

    def __init__(self, tail: Tail, log: Log, options: ReadOptions) -> None:
        self.tail = tail
        self.number = next(_NUMBERS)
        """No other follower of the process has it."""
        self.tally = Tally.of(log)
        self.over = False
        """All of it was read, and no more will come."""
        self._log = log
        self._options = options
        self._batches: Iterator[Batch] = iter(log.reader.read(log.source, options))
        self._rejects = RejectRepeats()
        self._paused = False
        self._sniffed = tail.size
        self._digest = tail.digest = log.digest()

    @property
    def reader(self) -> str:
        """The name of its reader."""
        return self._log.reader.name

    @property
    def name(self) -> str:
        """The name of the log when it was taken up."""
        return self._log.source.name

    @property
    def whole(self) -> bool:
        """Whether it was read to its end, and is still what was read."""
        return self.over and not self.tail.cut and self.tail.size == self.tail.at

    @property
    def behind(self) -> int:
        """Bytes that are there now and were not given to its reader."""
        return 0 if self.tail.cut else max(0, self.tail.now() - self.tail.at)

    @property
    def busy(self) -> bool:
        """Whether `pull` has something to give."""
        return not self.over and (not self._paused or self.tail.waiting or self.tail.ended)

    def pull(self) -> Batch | None:
        """The next part of the log, the repeats of its rejects counted; None where there is no more for now."""
        if not self.busy:
            return None
        self._paused = False
        batch = next(self._batches, None)
        if batch is None:
            self.over = True
        elif batch is PAUSED:
            self._paused = True
        else:
            batch = replace(batch, rejects=self._rejects.number(batch.rejects))
            self.tally.take(batch)
            return batch
        return None

    def mistaken(self) -> bool:
        """Whether its first bytes, of which there are more now, are those of a log that another reader takes.

        Asked each time that the log has doubled, until there are enough first bytes.
        """
        size = self.tail.size
        if self._sniffed >= HEAD_BYTES or size < 2 * self._sniffed:
            return False
        self._sniffed = size
        found = look(self._log.source, self._options)
        return found is not None and found.reader.name != self.reader

    def fingerprint(self) -> str:
        """Of what was read of it so far; see `graphmap.pipeline.reading.Log`."""
        return self._digest.copy().hexdigest()

    def first_bytes(self) -> str:
        """The fingerprint of the first bytes of what was read of it so far."""
        digest = self._log.digest()
        digest.update(self.tail.read(min(HEAD_BYTES, self.tail.at), 0))
        return digest.hexdigest()


def follow(path: Path, host: str | None, options: ReadOptions) -> Follower | Whole | None:
    """Open a log to follow it.

    Returns
    -------
    The follower; or Whole, where the file can only be read as a whole; or None where no reader knows it.

    Raises
    ------
    OSError
        It cannot be opened.
    """
    tail = Tail(path)
    try:
        found = _follow(tail, path, host, options)
    except BaseException:
        tail.close()
        raise
    if not isinstance(found, Follower):
        tail.close()
    return found


def _follow(tail: Tail, path: Path, host: str | None, options: ReadOptions) -> Follower | Whole | None:
    head = tail.read(_PACKED, 0)
    if inflater(head) is not None or archive_kind(head) is not None:
        return Whole()
    tail.look()
    log = look(Source(path_text(path), tail.open, tail.modified, host, tail.follow), options)
    if log is None:
        return None
    if not _follows(log, options, tail):
        return Whole()
    return Follower(tail, log, options)


def _follows(log: Log, options: ReadOptions, tail: Tail) -> bool:
    """Whether a reader follows; it is asked to read nothing, which costs nothing."""
    limit, tail.limit = tail.limit, tail.at
    next(iter(log.reader.read(replace(log.source, open=io.BytesIO), options)), None)
    tail.limit = limit
    return tail.followed
