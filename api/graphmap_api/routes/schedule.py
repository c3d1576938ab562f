"""What runs by itself (docs/jobs.md): when each job is due, and its runs. /jobs are the logs that were sent."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import HTTPException, Path, Query, Request

from graphmap.jobs.config import find_job, load_jobs
from graphmap.jobs.scheduler import DAEMON, next_due
from graphmap.store.ledger import Ledger, Run, RunState
from graphmap.store.ledger.owners import is_gone, shown_name
from graphmap_api.freshness import AnyWorkspace
from graphmap_api.queries import NAME, Limit
from graphmap_api.rights import READ, RULE, AnyCaller
from graphmap_api.routing import Router
from graphmap_api.runs import Begun, RunAnswer, RunList, Runs, Schedule, ScheduledJob

if TYPE_CHECKING:
    from graphmap.jobs.config import Job

router = Router(tags=["schedule"], dependencies=[READ])

JobName = Annotated[str, Query(max_length=NAME, description="As /schedule names it.")]
RunNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/schedule")
def schedule(workspace: AnyWorkspace) -> Schedule:
    """The jobs that can run by themselves: when each is due, and its last run."""
    jobs = load_jobs(workspace.settings)
    with Ledger(workspace.settings.ledger) as ledger:
        last, kept, leader = ledger.last_runs(), ledger.schedule(), ledger.holder(DAEMON)
    now = datetime.now(UTC)
    items = []
    for job in jobs.values():
        trigger, following = kept.get(job.name, (None, None))
        due = following if leader is not None and trigger == job.trigger else next_due(job, now)
        items.append(_scheduled(job, due, last.get(job.name)))
    return Schedule(items=items, scheduled_by=None if leader is None else shown_name(leader))


@router.get("/runs")
def runs(
    workspace: AnyWorkspace,
    job: Annotated[str | None, Query(max_length=NAME, description="Only of this one.")] = None,
    limit: Limit = 50,
) -> RunList:
    """What ran, the last first: when, how long, what it did, how it ended."""
    with Ledger(workspace.settings.ledger) as ledger:
        found = ledger.runs(job, limit=limit + 1)
    shown = [RunAnswer.of(one) for one in found[:limit]]
    return RunList(items=shown, shown=len(shown), cut=len(found) > limit)


@router.get("/runs/{id}")
def run(workspace: AnyWorkspace, number: Annotated[RunNumber, Path(alias="id")]) -> RunAnswer:
    """How a run stands."""
    with Ledger(workspace.settings.ledger) as ledger:
        return RunAnswer.of(ledger.run(number))


@router.post("/runs", status_code=202, dependencies=[RULE])
def begin_run(request: Request, workspace: AnyWorkspace, job: JobName) -> Begun:
    """Run a job now, in a process of its own. One that runs already is refused with 409."""
    settings = workspace.settings
    name = find_job(settings, job).name
    with Ledger(settings.ledger) as ledger:
        last = ledger.last_runs().get(name)
    if last is not None and last.state is RunState.RUNNING and not is_gone(last.owner):
        raise HTTPException(HTTPStatus.CONFLICT, f"{name} is running: run {last.id} on {shown_name(last.owner)}")
    begun: Runs = request.app.state.runs
    if not begun.begin(name, settings):
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE, "too many runs go on: ask again later", headers={"retry-after": "60"}
        )
    return Begun(job=name, asked=datetime.now(UTC))


@router.post("/runs/{id}/cancel", status_code=202, dependencies=[RULE])
def cancel_run(workspace: AnyWorkspace, caller: AnyCaller, number: Annotated[RunNumber, Path(alias="id")]) -> RunAnswer:
    """Ask that a run be stopped. Its process looks every few seconds, and what it was at can be done again."""
    with Ledger(workspace.settings.ledger) as ledger:
        return RunAnswer.of(ledger.cancel_run(number, author=caller.name))


def _scheduled(job: Job, due: datetime | None, last: Run | None) -> ScheduledJob:
    return ScheduledJob(
        job=job.name,
        task=job.task,
        schedule=None if job.trigger is None else job.trigger.removesuffix(" UTC"),
        window=None if job.window is None else job.window.total_seconds(),
        detectors=list(job.detectors),
        outputs=list(job.outputs),
        time_limit=job.time_limit.total_seconds(),
        next=due,
        last=None if last is None else RunAnswer.of(last),
    )
