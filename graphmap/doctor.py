"""What is wrong with a home folder, or soon will be, and what to do about it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from graphmap.config import load_settings
from graphmap.documents import number_of, some_of, time_text
from graphmap.errors import GraphmapError
from graphmap.jobs.config import load_jobs
from graphmap.jobs.scheduler import DAEMON, trigger_of
from graphmap.pipeline.alerting import load_outputs
from graphmap.pipeline.coverage import coverage
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.policies import load_policy
from graphmap.pipeline.status import clock_sentences, clocks_of
from graphmap.store.connection import URI
from graphmap.store.lake import Lake
from graphmap.store.ledger import DeliveryState, Ledger, RunState
from graphmap.store.ledger.owners import shown_name
from graphmap.watch.standing import standings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graphmap.config import Settings
    from graphmap.pipeline.estate import Estate

SHOWN = 5
"""How many names a sentence has."""
FREE_SHARE, FREE_BYTES = 0.05, 1 << 30
"""A disk is nearly full with less than this share, or these bytes, free."""
SMALL_FILES = 200
"""Files a day of the lake from which on joining them pays."""
REJECTED = 0.01
"""Rejects for each event from which on they are worth a look."""
AHEAD = timedelta(days=1)
"""Events so long after now have a wrong year or zone."""
QUIET = timedelta(days=2)
"""A host is quiet whose last event is so much older than that of the lake."""


class Grade(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """Works, but not as well as it could, or not for long."""
    FAILURE = "failure"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what, how it is, in words, and what to do; `todo` None: nothing."""

    name: str
    grade: Grade
    text: str
    todo: str | None = None


def examine(home: Path | None = None) -> Iterator[Check]:
    """Look at everything, one thing after the other; what cannot be looked at is a failure of its own.

    Parameters
    ----------
    home
        The home folder where the user named one.
    """
    try:
        settings = load_settings(home)
    except GraphmapError as error:
        yield _failure("settings", error)
        return
    yield Check("settings", Grade.OK, f"home is {settings.home}")
    if not settings.home.is_dir():
        yield Check(
            "home", Grade.WARNING, "it does not exist yet", "graphmap ingest PATH... makes it; graphmap demo too"
        )
        return
    for look in (_permissions, _disk, _ledger, _lake, _policy, _watches, _jobs, _alerts):
        yield from _safely(look, settings)
    try:
        estate = load_estate(settings)
    except GraphmapError as error:
        yield _failure("inventory and events", error)
        return
    if not estate.is_empty:
        for question in (_times, _hosts, _clocks):
            yield from _safely(question, settings, estate)
    if os.environ.get(URI):
        yield from _safely(_graph_server, settings)


def _safely(look: Callable[..., Iterator[Check]], *given: object) -> Iterator[Check]:
    try:
        yield from look(*given)
    except GraphmapError as error:
        yield _failure(look.__name__.strip("_").replace("_", " "), error)


def _failure(name: str, error: GraphmapError) -> Check:
    return Check(name, Grade.FAILURE, error.message, error.hint)


def _permissions(settings: Settings) -> Iterator[Check]:
    if not os.access(settings.home, os.R_OK | os.W_OK | os.X_OK):
        yield Check("permissions", Grade.FAILURE, f"{settings.home} cannot be written", "run it as the folder's owner")
        return
    mode = settings.home.stat().st_mode & 0o777
    if mode & 0o077:
        todo = f"chmod 700 {settings.home}"
        yield Check("permissions", Grade.WARNING, f"others may look into the home folder (mode {mode:o})", todo)
    else:
        yield Check("permissions", Grade.OK, "the home folder is its owner's alone")


def _disk(settings: Settings) -> Iterator[Check]:
    disk = shutil.disk_usage(settings.home)
    text = f"{disk.free / 1e9:,.1f} of {disk.total / 1e9:,.1f} GB are free"
    if disk.free < max(FREE_BYTES, FREE_SHARE * disk.total):
        todo = "free some, or let the jobs compact and retention run (docs/jobs.md)"
        yield Check("disk", Grade.WARNING, text, todo)
    else:
        yield Check("disk", Grade.OK, text)


def _ledger(settings: Settings) -> Iterator[Check]:
    with Ledger(settings.ledger) as ledger:
        text = f"{number_of(len(ledger.files()), 'file')} read, {number_of(ledger.count_findings(), 'finding')}"
        yield Check("ledger", Grade.OK, f"{ledger.name}: {text}")


def _lake(settings: Settings) -> Iterator[Check]:
    lake = Lake(settings.lake)
    found, rejects = lake.snapshot(), lake.count_rejects()
    days = found.files["partition.day"].n_unique() or 1
    if not found.events:
        yield Check("lake", Grade.WARNING, "it holds no events", "graphmap ingest PATH... brings logs in")
        return
    where = f" at {settings.lake_url}" if settings.lake_url else ""
    files = f"{number_of(found.files.height, 'file')}{where}"
    text = f"{number_of(found.events, 'event')} of {number_of(days, 'day')} in {files}"
    if found.files.height > SMALL_FILES * days:
        yield Check("lake", Grade.WARNING, text, "graphmap jobs run compact joins small files")
    else:
        yield Check("lake", Grade.OK, text)
    if rejects > REJECTED * found.events:
        many = f"{number_of(rejects, 'line')} not understood, {rejects / found.events:.1%} of the events"
        yield Check("rejects", Grade.WARNING, many, "graphmap status --rejects shows them")
    else:
        yield Check("rejects", Grade.OK, f"{number_of(rejects, 'line')} not understood")


def _policy(settings: Settings) -> Iterator[Check]:
    policy = load_policy(settings)
    if settings.policy.exists():
        yield Check("policy", Grade.OK, f"{number_of(len(policy.rules), 'rule')} in force")


def _watches(settings: Settings) -> Iterator[Check]:
    for one in standings(settings):
        text = f"{one.name}: {one.state}, {number_of(one.behind, 'byte')} behind"
        if one.state in {"gone", "waiting"}:
            todo = (
                "start it again: graphmap watch" if one.state == "gone" else "it goes on by itself when that is mended"
            )
            why = f": {one.problem}" if one.problem else ""
            yield Check("watch", Grade.FAILURE, f"{text}{why}", todo)
        else:
            yield Check("watch", Grade.OK, text)


def _alerts(settings: Settings) -> Iterator[Check]:
    outputs = load_outputs(settings)
    with Ledger(settings.ledger) as ledger:
        dead = len(ledger.deliveries(state=DeliveryState.DEAD))
    if dead:
        todo = "graphmap alerts list --dead says why, graphmap alerts retry --all tries again"
        yield Check("alerts", Grade.FAILURE, f"{number_of(dead, 'alert')} given up", todo)
    elif outputs:
        yield Check("alerts", Grade.OK, f"{number_of(len(outputs), 'output')}, none was given up on")


def _jobs(settings: Settings) -> Iterator[Check]:
    scheduled = [job for job in load_jobs(settings).values() if trigger_of(job) is not None]
    with Ledger(settings.ledger) as ledger:
        leader, runs = ledger.holder(DAEMON), ledger.last_runs()
    if scheduled and leader is None:
        names = some_of([job.name for job in scheduled], SHOWN)
        yield Check("jobs", Grade.WARNING, f"nothing schedules {names}", "graphmap jobs daemon does (docs/jobs.md)")
    elif leader is not None and scheduled:
        yield Check("jobs", Grade.OK, f"{number_of(len(scheduled), 'job')} scheduled by {shown_name(leader)}")
    for name, run in sorted(runs.items()):
        if run.state not in {RunState.DONE, RunState.RUNNING}:
            text = f"the last run of {name}, {time_text(run.started)}, {run.state}: {run.error}"
            yield Check("jobs", Grade.FAILURE, text, f"graphmap jobs run {name} tries again")


def _times(settings: Settings, _estate: Estate) -> Iterator[Check]:
    """Stamps of the future come from a wrong year or zone, or a clock that is ahead."""
    last = Lake(settings.lake).summary().last
    if last is None:
        return
    text = f"the last event is of {time_text(last)}"
    if last > datetime.now(UTC) + AHEAD:
        todo = "were --year and --timezone right when it was ingested? (docs/operations.md)"
        yield Check("time", Grade.WARNING, f"{text}, which has not come yet", todo)
    else:
        yield Check("time", Grade.OK, text)


def _hosts(_settings: Settings, estate: Estate) -> Iterator[Check]:
    hosts = coverage(estate)
    seen = [one for one in hosts if one.last]
    last = max((one.last for one in seen if one.last), default=None)
    quiet = [one.host for one in seen if last and one.last and last - one.last > QUIET]
    never = [one.host for one in hosts if not one.last]
    if quiet:
        text = f"{number_of(len(quiet), 'host')} quiet for {QUIET.days} days: {some_of(quiet, SHOWN)}"
        yield Check("coverage", Grade.WARNING, text, "do their logs still come in? graphmap coverage HOST")
    if never:
        text = f"{number_of(len(never), 'host')} of the inventory without any event: {some_of(never, SHOWN)}"
        yield Check("coverage", Grade.WARNING, text, "collect their logs: hops into them are missing")
    if not quiet and not never:
        yield Check("coverage", Grade.OK, f"{number_of(len(hosts), 'host')} heard of to the end")


def _clocks(_settings: Settings, estate: Estate) -> Iterator[Check]:
    far = list(clock_sentences(clocks_of(estate)))
    for sentence in far:
        yield Check("clocks", Grade.WARNING, sentence, "let both keep time by NTP; hops of one second may change order")
    if not far:
        yield Check("clocks", Grade.OK, "no two clocks are known to be apart")


def _graph_server(_settings: Settings) -> Iterator[Check]:
    from graphmap.pipeline.graphs import open_store  # noqa: PLC0415 - only where a server is named

    with open_store(None):
        yield Check("graph server", Grade.OK, f"{os.environ[URI]} answers")
