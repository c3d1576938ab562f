"""What was read, on its way into the lake: gathered up to a bound, written together, and kept where that fails."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.pipeline.repeats import LOG, EventRepeats
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger
from graphmap.tables import EVENTS, REJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.config import Settings
    from graphmap.readers.base import Batch
    from graphmap.watch.following import Follower
    from graphmap.watch.pace import Pace

_RATE_SECONDS = 60.0


class Counts(NamedTuple):
    """What a batch was: logs, lines, events (new and known ones), and lines that were not understood."""

    files: int
    lines: int
    events: int
    added: int
    duplicates: int
    rejects: int


class Writer:
    """Brings batches into the lake, and notes in the ledger which logs are complete.

    Where a store cannot be written, StoreError is raised, and what was gathered stays for the next `write`.
    """

    def __init__(self, settings: Settings, pace: Pace) -> None:
        self._pace = pace
        self._lake, self._ledger = Lake(settings.lake), Ledger(settings.ledger)
        self._repeats = EventRepeats(several=True)
        self._events: list[pl.DataFrame] = []
        self._numbered: list[pl.DataFrame] = []
        """What was gathered before an attempt that failed: its repeats are counted."""
        self._rejects: list[pl.DataFrame] = []
        self._rows = self._lines = self._commits = 0
        self._names: set[str] = set()
        self._next_write = 0.0
        self._since: float | None = None
        self._rates: deque[tuple[float, int]] = deque()

    @property
    def waiting(self) -> bool:
        """Whether something was gathered."""
        return self._since is not None

    @property
    def full(self) -> bool:
        """Whether no more should be gathered before it is written."""
        return self._rows >= self._pace.rows

    @property
    def lag(self) -> float:
        """Seconds since the oldest of what was gathered was written to its log, at most."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    @property
    def rate(self) -> float:
        """Lines a second, over the last minute."""
        now = time.monotonic()
        while self._rates and now - self._rates[0][0] > _RATE_SECONDS:
            self._rates.popleft()
        return sum(lines for _, lines in self._rates) / _RATE_SECONDS

    def due_in(self) -> float:
        """Seconds until what was gathered is to be written."""
        return max(0.0, self._next_write - time.monotonic())

    def add(self, batch: Batch, follower: Follower, since: float) -> None:
        """Take a batch of a log. `since` is a moment when none of its lines was there."""
        if batch.lines or batch.events.height or batch.rejects.height:
            self._since = since if self._since is None else self._since
            self._events.append(batch.events.with_columns(pl.lit(follower.number, LOG).alias("log")))
            self._rejects.append(batch.rejects)
            self._rows += batch.events.height + batch.rejects.height
            self._lines += batch.lines
            self._names.add(follower.name)

    def write(self, followers: Iterable[Follower]) -> Counts | None:
        """Write what was gathered: rejects, then events. `followers` are told how many of theirs were new.

        Raises
        ------
        StoreError
            The lake cannot be written; all that was gathered stays.
        """
        if not self.waiting:
            return None
        known = list(followers)
        rejects = pl.concat([REJECTS.to_frame(), *self._rejects])
        events = self._number()
        self._lake.append_rejects(rejects)
        added = self._lake.append_events(events)
        tallies = {follower.name: follower.tally for follower in known}
        for name, count in added.files.items():
            if name in tallies:
                tallies[name].counts["added"] += count
        counts = Counts(len(self._names), self._lines, events.height, added.added, added.duplicates, rejects.height)
        self._repeats.keep(follower.number for follower in known)
        self._numbered, self._rejects, self._names = [], [], set()
        self._rows = self._lines = 0
        self._since = None
        self.wrote(counts.lines)
        return counts

    def _number(self) -> pl.DataFrame:
        """All events that were gathered, the repeats of each counted once: of all logs together, which costs as one."""
        if self._events:
            self._numbered.append(self._repeats.number(pl.concat(self._events)))
            self._events = []
        return pl.concat([EVENTS.to_frame(), *self._numbered])

    def wrote(self, lines: int) -> None:
        """So many lines are in the lake, by whatever way: count them, and join its small files now and then."""
        now = time.monotonic()
        self._rates.append((now, lines))
        self._next_write = now + self._pace.every
        self._commits += 1
        if self._commits >= self._pace.compact:
            self._commits = 0
            self._lake.compact()

    def note(self, followers: Iterable[Follower]) -> None:
        """Note in the ledger that all that was read of some logs is in the lake.

        Raises
        ------
        StoreError
            The ledger cannot be written.
        """
        self._ledger.record_files(
            replace(follower.tally.record(follower.fingerprint()), head=follower.first_bytes())
            for follower in followers
        )

    def close(self) -> None:
        """Give the stores back."""
        self._ledger.close()


def moment() -> datetime:
    """The time of day."""
    return datetime.now(UTC)
