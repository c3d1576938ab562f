"""Runs of jobs: those that somebody asks for over HTTP, each a process of its own, and what is answered of all."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from graphmap.store.ledger import Ledger, Run, RunState
from graphmap.store.ledger.owners import shown_name
from graphmap_api.models import Answer

if TYPE_CHECKING:
    from graphmap.config import Settings

MOST = 4
"""Runs that a server has begun and that go on, at once."""

TOLD = 50
"""Last runs of which those who listen hear."""

LOOK_EVERY = 1.0
"""Seconds for which they are taken as unchanged."""

GRACE = 10.0
"""Seconds that runs have to end when the server does."""


class RunAnswer(Answer):
    """A run of a job, whoever began it: the daemon, cron, the command line or this server."""

    id: int
    job: str = Field(examples=["hunt"])
    state: RunState
    due: datetime | None = Field(description="When it had to begin by its schedule; null where somebody began it.")
    since: datetime | None = Field(description="How far it looked back; null: to the beginning.")
    until: datetime
    started: datetime
    ended: datetime | None
    counts: dict[str, int] = Field(description="What it did.", examples=[{"findings": 12, "new": 3}])
    error: str | None = Field(description="Why it did not come to its end, or what it could not read.")
    cancelled_by: str | None = Field(description="Who asked that it be stopped.")
    owner: str = Field(description="Host and number of its process.", examples=["huntbox:4711"])

    @classmethod
    def of(cls, run: Run) -> RunAnswer:
        """As answers have it."""
        answer = cls.model_validate(run)
        answer.owner = shown_name(run.owner)
        return answer


class RunList(Answer):
    """Runs, the last first."""

    items: list[RunAnswer]
    shown: int
    cut: bool = Field(description="Whether there may be more.")


class ScheduledJob(Answer):
    """A job that can run by itself: built in, or of graphmap.toml."""

    job: str = Field(examples=["hunt"])
    task: str = Field(description="What it does.", examples=["hunt"])
    schedule: str | None = Field(description="Null: it is run by hand only.", examples=["every 15m"])
    window: float | None = Field(description="Seconds that it looks back; null: to the beginning.")
    detectors: list[str] = Field(description="Of a hunt; none are all.")
    outputs: list[str] = Field(description="Alerts that are told of findings.")
    time_limit: float = Field(description="Seconds after which a run is stopped.")
    next: datetime | None = Field(description="When it is due; null where it has no schedule.")
    last: RunAnswer | None = Field(description="Its last run, which may go on.")


class Schedule(Answer):
    """The jobs that can run by themselves."""

    items: list[ScheduledJob]
    scheduled_by: str | None = Field(
        description="Host and number of the daemon; null where none runs, so that nothing begins by itself."
    )


class Begun(Answer):
    """A run that was asked for. Its process begins in a moment and then is the last of /runs?job=."""

    job: str
    asked: datetime


class Recent:
    """The last runs, whoever began them, read at most once a second however many ask.

    Parameters
    ----------
    ledger
        Where they are.
    """

    def __init__(self, ledger: Path | str) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._found: dict[int, RunAnswer] = {}

    def runs(self) -> dict[int, RunAnswer]:
        """By number, the last first; none where there is no ledger yet."""
        with self._lock:
            if time.monotonic() - self._looked > LOOK_EVERY and (
                isinstance(self._ledger, str) or self._ledger.exists()
            ):
                with Ledger(self._ledger) as ledger:
                    self._found = {run.id: RunAnswer.of(run) for run in ledger.runs(limit=TOLD)}
                self._looked = time.monotonic()
            return self._found


@dataclass
class Runs:
    """The processes of the runs that this server began."""

    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, job: str, settings: Settings) -> bool:
        """Begin a run; False where MOST go on already."""
        command = [sys.executable, "-m", "graphmap", "jobs", "run", "--quiet", "--home", str(settings.home), "--", job]
        with self._lock:
            self._children = [child for child in self._children if child.poll() is None]
            if len(self._children) >= MOST:
                return False
            child = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
            )
            self._children.append(child)
        return True

    def end(self) -> None:
        """Tell those that go on to stop, and wait for them."""
        with self._lock:
            for child in self._children:
                child.terminate()
            for child in self._children:
                try:
                    child.wait(GRACE)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
            self._children = []
