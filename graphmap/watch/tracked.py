"""The files of a watch: which are followed, which are read as a whole, and what became of those that moved."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from graphmap.errors import GraphmapError
from graphmap.pipeline.reading import UNRECOGNISED, explain
from graphmap.readers.sources import path_text
from graphmap.watch.finding import Seen
from graphmap.watch.following import Follower, Whole, follow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.base import ReadOptions
    from graphmap.watch.finding import Identity, Search
    from graphmap.watch.pace import Pace


class Status(StrEnum):
    """What a watch does with a file."""

    FOUND = "found"
    """Nothing yet."""
    FOLLOWED = "followed"
    """It is open, and read as it grows."""
    WHOLE = "whole"
    """It is packed, or of a format that is read as a whole: read again when it has changed."""
    AGAIN = "again"
    """It was cut or is another file now: to be read from its start."""
    QUIET = "quiet"
    """It was read and let go; it is read from its start when it grows."""
    UNRECOGNISED = "unrecognised"
    UNREADABLE = "unreadable"


_AHEAD = frozenset({Status.FOUND, Status.WHOLE, Status.AGAIN, Status.QUIET})


@dataclass(slots=True)
class Tracked:
    """A file that was found, and what is known of it. Moments are those of a clock that only goes forward."""

    seen: Seen
    changed: float
    """When it was last seen to grow or change, or to be gone."""
    follower: Follower | None = None
    status: Status = Status.FOUND
    problem: str | None = None
    reader: str | None = None
    read: tuple[int, float] | None = None
    """Size and modification when it was read as a whole, let go or given up."""
    due: float = 0.0
    """When it may be opened again."""
    pending: float | None = None
    """Since when it waits to be still."""
    gone: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it is not as it was when it was last dealt with."""
        return self.read != (self.seen.size, self.seen.modified)

    @property
    def behind(self) -> int:
        """Bytes of it that are there and were not read."""
        if self.follower is not None:
            return self.follower.behind
        return self.seen.size if self.is_new and self.status in _AHEAD else 0

    @property
    def busy(self) -> bool:
        """Whether there is something to read now, or to be done with it."""
        if self.follower is not None:
            return self.follower.busy or self.follower.over
        return self.is_new and self.status in _AHEAD

    def leave(self, status: Status, *, problem: str | None = None, until: float = 0.0) -> None:
        """Leave it alone until it changes, and until a moment."""
        self.status, self.problem = status, problem
        self.read = (self.seen.size, self.seen.modified)
        self.follower, self.due, self.pending = None, until, None

    def document(self) -> dict[str, Any]:
        """For a standing."""
        tail = self.follower.tail if self.follower else None
        return {
            "file": path_text(self.seen.found.path),
            "status": "rotated" if self.gone else str(self.status),
            "reader": self.reader,
            "problem": self.problem,
            "size": tail.size if tail else self.seen.size,
            "read": tail.at if tail else (0 if self.is_new else self.seen.size),
        }


class Files:
    """All files of a watch.

    Attributes
    ----------
    over
        Followers whose logs were read to their end, or let go: to be noted in the ledger and closed.
    """

    def __init__(self, search: Search, options: ReadOptions, host: str | None, pace: Pace) -> None:
        self.over: list[Follower] = []
        self._search, self._options, self._host, self._pace = search, options, host, pace
        self._files: dict[Identity, Tracked] = {}
        self._next_search = 0.0

    def __iter__(self) -> Iterator[Tracked]:
        """Each file that is known now."""
        return iter(list(self._files.values()))

    def search_now(self) -> None:
        """Look for files at the next `find`, however short ago that was done."""
        self._next_search = 0.0

    def find(self) -> None:
        """See what is at the paths, unless that was done a moment ago."""
        now = time.monotonic()
        if now < self._next_search:
            return
        found = set()
        for seen in self._search.find():
            found.add(seen.identity)
            file = self._files.setdefault(seen.identity, Tracked(seen, now))
            if (seen.size, seen.modified) != (file.seen.size, file.seen.modified):
                file.changed = now
            file.seen, file.gone = seen, False
        for identity in self._files.keys() - found:
            self._miss(identity, now)
        self._next_search = now + self._pace.search

    def look(self) -> list[Tracked]:
        """See which logs have grown, were rotated or cut, and take up new ones; gives those to read as a whole."""
        now = time.monotonic()
        whole = []
        for identity, file in list(self._files.items()):
            if file.follower is not None:
                self._attend(identity, file, file.follower, now)
            if file.follower is None and not file.gone and file.is_new and now >= file.due and self._open(file, now):
                whole.append(file)
        self._let_go()
        return whole

    def ready(self) -> list[tuple[Tracked, Follower]]:
        """The logs that have something to give, those with finer stamps first, as an ingest reads them."""
        found = [(file, file.follower) for file in self._files.values() if file.follower and file.follower.busy]
        return sorted(found, key=lambda pair: not pair[1].tally.fine)

    def followers(self) -> list[Follower]:
        """All logs that are open."""
        return [*self.over, *(file.follower for file in self._files.values() if file.follower)]

    def close(self) -> None:
        """Let go of everything."""
        for follower in self.followers():
            follower.tail.close()
        self.over.clear()
        self._files.clear()

    def _miss(self, identity: Identity, now: float) -> None:
        """A file is no longer at any of the paths."""
        file = self._files[identity]
        if file.follower is None:
            del self._files[identity]
        elif not file.gone:
            file.gone, file.changed = True, now
            self._seek_rotated()

    def _seek_rotated(self) -> None:
        """Look for what a log was rotated to, beside where it was."""
        self._search.rotated_since = min(self._search.rotated_since, time.time() - self._pace.settled)
        self.search_now()

    def _attend(self, identity: Identity, file: Tracked, follower: Follower, now: float) -> None:
        tail = follower.tail
        before = tail.size
        if follower.over:
            self._part(identity, file, follower)
        elif tail.ended:
            return  # what there is of it has still to be read
        elif not tail.look():
            self._seek_rotated()
        elif tail.size != before:
            file.changed = now
            if follower.mistaken():
                tail.give_up()
        elif file.gone and now - file.changed >= self._pace.linger:
            tail.end()

    def _part(self, identity: Identity, file: Tracked, follower: Follower) -> None:
        """Part from a log that is over; what is in the file now, if anything, is read from its start."""
        if follower.whole:
            self.over.append(follower)
        else:
            follower.tail.close()
        file.follower, file.status, file.read, file.due = None, Status.AGAIN, None, 0.0
        if file.gone:
            del self._files[identity]

    def _open(self, file: Tracked, now: float) -> bool:
        """Follow a file; True where it is to be read as a whole instead, now."""
        seen = file.seen
        if file.status is Status.FOUND and time.time() - seen.modified >= self._pace.settled:
            return True
        try:
            found = follow(seen.found.path, self._host or seen.found.host, self._options)
        except (OSError, GraphmapError) as error:
            file.leave(Status.UNREADABLE, problem=explain(error), until=now + self._pace.search)
            return False
        if found is None:
            file.leave(Status.UNRECOGNISED, problem=UNRECOGNISED, until=now + self._pace.search)
        elif isinstance(found, Whole):
            file.status = Status.WHOLE
            file.pending = now if file.pending is None else file.pending
            return now - file.changed >= self._pace.still or now - file.pending >= self._pace.patience
        elif found.tail.identity != seen.identity:  # it was rotated since it was found
            found.tail.close()
            self.search_now()
        else:
            file.follower, file.status, file.problem, file.reader = found, Status.FOLLOWED, None, found.reader
        return False

    def _let_go(self) -> None:
        """Close the quietest logs where too many are open."""
        quiet = [(file, file.follower) for file in self if file.follower is not None and not file.busy]
        spare = max(0, len(quiet) - self._pace.open_files)
        for file, follower in sorted(quiet, key=lambda pair: pair[0].changed)[:spare]:
            self.over.append(follower)
            file.leave(Status.QUIET)
