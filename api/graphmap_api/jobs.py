"""Work that takes longer than a request: done one after the other in a thread, and looked at meanwhile."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from graphmap.errors import GraphmapError
from graphmap.pipeline.ingest import IngestReport, Progress
from graphmap.store.ledger import Saved

KEPT = 200
"""Jobs that are remembered; those that are done give way first."""

WAITING = 50
"""Most jobs that wait."""


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. It never changes: a newer one of the same id, of a higher `revision`, takes its place.

    `report` and `hunted` are what came of it; `problem` is why it failed.
    """

    id: str
    by: str
    name: str
    created: datetime
    bytes: int = 0
    state: State = State.WAITING
    started: datetime | None = None
    ended: datetime | None = None
    progress: Progress | None = None
    report: IngestReport | None = None
    hunted: Saved | None = None
    problem: str | None = None
    revision: int = 0


Work = Callable[[Callable[[Job], None], Job], Job]
"""Does a job: is given what tells how it stands, and the job; gives it back as it is at the end."""


@dataclass
class Jobs:
    """The jobs of one run of the server. Its thread runs as long as there is work, and ends with the process."""

    _held: dict[str, Job] = field(default_factory=dict)
    _queue: deque[tuple[str, Work]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _revision: int = 0
    _busy: bool = False

    def reserve(self) -> str:
        """An id for a job that is to come."""
        return f"j-{secrets.token_hex(6)}"

    def is_full(self) -> bool:
        """Whether no more jobs may wait."""
        with self._lock:
            return len(self._queue) >= WAITING

    def begin(self, job: Job, work: Work) -> Job:
        """Let a job be done when those before it are."""
        kept = self._keep(job)
        with self._lock:
            self._queue.append((job.id, work))
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._run, name="jobs", daemon=True).start()
        return kept

    def job(self, name: str) -> Job | None:
        """The job of an id, as it stands."""
        with self._lock:
            return self._held.get(name)

    def since(self, revision: int) -> list[Job]:
        """The jobs that changed after a revision; all of them after 0, those that came last first."""
        with self._lock:
            return [job for job in reversed(self._held.values()) if job.revision > revision]

    def _keep(self, job: Job) -> Job:
        with self._lock:
            self._revision += 1
            kept = self._held[job.id] = replace(job, revision=self._revision)
            over = [one.id for one in self._held.values() if one.ended][: max(len(self._held) - KEPT, 0)]
            for name in over:
                del self._held[name]
            return kept

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._busy = False
                    return
                name, work = self._queue.popleft()
                job = self._held[name]
            job = self._keep(replace(job, state=State.RUNNING, started=datetime.now(UTC)))
            try:
                done = replace(work(self._tell, job), state=State.DONE)
            except GraphmapError as error:
                done = replace(job, state=State.FAILED, problem=error.message)
            except Exception:
                logging.getLogger(__name__).exception("job %s failed", name)
                done = replace(job, state=State.FAILED, problem="this is a bug; what graphmap serve prints shows where")
            self._keep(replace(done, ended=datetime.now(UTC)))

    def _tell(self, job: Job) -> None:
        self._keep(job)
