"""The loop: find logs, read what is new of them, write it, and say where it stands. One thread reads and writes.

So reading waits for writing, and what is held in memory is one batch. What is killed at any moment has lost nothing:
it reads the logs that are not noted in the ledger again, and the lake knows what it has (docs/decisions/0003, 0013).
"""

from __future__ import annotations

import time
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from graphmap.errors import GraphmapError, StoreError
from graphmap.pipeline import ingest
from graphmap.pipeline.reading import explain
from graphmap.readers.sources import file_sources, path_text
from graphmap.watch.pace import Pace
from graphmap.watch.standing import NAMED, Standing
from graphmap.watch.tracked import Files, Status
from graphmap.watch.writing import Counts, Writer, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from threading import Event

    from graphmap.config import Settings
    from graphmap.readers.base import ReadOptions
    from graphmap.watch.finding import Search
    from graphmap.watch.following import Follower
    from graphmap.watch.tracked import Tracked

_LONGEST_WAIT = 30.0


class Logs(NamedTuple):
    """What is watched: where it is found, and what the user says of it."""

    search: Search
    options: ReadOptions
    host: str | None = None


class Written(NamedTuple):
    """One batch that is in the lake, and where the watch stands by then (`Standing`).

    `lag` is the seconds that a line of it was there before it was in the lake, at most; `files` counts its logs.
    """

    time: datetime
    files: int
    lines: int
    events: int
    added: int
    duplicates: int
    rejects: int
    behind: int
    lag: float
    rate: float


class StoppedError(Exception):
    """It was asked to stop while it read a file as a whole. Nothing is lost: the next watch reads that file again."""


class Watcher:
    """Follows logs.

    Parameters
    ----------
    settings
        Where the stores are.
    logs
        What to follow.
    standing
        What to keep up to date.
    pace
        How fast.
    written
        Told of each batch that is in the lake.
    keep
        Told in each round where it stands.
    """

    def __init__(
        self,
        settings: Settings,
        logs: Logs,
        standing: Standing,
        *,
        pace: Pace | None = None,
        written: Callable[[Written], None] = lambda _: None,
        keep: Callable[[Standing], None] = lambda _: None,
    ) -> None:
        self.standing = standing
        self._settings, self._logs = settings, logs
        self._pace = pace or Pace()
        self._tell, self._keep = written, keep
        self._files = Files(logs.search, logs.options, logs.host, self._pace)
        self._writer = Writer(settings, self._pace)
        self._problem: str | None = None
        self._next_try, self._wait = 0.0, 1.0
        self._stop: Event | None = None
        self._looked = self._clear = time.monotonic()
        """When the last look began, and the last one behind which all was read."""
        self._hurry = False
        self._lag = 0.0

    def run(self, stop: Event, wait: Callable[[float], object], done: Callable[[], bool] = lambda: False) -> None:
        """Go on until asked to stop, or until all is in the lake and nothing more comes; then end cleanly.

        Parameters
        ----------
        stop
            Set by who wants it to end.
        wait
            Waits for a change, at most so many seconds.
        done
            Whether nothing more will come.
        """
        self._stop = stop
        try:
            while not stop.is_set():
                if done():
                    self._hurry = True
                    self._files.search_now()
                self.step()
                if self._hurry and self.caught_up:
                    break
                if self._problem or self._writer.due_in() or self.caught_up:
                    wait(self._patience())
        finally:
            self.finish()

    def step(self) -> None:
        """One round: find, read, write."""
        if time.monotonic() >= self._next_try:
            try:
                self._look()
                if self._hurry or not self._writer.due_in() or self._behind() >= self._pace.eager:
                    for file, follower in self._files.ready():
                        self._drain(file, follower)
                    self._write()
                    self._clear = self._looked
            except StoppedError:
                return
            except StoreError as error:
                self._hold(error)
        self._report()

    def finish(self) -> None:
        """Read a last batch, write it, note what was read, and let go of all files."""
        try:
            if self._problem is None:
                self._stop = None
                self._look(whole=False)
                for file, follower in self._files.ready():
                    self._drain(file, follower, once=True)
            self._write()
            self._writer.note(follower for follower in self._files.followers() if not follower.busy)
        except StoreError as error:
            self._problem = _told(error)
        self._report()
        self.standing.state = "stopped"
        self._keep(self.standing)
        self._files.close()
        self._writer.close()

    @property
    def caught_up(self) -> bool:
        """Whether all that was there at the last look is in the lake."""
        return not (self._writer.waiting or self._files.over or any(file.busy for file in self._files))

    def _look(self, *, whole: bool = True) -> None:
        """See what is new; bring in what is not followed, where `whole`."""
        self._files.find()
        self._looked = time.monotonic()
        found = self._files.look()
        if not self._files.ready():
            self._clear = self._looked
        if whole:
            self._read_whole(found)

    def _drain(self, file: Tracked, follower: Follower, *, once: bool = False) -> None:
        """Read what a log has to give, and write as often as there is enough; where `once`, stop at that."""
        while follower.busy and not self._stopping() and not (once and self._writer.full):
            try:
                batch = follower.pull()
            except Exception as error:
                if self._settings.debug:
                    raise
                follower.tail.close()
                file.leave(Status.UNREADABLE, problem=explain(error), until=time.monotonic() + self._pace.patience)
                return
            if batch is not None:
                self._writer.add(batch, follower, self._clear)
            if self._writer.full and not once:
                self._write()

    def _read_whole(self, files: Sequence[Tracked]) -> None:
        """Bring files that are not followed into the lake; some of them, so that the others do not wait for long."""
        portion: list[Tracked] = []
        for file in files:
            if portion and sum(one.seen.size for one in (*portion, file)) > self._pace.portion:
                break
            portion.append(file)
        if not portion:
            return
        begin = time.monotonic()
        report = ingest.ingest_sources(
            chain.from_iterable(file_sources(file.seen.found, host=self._logs.host) for file in portion),
            settings=self._settings,
            options=self._logs.options,
            progress=self._progress,
            rows=self._pace.rows,
        )
        took = time.monotonic() - begin
        reports = {one.file: one for one in report.files}
        for file in portion:
            self._leave(file, reports.get(path_text(file.seen.found.path)), took)
        total = report.total
        self._writer.wrote(total("lines"))
        self._count(
            Counts(
                len(report.files),
                total("lines"),
                total("events"),
                total("added"),
                total("duplicates"),
                total("rejects"),
            ),
            took,
        )

    def _leave(self, file: Tracked, report: ingest.FileReport | None, took: float) -> None:
        """Leave a file that was read as a whole until it has changed, for long enough that most time is left over."""
        until = time.monotonic() + max(self._pace.still, self._pace.spacing * took)
        known = report is None or report.status is not ingest.Status.UNRECOGNISED
        file.leave(
            Status.WHOLE if known else Status.UNRECOGNISED, problem=report.problem if report else None, until=until
        )
        file.reader = report.reader if report else None

    def _progress(self, _progress: ingest.Progress) -> None:
        if self._stopping():
            raise StoppedError

    def _behind(self) -> int:
        return sum(file.behind for file in self._files)

    def _stopping(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def _write(self) -> None:
        """Bring what was gathered into the lake, then note the logs that are over."""
        lag = self._writer.lag
        counts = self._writer.write(self._files.followers())
        if self._files.over:
            self._writer.note(self._files.over)
            for follower in self._files.over:
                follower.tail.close()
            self._files.over.clear()
        self._problem, self._wait = None, 1.0
        if counts is not None:
            self._count(counts, lag)

    def _hold(self, error: StoreError) -> None:
        """The stores cannot be written for now: read nothing more, and try again, less and less often."""
        self._problem = _told(error)
        self._next_try = time.monotonic() + self._wait
        self._wait = min(_LONGEST_WAIT, 2 * self._wait)

    def _count(self, counts: Counts, lag: float) -> None:
        standing = self.standing
        standing.lines += counts.lines
        standing.events += counts.events
        standing.added += counts.added
        standing.duplicates += counts.duplicates
        standing.rejects += counts.rejects
        standing.written = moment()
        self._lag = round(lag, 3)
        self._report()
        self._tell(Written(standing.written, *counts, standing.behind, self._lag, standing.rate))

    def _patience(self) -> float:
        """Seconds to wait for a change."""
        if self._problem:
            return max(0.0, self._next_try - time.monotonic())
        return min(1.0, max(0.01, self._writer.due_in())) if not self.caught_up else 1.0

    def _report(self) -> None:
        standing = self.standing
        files = sorted(self._files, key=lambda file: (-file.behind, file.seen.found.path))
        standing.updated = moment()
        standing.problem = self._problem
        standing.behind = self._behind()
        standing.lag = round(self._writer.lag, 3) if self._writer.waiting else self._lag
        standing.rate = round(self._writer.rate, 2)
        standing.files = [file.document() for file in files[:NAMED]]
        if self._problem is not None:
            standing.state = "waiting"
        elif self.caught_up:
            standing.state, standing.caught_up = "following", standing.updated
        else:
            standing.state = "reading"
        self._keep(standing)


def _told(error: GraphmapError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
