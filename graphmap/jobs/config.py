"""The jobs that there are: built in, and those of ``graphmap.toml``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from graphmap.config import load_entries, parse_duration, parse_zone
from graphmap.detect import DETECTORS
from graphmap.documents import length_of
from graphmap.entries import Entry
from graphmap.errors import GraphmapError, InputError, QueryError

if TYPE_CHECKING:
    from graphmap.config import Settings

NEEDS = {"paths": 'write paths = ["/var/log/remote"]', "keep": 'write keep = "400d"'}
"""Keys that a task cannot do without, and how they are written."""

CHAINS = ("multi-hop-chain", "credential-switch", "unusual-movement", "worm-relay")
"""Detectors of the built-in job `chains`."""

RESTRICTED = ("restricted-segment", "rare-edge", "policy-violation", "hypervisor-access")
"""Detectors of the built-in job `restricted`."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that can run by itself. Null means: not said.

    Parameters
    ----------
    name, task
        Its own name, and the task (`graphmap.jobs.tasks.TASKS`) that it does.
    cron, every
        When: the five fields of crontab(5), or a length of time between runs. At most one; without, by hand only.
    timezone
        Zone of `cron`; UTC where not said.
    window
        How far a hunt looks back for what it keeps; everything where not said.
    detectors
        Which ones hunt; none named are all.
    outputs
        Names of alerts that are told of findings; without, nobody is.
    alerts_per_day
        They are told of so many stories of each UTC day, the best ones; all where not said.
    least_bits
        They are told of stories of at least this score (`graphmap.detect.stories.choose`); that of the settings where
        not said.
    paths
        What an ingest reads.
    keep
        How long events are kept by retention.
    time_limit
        How long a run may take before it is stopped.
    misfire
        `run` or `skip` a run whose moment passed while nothing was running; several are one.
    """

    name: str
    task: str
    cron: str | None = None
    every: timedelta | None = None
    timezone: tzinfo | None = None
    window: timedelta | None = None
    detectors: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    alerts_per_day: int | None = None
    least_bits: float | None = None
    paths: tuple[str, ...] = ()
    keep: timedelta | None = None
    time_limit: timedelta = timedelta(hours=1)
    misfire: str = "run"

    @property
    def trigger(self) -> str | None:
        """When it is due, in words that tell whether it was rescheduled; None where it is not scheduled."""
        if self.cron is not None:
            return f"cron {self.cron} {self.timezone or 'UTC'}"
        return None if self.every is None else f"every {length_of(self.every)}"

    @property
    def lacks(self) -> str | None:
        """A key that its task cannot do without, and that nobody gave."""
        return next((key for key in NEEDS if self.task in _ONLY[key] and not getattr(self, key)), None)


BUILT_IN = (
    Job("hunt", "hunt"),
    Job("chains", "hunt", detectors=CHAINS),
    Job("restricted", "hunt", detectors=RESTRICTED),
    Job("coverage", "coverage"),
    Job("push", "push"),
    Job("alerts", "alerts"),
    Job("compact", "compact"),
    Job("retention", "retention"),
)
"""Jobs that can be run and scheduled by their names alone. None has a schedule of its own."""


def load_jobs(settings: Settings) -> dict[str, Job]:
    """Every job by its name: those built in, as ``[jobs.NAME]`` of ``graphmap.toml`` changes them, and those it adds.

    Raises
    ------
    InputError
        An entry cannot be used; the message names file, entry and key.
    """
    jobs = {job.name: job for job in BUILT_IN}
    known = load_entries(settings, "alerts", Entry)
    for name, entry in load_entries(settings, "jobs", Entry).items():
        jobs[name] = _job(entry, jobs.get(name), name)
        if strange := [output for output in jobs[name].outputs if output not in known]:
            entry.wrong("outputs", f"there is no [alerts.{strange[0]}]", "docs/alerts.md says how to write it")
    return jobs


def find_job(settings: Settings, name: str) -> Job:
    """The job of a name.

    Raises
    ------
    QueryError
        There is none.
    InputError
        As `load_jobs`.
    """
    jobs = load_jobs(settings)
    if name not in jobs:
        raise QueryError(f"no job {name!r}", hint=f"one of: {', '.join(jobs)}")
    return jobs[name]


def _job(entry: Entry, base: Job | None, name: str) -> Job:
    if base is None and not entry.given("task"):
        hint = f'write task = "hunt", or another of: {", ".join(TASK_NAMES)}'
        raise InputError(f"{entry.name}: which task?", hint=hint)
    task = entry.choice("task", TASK_NAMES, base.task if base else "")
    said: dict[str, Any] = {
        "task": task,
        "cron": entry.read("cron", _cron),
        "every": entry.read("every", parse_duration),
        "timezone": entry.read("timezone", parse_zone),
        "window": entry.read("window", parse_duration),
        "detectors": _detectors(entry),
        "outputs": entry.texts("outputs"),
        "alerts_per_day": entry.number("alerts_per_day", None, 1_000_000),
        "least_bits": entry.amount("least_bits", 1000),
        "paths": entry.texts("paths"),
        "keep": entry.read("keep", parse_duration),
        "time_limit": entry.read("time_limit", parse_duration),
        "misfire": entry.choice("misfire", ("run", "skip"), "run"),
    }
    entry.done()
    job = replace(base or Job(name, task), **{key: value for key, value in said.items() if value is not None})
    if job.cron is not None and job.every is not None:
        raise InputError(f"{entry.name}: both cron and every", hint="keep one of them")
    for key, tasks in _ONLY.items():
        if getattr(job, key) != Job.__dataclass_fields__[key].default and job.task not in tasks:
            entry.wrong(key, f"means nothing to {job.task}", f"it is for: {', '.join(tasks)}")
    if job.lacks is not None:
        raise InputError(f"{entry.name}: {job.task} needs {job.lacks}", hint=NEEDS[job.lacks])
    return job


def _detectors(entry: Entry) -> tuple[str, ...] | None:
    names = entry.texts("detectors")
    for name in names or ():
        try:
            _ = DETECTORS[name]
        except GraphmapError as error:
            entry.wrong("detectors", error.message, error.hint)
    return names


def _cron(text: str) -> str:
    parts = text.split()
    if len(parts) != 5:  # noqa: PLR2004 # crontab(5)
        raise InputError(f"{text!r} has {len(parts)} fields", hint='five: minute hour day month weekday, "0 3 * * *"')
    return " ".join(parts)


TASK_NAMES = ("hunt", "coverage", "push", "alerts", "compact", "retention", "ingest")

_ONLY = {
    "window": ("hunt", "push"),
    "detectors": ("hunt",),
    "outputs": ("hunt",),
    "alerts_per_day": ("hunt",),
    "least_bits": ("hunt",),
    "paths": ("ingest",),
    "keep": ("retention",),
}
"""Keys that mean something to some tasks only."""
