"""The jobs that there are: built in, and those of ``graphmap.toml``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from graphmap.config import load_section, parse_duration, parse_zone
from graphmap.detect import DETECTORS
from graphmap.documents import length_of
from graphmap.errors import GraphmapError, InputError, QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

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
    budget
        Most findings of one run that are sent to `outputs`, the highest score first.
    outputs
        Names of alerts that are told of findings.
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
    budget: int | None = None
    outputs: tuple[str, ...] = ()
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
    for name, entry in load_section(settings, "jobs").items():
        place = f"{settings.home / 'graphmap.toml'}: jobs.{name}"
        jobs[name] = _job(place, jobs.get(name), name, entry)
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


def _job(place: str, base: Job | None, name: str, entry: dict[str, Any]) -> Job:
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in _READ:
            raise InputError(f"{place}.{key}: no such key", hint=f"one of: {', '.join(_READ)}")
        try:
            values[key] = _READ[key](value)
        except GraphmapError as error:
            raise InputError(f"{place}.{key}: {error.message}", hint=error.hint) from error
    if base is None and "task" not in values:
        raise InputError(f"{place}: which task?", hint=f'write task = "hunt", or another of: {", ".join(TASK_NAMES)}')
    job = replace(base or Job(name, values["task"]), **values)
    if job.cron is not None and job.every is not None:
        raise InputError(f"{place}: both cron and every", hint="keep one of them")
    for key, tasks in _ONLY.items():
        if getattr(job, key) != Job.__dataclass_fields__[key].default and job.task not in tasks:
            raise InputError(f"{place}.{key}: means nothing to {job.task}", hint=f"it is for: {', '.join(tasks)}")
    if job.lacks is not None:
        raise InputError(f"{place}: {job.task} needs {job.lacks}", hint=NEEDS[job.lacks])
    return job


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError("must be text in quotes")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise InputError("must be a list of texts", hint='write ["one", "another"]')
    return tuple(value)


def _detectors(value: object) -> tuple[str, ...]:
    names = _texts(value)
    for name in names:
        _ = DETECTORS[name]
    return names


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError("must be a number of 1 or more")
    return value


def _one_of(*allowed: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in allowed:
            raise InputError(f"{value!r} is not known", hint=f"one of: {', '.join(allowed)}")
        return str(value)

    return read


def _cron(value: object) -> str:
    parts = _text(value).split()
    if len(parts) != 5:  # noqa: PLR2004 # crontab(5)
        raise InputError(f"{value!r} has {len(parts)} fields", hint='five: minute hour day month weekday, "0 3 * * *"')
    return " ".join(parts)


def _duration(value: object) -> timedelta:
    return parse_duration(_text(value))


TASK_NAMES = ("hunt", "coverage", "push", "compact", "retention", "ingest")

_READ: dict[str, Callable[[object], Any]] = {
    "task": _one_of(*TASK_NAMES),
    "cron": _cron,
    "every": _duration,
    "timezone": lambda value: parse_zone(_text(value)),
    "window": _duration,
    "detectors": _detectors,
    "budget": _number,
    "outputs": _texts,
    "paths": _texts,
    "keep": _duration,
    "time_limit": _duration,
    "misfire": _one_of("run", "skip"),
}
"""How the value of each key of an entry is read."""

_ONLY = {
    "window": ("hunt", "push"),
    "detectors": ("hunt",),
    "budget": ("hunt",),
    "outputs": ("hunt",),
    "paths": ("ingest",),
    "keep": ("retention",),
}
"""Keys that mean something to some tasks only."""
