"""One run of a job: the claim, the watch over it, the record.

A run is stopped by ending its process: every task may be killed at any moment and be done again (that is how ingest,
hunts and pushes are made), and nothing else stops compiled code that does not look up.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from graphmap.errors import GraphmapError, StoreError
from graphmap.jobs.tasks import TASKS, Outcome, Window
from graphmap.store.ledger import Claim, Ledger, Run, RunState
from graphmap.store.ledger.owners import process_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from graphmap.config import Settings
    from graphmap.jobs.config import Job

STOPPED = 5
"""Exit code of a process whose run was stopped: it took too long, somebody asked, or another process took over."""

LOOK = 2.0
"""Seconds between two looks whether a run may go on; its lease lasts much longer."""

OVER = b"\0"
"""What the watch hears when the task has come to its end; other bytes are numbers of signals."""

_log = logging.getLogger("graphmap.jobs")


def run_job(job: Job, settings: Settings, *, due: datetime | None = None) -> Claim:
    """Run a job in this process, if it may run now. Call it from the main thread: it listens for SIGTERM.

    Parameters
    ----------
    job, settings
        What, and where the stores are.
    due
        The moment of the schedule that this run is for.

    Returns
    -------
    Claim: with the finished run, or with the run that stood in the way. A task's failure is in the run, not raised.

    Raises
    ------
    StoreError
        The ledger cannot be read or written.
    """
    with Ledger(settings.ledger) as ledger:
        claim = ledger.begin_run(job.name, owner=process_name(), window=job.window, due=due)
        if not claim.granted:
            return claim
        run = claim.run
        with _watched(run, job, settings):
            state, outcome, error = _done(job, settings, run)
        return Claim(granted=True, run=ledger.end_run(run, state, counts=outcome.counts, error=error))


def _done(job: Job, settings: Settings, run: Run) -> tuple[RunState, Outcome, str | None]:
    """Do the task."""
    try:
        outcome = TASKS[job.task](job, settings, Window(run.since, run.until))
    except GraphmapError as error:
        return RunState.FAILED, Outcome(), error.message + (f" ({error.hint})" if error.hint else "")
    except Exception as error:  # noqa: BLE001 - the record must say so, whatever it was; nobody looks at this process
        _log.exception("run %d of %s failed", run.id, job.name)
        return RunState.FAILED, Outcome(), f"this is a bug: {type(error).__name__}: {error}"
    return RunState.DONE if outcome.problem is None else RunState.PARTLY, outcome, outcome.problem


@contextmanager
def _watched(run: Run, job: Job, settings: Settings) -> Iterator[None]:
    """Keep the lease while the task works; end the process where it may not go on."""
    hears, tells = socket.socketpair()
    tells.setblocking(False)  # noqa: FBT003 - that is how a socket is asked
    limit = job.time_limit.total_seconds()
    thread = threading.Thread(target=_watch, args=(run, settings, limit, hears), name="watch of the run", daemon=True)
    # A handler in Python waits until compiled code returns; the byte that C writes does not.
    handler = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    wakes = signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakes)
        signal.signal(signal.SIGTERM, handler)
        tells.send(OVER)
        thread.join()
        hears.close()
        tells.close()


def _watch(run: Run, settings: Settings, limit: float, hears: socket.socket) -> None:
    """Look again and again whether a run may go on, until OVER is heard."""
    end = time.monotonic() + limit
    while True:
        left = end - time.monotonic()
        hears.settimeout(max(min(LOOK, left), 0.001))
        with suppress(TimeoutError):
            heard = hears.recv(64)
            if OVER in heard:
                return
            if signal.SIGTERM in heard:
                _stop(run, settings, RunState.CANCELLED, "its process was told to end (SIGTERM)")
            continue
        if left <= 0:
            _stop(run, settings, RunState.TIMED_OUT, f"it took longer than its time limit of {limit:,.0f} s")
        try:
            with Ledger(settings.ledger) as ledger:
                now = ledger.keep_run(run)
        except StoreError as error:
            _log.warning("run %d of %s: %s", run.id, run.job, error.message)
            continue  # the lease lasts for some looks more
        if now is None:
            _log.error("run %d of %s: another process took over", run.id, run.job)
            os._exit(STOPPED)
        if now.cancelled_by is not None:
            _stop(run, settings, RunState.CANCELLED, f"stopped by {now.cancelled_by}")


def _stop(run: Run, settings: Settings, state: RunState, why: str) -> NoReturn:
    """Note how the run ended, and end this process."""
    try:
        with Ledger(settings.ledger) as ledger:
            ledger.end_run(run, state, error=why)
    except StoreError as error:
        _log.warning("run %d of %s: %s", run.id, run.job, error.message)
    _log.error("run %d of %s: %s", run.id, run.job, why)
    logging.shutdown()
    os._exit(STOPPED)
