"""When jobs are due. The only door to APScheduler.

When each job is due next lies in the ledger, so that a run whose moment passed while nothing was running is found and
made good. Of the job itself nothing is stored there: what it does is said by ``graphmap.toml`` alone. Each run is a
process of its own, so that a run that fails, or takes all memory, does not take the others with it.

Several daemons may serve one ledger: the one that has the lease schedules, the others wait, and one of them goes on
when the lease is given back or is not renewed.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import BaseJobStore, ConflictingIdError, JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from graphmap.errors import InputError, StoreError
from graphmap.jobs.config import load_jobs
from graphmap.store.ledger import Ledger
from graphmap.store.ledger.owners import process_name
from graphmap.store.ledger.runs import LEASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apscheduler.job import Job as Scheduled

    from graphmap.config import Settings
    from graphmap.jobs.config import Job

DAEMON = "daemon"
"""The lease of the one who schedules."""

LATE = timedelta(seconds=60)
"""How late a run may begin that is skipped where its moment was missed."""

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_log = logging.getLogger("graphmap.jobs")
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns at each moment at which a run is still going on


def trigger_of(job: Job) -> CronTrigger | IntervalTrigger | None:
    """When a job is due, in the terms of APScheduler; None where it has no schedule.

    Intervals are counted from a fixed moment, not from the start of the program, so that a restart moves nothing.

    Raises
    ------
    InputError
        The cron expression cannot be read.
    """
    if job.cron is None:
        return (
            None
            if job.every is None
            else IntervalTrigger(seconds=int(job.every.total_seconds()), start_date=_EPOCH, timezone=UTC)
        )
    try:
        return CronTrigger.from_crontab(job.cron, timezone=job.timezone or UTC)
    except ValueError as error:
        raise InputError(
            f"job {job.name}: cron {job.cron!r}: {error}", hint='five fields as in crontab(5), such as "*/15 * * * *"'
        ) from error


def next_due(job: Job, now: datetime) -> datetime | None:
    """When a job is due next after a moment; None where it has no schedule, or never again."""
    trigger = trigger_of(job)
    following: datetime | None = None if trigger is None else trigger.get_next_fire_time(None, now)
    return None if following is None else following.astimezone(UTC)


class Daemon:
    """Runs jobs when they are due, until it is told to stop.

    Parameters
    ----------
    settings
        Where the stores and ``graphmap.toml`` are.
    look
        Seconds between two looks at the lease.
    owner
        What this daemon is called in the ledger; None for the name of its process.

    Raises
    ------
    InputError
        A job of ``graphmap.toml`` cannot be used, or none has a schedule.
    """

    def __init__(
        self, settings: Settings, *, look: float = LEASE.total_seconds() / 4, owner: str | None = None
    ) -> None:
        self.settings = settings
        self.owner = owner or process_name()
        self.jobs = {name: job for name, job in load_jobs(settings).items() if trigger_of(job) is not None}
        if not self.jobs:
            raise InputError(
                f"no job of {settings.home / 'graphmap.toml'} has a schedule",
                hint='write [jobs.hunt] and below it every = "15m" (docs/jobs.md)',
            )
        self._look = look
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let `serve` come to its end; runs that are at work are told to stop. Safe in a signal handler."""
        self._stopped.set()

    def serve(self) -> None:
        """Run what is due until `stop` is called; while another daemon has the lease, wait."""
        reign, told = None, False
        try:
            while not self._stopped.is_set():
                leads = self._leads()
                if leads and reign is None:
                    _log.info("scheduling %s", ", ".join(self.jobs))
                    reign = _Reign(self.settings, self.jobs)
                elif not leads and reign is not None:
                    _log.error("another daemon took over")
                    reign.end()
                    reign = None
                if not leads and not told:
                    _log.info("waiting: another daemon schedules")
                told = not leads
                self._stopped.wait(self._look)
        finally:
            if reign is not None:
                reign.end()
                with Ledger(self.settings.ledger) as ledger:
                    ledger.give_lease(DAEMON, self.owner)

    def _leads(self) -> bool:
        try:
            with Ledger(self.settings.ledger) as ledger:
                return ledger.take_lease(DAEMON, self.owner)
        except StoreError as error:
            _log.warning("%s", error.message)
            return False


class _Reign:
    """The time in which a daemon has the lease: the scheduler, and the processes of its runs."""

    def __init__(self, settings: Settings, jobs: Mapping[str, Job]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ending = False
        self._scheduler = BackgroundScheduler(
            jobstores={"default": LedgerJobs(settings, {name: str(job.trigger) for name, job in jobs.items()})},
            executors={"default": ThreadPoolExecutor(len(jobs))},
            timezone=UTC,
        )
        with Ledger(settings.ledger) as ledger:
            for name in set(ledger.schedule()) - set(jobs):
                ledger.unset_schedule(name)
        self._scheduler.start(paused=True)
        for job in jobs.values():
            self._scheduler.add_job(
                self._run,
                trigger_of(job),
                args=[job.name],
                kwargs={"due": _EPOCH},  # the moment is put in by `LedgerJobs.get_due_jobs`
                id=job.name,
                name=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=int(LATE.total_seconds()) if job.misfire == "skip" else None,
            )
        self._scheduler.resume()

    def end(self) -> None:
        """Tell all that run to stop, wait for them, and begin no other."""
        with self._lock:
            self._ending = True
            for child in self._running:
                child.terminate()
        self._scheduler.shutdown()

    def _run(self, name: str, due: datetime) -> None:
        """Run a job in a process of its own, to its end."""
        command = [sys.executable, "-m", "graphmap", "jobs", "run", name, "--home", str(self._settings.home)]
        with self._lock:
            if self._ending:
                return
            _log.info("%s: due %s", name, f"{due:%Y-%m-%d %H:%M:%SZ}")
            child = subprocess.Popen([*command, "--due", due.isoformat(), "--quiet"])  # noqa: S603 - our own program
            self._running.add(child)
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        _log.log(logging.INFO if code == 0 else logging.WARNING, "%s: ended with %d", name, code)


class LedgerJobs(BaseJobStore):  # type: ignore[misc] # APScheduler has no types
    """A job store in the ledger that keeps when jobs are due, and not what they are.

    A job that was scheduled before in the same way (`triggers`, by its name) keeps its moment, also one that has
    passed; else it is computed anew.
    """

    def __init__(self, settings: Settings, triggers: Mapping[str, str]) -> None:
        super().__init__()
        self._settings = settings
        self._triggers = triggers
        self._jobs: dict[str, Scheduled] = {}

    def lookup_job(self, job_id: str) -> Scheduled | None:
        """The job of that name."""
        return self._jobs.get(job_id)

    def get_due_jobs(self, now: datetime) -> list[Scheduled]:
        """The jobs whose moment has come, each told for which moment it runs."""
        due = [job for job in self.get_all_jobs() if job.next_run_time is not None and job.next_run_time <= now]
        for job in due:
            job.kwargs = {"due": job.next_run_time}
        return due

    def get_next_run_time(self) -> datetime | None:
        """The first moment that comes."""
        return min((job.next_run_time for job in self._jobs.values() if job.next_run_time is not None), default=None)

    def get_all_jobs(self) -> list[Scheduled]:
        """All jobs, the first due first."""
        jobs = sorted(self._jobs.values(), key=lambda job: (job.next_run_time is None, job.next_run_time or _EPOCH))
        return list(jobs)

    def add_job(self, job: Scheduled) -> None:
        """Take a job in, with the moment that the ledger knows where its schedule is the same."""
        if job.id in self._jobs:
            raise ConflictingIdError(job.id)
        with Ledger(self._settings.ledger) as ledger:
            trigger, following = ledger.schedule().get(job.id, ("", None))
            if trigger == self._triggers[job.id] and following is not None:
                job._modify(next_run_time=following)  # noqa: SLF001 - what APScheduler's own stores do
            self._note(ledger, job)
        self._jobs[job.id] = job

    def update_job(self, job: Scheduled) -> None:
        """Note the next moment of a job."""
        if job.id not in self._jobs:
            raise JobLookupError(job.id)
        self._jobs[job.id] = job
        try:
            with Ledger(self._settings.ledger) as ledger:
                self._note(ledger, job)
        except StoreError as error:  # it would end the scheduler; no run is begun twice (`Runs.begin_run`)
            _log.warning("%s", error.message)

    def remove_job(self, job_id: str) -> None:
        """Forget a job."""
        if self._jobs.pop(job_id, None) is None:
            raise JobLookupError(job_id)
        with Ledger(self._settings.ledger) as ledger:
            ledger.unset_schedule(job_id)

    def remove_all_jobs(self) -> None:
        """Forget all of them."""
        for name in list(self._jobs):
            self.remove_job(name)

    def _note(self, ledger: Ledger, job: Scheduled) -> None:
        following = job.next_run_time
        ledger.set_schedule(job.id, self._triggers[job.id], None if following is None else following.astimezone(UTC))
