"""The loop: find logs, read what is new of them, write it, and say where it stands. One thread reads and writes.

So reading waits for writing, and what is held in memory is one batch. What is killed at any moment has lost nothing:
it reads the logs that are not noted in the ledger again, and the lake knows what it has (docs/decisions/0003, 0013).
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.errors import GraphmapError, StoreError
from graphmap.pipeline.ingest import GATHERED_ROWS, Status, Tally, ingest_sources
from graphmap.pipeline.reading import UNRECOGNISED, explain
from graphmap.readers.sources import file_sources, path_text
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger
from graphmap.tables import EVENTS, REJECTS
from graphmap.watch.finding import Search
from graphmap.watch.following import Follower, follow
from graphmap.watch.standing import NAMED, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from graphmap.config import Settings
    from graphmap.pipeline.ingest import FileReport, Progress
    from graphmap.readers.base import Batch, ReadOptions
    from graphmap.watch.finding import Identity, Seen

_RATE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Pace:
    """How a watch goes about its work. All in seconds, but for numbers of rows, files, bytes and commits.

    Parameters
    ----------
    every
        What was gathered is written after so long at the latest; in quiet times, at once.
    rows
        Events and rejects that are gathered at most.
    search
        How long no file is looked for after the last search.
    still
        A file that can only be read as a whole is read when it has not changed for so long, or `patience` after it did.
    settled
        A file that was not written for so long when it is found is read as a whole: it is no longer written.
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
    rows: int = GATHERED_ROWS
    search: float = 1.0
    still: float = 3.0
    patience: float = 60.0
    settled: float = 3600.0
    linger: float = 30.0
    portion: int = 256 << 20
    open_files: int = 500
    compact: int = 500


class Written(NamedTuple):
    """One batch that is in the lake. `lag` is the seconds from the first sight of its first line; `files` counts logs."""

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


@dataclass(slots=True)
class _File:
    """A file that was found, and what is known of it."""

    seen: Seen
    follower: Follower | None = None
    status: str = "found"
    problem: str | None = None
    reader: str | None = None
    read: tuple[int, float] | None = None
    """Size and modification when it was last read as a whole, or given up."""
    due: float = 0.0
    changed: float = 0.0
    """When it was last seen to grow or change."""
    gone: bool = False

    @property
    def is_new(self) -> bool:
        return self.read != (self.seen.size, self.seen.modified)


class StoppedError(Exception):
    """It was asked to stop while it read a file as a whole; nothing is lost, the next watch reads it again."""


@dataclass(slots=True)
class _Gathered:
    """What was read and is not in the lake yet."""

    batches: list[Batch] = field(default_factory=list)
    rows: int = 0
    lines: int = 0
    names: set[str] = field(default_factory=set)

    def add(self, batch: Batch, name: str) -> None:
        if batch.lines or batch.events.height or batch.rejects.height:
            self.batches.append(batch)
            self.rows += batch.events.height + batch.rejects.height
            self.lines += batch.lines
            self.names.add(name)


class Watcher:
    """Follows the logs at some paths.

    Parameters
    ----------
    settings
        Where the stores are.
    search
        Finds the logs.
    options, host
        What is known of them.
    standing
        What to keep up to date.
    pace
        How fast.
    written
        Told of each batch that is in the lake.
    keep
        Told when the standing has changed.
    wall, clock
        The time of day, and a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        settings: Settings,
        search: Search,
        options: ReadOptions,
        standing: Standing,
        *,
        host: str | None = None,
        pace: Pace | None = None,
        written: Callable[[Written], None] = lambda _: None,
        keep: Callable[[Standing], None] = lambda _: None,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.standing = standing
        self._settings, self._search, self._options, self._host = settings, search, options, host
        self._pace = pace or Pace()
        self._tell, self._keep = written, keep
        self._wall, self._clock = wall, clock
        self._lake, self._ledger = Lake(settings.lake), Ledger(settings.ledger)
        self._files: dict[Identity, _File] = {}
        self._gathered = _Gathered()
        self._over: list[Follower] = []
        self._next_search = self._next_write = self._next_try = 0.0
        self._wait = 1.0
        self._oldest: float | None = None
        self._counted: deque[tuple[float, int]] = deque()
        self._commits = 0
        self._stop: Event | None = None

    def run(self, stop: Event, wait: Callable[[float], object], done: Callable[[], bool] = lambda: False) -> None:
        """Go on until asked to stop, or until all is in the lake and `done`; then end cleanly.

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
                ending = done()
                self.step()
                if ending and self.caught_up:
                    break
                if not self._busy():
                    wait(self._patience())
        finally:
            self.finish()

    def step(self) -> None:
        """One round: find, read, write."""
        now = self._clock()
        if now < self._next_try:
            self._report()
            return
        if now >= self._next_search:
            self._find(now)
            self._next_search = self._clock() + self._pace.search
        try:
            self._look(now)
            self._read()
            self._write_if_due()
        except StoppedError:
            pass
        except StoreError as error:
            self._hold(error)
        self._report()

    def finish(self) -> None:
        """Write what was gathered, note what is complete, and let go of all files."""
        try:
            for file in self._files.values():
                if file.follower is not None and not file.follower.busy:
                    self._over.append(file.follower)
            self._write()
            self.standing.problem = None
        except StoreError as error:
            self.standing.problem = _told(error)
        finally:
            self._report()
            self.standing.state = "stopped"
            self._keep(self.standing)
            for file in self._files.values():
                if file.follower is not None:
                    file.follower.tail.close()
            self._files.clear()
            self._ledger.close()

    @property
    def caught_up(self) -> bool:
        """Whether all that was there at the last look is in the lake."""
        return not (self._gathered.batches or self._over or self._busy() or self._waiting_whole())

    def search_now(self) -> None:
        """Look for files in the next step, however short ago that was done."""
        self._next_search = 0.0

    # Finding

    def _find(self, now: float) -> None:
        found = set()
        for seen in self._search.find():
            found.add(seen.identity)
            file = self._files.get(seen.identity)
            if file is None:
                self._files[seen.identity] = _File(seen, changed=now)
                continue
            if (seen.size, seen.modified) != (file.seen.size, file.seen.modified):
                file.changed = now
            file.seen, file.gone = seen, False
        for identity in self._files.keys() - found:
            file = self._files[identity]
            if file.follower is None:
                del self._files[identity]
            elif not file.gone:
                file.gone = True
                file.changed = max(file.changed, now)

    # Reading

    def _look(self, now: float) -> None:
        """See which logs have grown, were rotated or cut, and take up new ones."""
        whole: list[_File] = []
        for identity, file in list(self._files.items()):
            if file.follower is not None:
                self._attend(identity, file, file.follower, now)
            if file.follower is None and not file.gone and file.is_new and now >= file.due and self._open(file, now):
                whole.append(file)
        self._let_go()
        self._read_whole(whole)

    def _attend(self, identity: Identity, file: _File, follower: Follower, now: float) -> None:
        tail = follower.tail
        before = tail.size
        if follower.over:
            self._drop(identity, file)
        elif tail.ended:
            pass  # it is read to its end
        elif not tail.look():
            self._search.rotated_since = min(self._search.rotated_since, self._wall() - self._pace.settled)
            self._next_search = 0.0
        elif tail.size != before:
            file.changed = now
            if follower.mistaken():
                tail.ended = True
                tail.limit = tail.at
        elif file.gone and now - file.changed >= self._pace.linger:
            tail.end()

    def _drop(self, identity: Identity, file: _File) -> None:
        """Part from a log that is over; what stands at its place, if anything, is read from the start."""
        follower = file.follower
        assert follower is not None
        if not follower.tail.cut and not follower.behind:
            self._over.append(follower)
        else:
            follower.tail.close()
        file.follower, file.read, file.due = None, None, 0.0
        if file.gone:
            del self._files[identity]

    def _open(self, file: _File, now: float) -> bool:
        """Follow a file; True where it is to be read as a whole instead, now."""
        seen = file.seen
        if file.read is None and file.status == "found" and self._wall() - seen.modified >= self._pace.settled:
            return True
        try:
            found = follow(seen.found.path, self._host or seen.found.host, self._options)
        except (OSError, GraphmapError) as error:
            self._give_up(file, "unreadable", explain(error))
            return False
        if found is None:
            self._give_up(file, "unrecognised", UNRECOGNISED)
        elif isinstance(found, str):
            file.status = found
            return now - file.changed >= self._pace.still or now - file.due >= self._pace.patience > 0 < file.due
        elif found.tail.identity != seen.identity:  # rotated since it was found
            found.tail.close()
            self._next_search = 0.0
        else:
            file.follower, file.status, file.problem, file.reader = found, "followed", None, found.reader
        return False

    def _give_up(self, file: _File, status: str, problem: str) -> None:
        """Leave a file alone until it changes, and for a moment."""
        file.status, file.problem = status, problem
        file.read = (file.seen.size, file.seen.modified)
        file.due = self._clock() + self._pace.search

    def _read(self) -> None:
        """Read what is new, the logs with finer stamps first, as an ingest does."""
        followers = [file for file in self._files.values() if file.follower is not None and file.follower.busy]
        for file in sorted(followers, key=lambda file: not (file.follower and file.follower.tally.log.fine)):
            if (follower := file.follower) is not None:
                self._drain(file, follower)

    def _drain(self, file: _File, follower: Follower) -> None:
        while follower.busy:
            if self._stop is not None and self._stop.is_set():
                return
            if self._oldest is None:
                self._oldest = self._clock()
            try:
                batch = follower.pull()
            except Exception as error:
                if self._settings.debug:
                    raise
                self._give_up(file, "unreadable", explain(error))
                follower.tail.close()
                file.follower = None
                return
            if batch is not None:
                self._gathered.add(batch, follower.name)
            if self._gathered.rows >= self._pace.rows:
                self._write()

    def _let_go(self) -> None:
        """Close the quietest logs where too many are open."""
        opened = [file for file in self._files.values() if file.follower is not None and not file.follower.busy]
        for file in sorted(opened, key=lambda file: file.changed)[: max(0, len(opened) - self._pace.open_files)]:
            assert file.follower is not None
            self._over.append(file.follower)
            file.follower, file.status = None, "quiet"
            file.read = (file.seen.size, file.seen.modified)

    def _waiting_whole(self) -> bool:
        return any(
            file.follower is None and file.is_new and file.status in {"found", "packed", "read whole"}
            for file in self._files.values()
        )

    def _read_whole(self, files: Sequence[_File]) -> None:
        """Bring files into the lake that are not followed; some of them, so that the others do not wait for long."""
        size, portion = 0, []
        for file in files:
            if portion and size + file.seen.size > self._pace.portion:
                self._next_search = 0.0
                break
            portion.append(file)
            size += file.seen.size
        if not portion:
            return
        self._write()
        begin = self._clock()
        sources = chain.from_iterable(file_sources(file.seen.found, host=self._host) for file in portion)
        report = ingest_sources(
            sources, settings=self._settings, options=self._options, progress=self._progress, rows=self._pace.rows
        )
        took = self._clock() - begin
        reports = {one.file: one for one in report.files}
        for file in portion:
            self._place(file, reports.get(path_text(file.seen.found.path)), took)
        self._count(report.total("lines"))
        self._wrote(
            len(report.files),
            {name: report.total(name) for name in ("lines", "events", "added", "duplicates", "rejects")},
            took,
        )

    def _place(self, file: _File, report: FileReport | None, took: float) -> None:
        file.status = "read whole" if report is None or report.status is not Status.UNRECOGNISED else "unrecognised"
        file.problem, file.reader = (report.problem, report.reader) if report else (None, None)
        file.read = (file.seen.size, file.seen.modified)
        file.due = self._clock() + max(self._pace.still, 10 * took)

    def _progress(self, _progress: Progress) -> None:
        if self._stop is not None and self._stop.is_set():
            raise StoppedError

    # Writing

    def _write_if_due(self) -> None:
        waiting = bool(self._gathered.batches or self._over)
        if waiting and self._clock() >= self._next_write:
            self._write()
        elif not waiting:
            self._oldest = None

    def _write(self) -> None:
        """Bring what was gathered into the lake, then note the logs that are over."""
        gathered = self._gathered
        if gathered.batches:
            self._lake.append_rejects(pl.concat([REJECTS.to_frame(), *(batch.rejects for batch in gathered.batches)]))
            events = pl.concat([EVENTS.to_frame(), *(batch.events for batch in gathered.batches)])
            added = self._lake.append_events(events)
            rejects = sum(batch.rejects.height for batch in gathered.batches)
            self._note_added(added.files)
            self._gathered = _Gathered()
            now = self._clock()
            lag = now - (self._oldest if self._oldest is not None else now)
            self._oldest = None
            self._count(gathered.lines)
            counts = {"lines": gathered.lines, "events": events.height, "added": added.added}
            counts |= {"duplicates": added.duplicates, "rejects": rejects}
            self._wrote(len(gathered.names), counts, lag)
        if self._over:
            self._ledger.record_files(
                replace(follower.tally.record(follower.fingerprint()), head=follower.first_bytes())
                for follower in self._over
            )
            held = {id(file.follower) for file in self._files.values()}
            for follower in self._over:
                if id(follower) not in held:
                    follower.tail.close()
            self._over.clear()
        self._wait = 1.0
        self.standing.problem = None

    def _note_added(self, added: dict[str, int]) -> None:
        tallies: dict[str, Tally] = {follower.name: follower.tally for follower in self._over}
        tallies |= {file.follower.name: file.follower.tally for file in self._files.values() if file.follower}
        for name, count in added.items():
            if name in tallies:
                tallies[name].counts["added"] += count

    def _wrote(self, files: int, counts: dict[str, int], lag: float) -> None:
        standing = self.standing
        for name, count in counts.items():
            setattr(standing, name, getattr(standing, name) + count)
        standing.written = self._now()
        self._next_write = self._clock() + self._pace.every
        self._commits += 1
        self._report()
        self._tell(
            Written(
                time=standing.written, files=files, behind=standing.behind, lag=round(lag, 3), rate=standing.rate, **counts
            )
        )
        if self._commits >= self._pace.compact:
            self._commits = 0
            self._lake.compact()

    def _hold(self, error: StoreError) -> None:
        """The stores cannot be written for now: read nothing more, and try again, less and less often."""
        self.standing.problem = _told(error)
        self._next_try = self._clock() + self._wait
        self._wait = min(30.0, 2 * self._wait)

    # Where it stands

    def _busy(self) -> bool:
        return any(file.follower is not None and file.follower.busy for file in self._files.values())

    def _patience(self) -> float:
        """Seconds to wait for a change."""
        now = self._clock()
        if now < self._next_try:
            return self._next_try - now
        if self._gathered.batches or self._over:
            return max(0.01, min(1.0, self._next_write - now))
        return 1.0

    def _count(self, lines: int) -> None:
        self._counted.append((self._clock(), lines))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)

    def _report(self) -> None:
        standing, now = self.standing, self._clock()
        while self._counted and now - self._counted[0][0] > _RATE_SECONDS:
            self._counted.popleft()
        standing.rate = round(sum(lines for _, lines in self._counted) / _RATE_SECONDS, 2)
        standing.behind = sum(_behind(file) for file in self._files.values())
        standing.lag = round(now - self._oldest, 3) if self._oldest is not None else 0.0
        standing.updated = self._now()
        if standing.problem is not None:
            standing.state = "waiting"
        elif self.caught_up:
            standing.state = "following"
            standing.caught_up = standing.updated
        else:
            standing.state = "reading"
        files = sorted(self._files.values(), key=lambda file: (-_behind(file), file.seen.found.path))
        standing.files = [_document(file) for file in files[:NAMED]]
        self._keep(standing)


def _behind(file: _File) -> int:
    if file.follower is not None:
        return file.follower.behind
    return file.seen.size if file.is_new and file.status in {"found", "packed", "read whole"} else 0


def _document(file: _File) -> dict[str, object]:
    follower = file.follower
    return {
        "file": path_text(Path(file.seen.found.path)),
        "status": "rotated" if file.gone else file.status,
        "reader": file.reader,
        "problem": file.problem,
        "size": follower.tail.size if follower else file.seen.size,
        "read": follower.tail.at if follower else (file.seen.size if not file.is_new else 0),
    }


def _told(error: GraphmapError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
