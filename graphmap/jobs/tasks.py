"""What a job can do: each task is a function of the job, the settings and the window of its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from graphmap.detect import DETECTORS
from graphmap.detect.stories import choose
from graphmap.documents import some_of
from graphmap.errors import InputError
from graphmap.jobs.config import NEEDS
from graphmap.pipeline.alerting import deliver, queue
from graphmap.pipeline.coverage import coverage
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.graphs import open_store, push
from graphmap.pipeline.hunt import hunt
from graphmap.pipeline.ingest import Status
from graphmap.spark.engines import ingest, maker_of
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.config import Settings
    from graphmap.jobs.config import Job
    from graphmap.pipeline.alerting import Delivered

SHOWN = 5
"""How many files a sentence names."""

QUIET = timedelta(days=1)
"""A host is quiet whose last event is so much older than that of the lake."""

RECORDS = timedelta(days=90)
"""How long retention keeps the records of runs and of alerts that were sent."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a run looks at: `since` None is everything before `until`."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task did, by name; and what it could not do, a sentence, where it did the rest."""

    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None


def _hunt(job: Job, settings: Settings, window: Window) -> Outcome:
    chosen = [DETECTORS[name] for name in job.detectors] or None
    hunted = hunt(settings, chosen, since=window.since, maker=maker_of(settings))
    least = settings.least_bits if job.least_bits is None else job.least_bits
    told = choose(hunted.stories, least_bits=least, per_day=job.alerts_per_day).every
    cases = hunted.parts_of(told)
    counts = {
        "stories": len(hunted.stories),
        "told": len(told),
        "findings": len(hunted.shown),
        "hidden": len(hunted.cases) - len(hunted.shown),
        "new": hunted.saved.new,
        "updated": hunted.saved.updated,
        "to_read": sum(case.finding.id in hunted.saved.fresh for case in cases),
    }
    if not job.outputs:
        return Outcome(counts)
    queued = queue(settings, cases, stories=told, outputs=job.outputs)
    return _sent(deliver(settings), {**counts, "alerts": queued.deliveries})


def _alerts(_job: Job, settings: Settings, _window: Window) -> Outcome:
    return _sent(deliver(settings), {})


def _sent(delivered: Delivered, counts: Mapping[str, int]) -> Outcome:
    """What was sent is counted; what was not is tried again by the job `alerts`, and said."""
    names = ("sent", "held", "failed", "dead")
    problem = "; ".join(delivered.problems) or None
    return Outcome({**counts, **{name: getattr(delivered, name) for name in names}}, problem)


def _coverage(_job: Job, settings: Settings, _window: Window) -> Outcome:
    found = coverage(load_estate(settings, maker=maker_of(settings)))
    last = max((one.last for one in found if one.last), default=None)
    quiet = [one.host for one in found if last and (one.last is None or last - one.last > QUIET)]
    return Outcome({"hosts": len(found), "quiet": len(quiet), "not_evaluable": sum(len(one.blind) for one in found)})


def _push(_job: Job, settings: Settings, window: Window) -> Outcome:
    with open_store(None) as store:
        pushed = push(store, load_estate(settings, maker=maker_of(settings)), settings, since=window.since).pushed
    return Outcome({"nodes": pushed.nodes, "relationships": pushed.relationships, "removed": pushed.removed})


def _compact(_job: Job, settings: Settings, _window: Window) -> Outcome:
    lake = Lake(settings.lake)
    before = lake.snapshot().files.height
    lake.compact()
    removed = lake.vacuum()
    return Outcome({"files": lake.snapshot().files.height, "joined": before, "deleted": removed})


def _retention(job: Job, settings: Settings, window: Window) -> Outcome:
    if job.keep is None:
        raise InputError(f"the job {job.name} needs keep", hint=f"below [jobs.{job.name}] {NEEDS['keep']}")
    oldest = window.until - job.keep
    midnight = datetime(oldest.year, oldest.month, oldest.day, tzinfo=UTC)
    lake = Lake(settings.lake)
    deleted = lake.forget(midnight)
    lake.vacuum()
    with Ledger(settings.ledger) as ledger:
        runs = ledger.forget_runs(window.until - RECORDS)
        deliveries = ledger.forget_deliveries(window.until - RECORDS)
    return Outcome({"events": deleted, "runs": runs, "deliveries": deliveries})


def _ingest(job: Job, settings: Settings, _window: Window) -> Outcome:
    report = ingest(job.paths, settings=settings)
    bad = [file.file for file in report.files if file.status in {Status.UNREADABLE, Status.PARTIAL}]
    counts = {name: report.total(name) for name in ("lines", "added", "duplicates", "rejects")}
    counts |= {"files": len(report.files), "unread": len(bad)}
    return Outcome(counts, f"not read to the end: {some_of(bad, SHOWN)}" if bad else None)


TASKS: dict[str, Callable[[Job, Settings, Window], Outcome]] = {
    "hunt": _hunt,
    "coverage": _coverage,
    "push": _push,
    "alerts": _alerts,
    "compact": _compact,
    "retention": _retention,
    "ingest": _ingest,
}
"""What each task does. Each may be killed at any moment, and done again then."""
