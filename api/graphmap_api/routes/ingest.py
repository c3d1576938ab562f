"""Logs in: sent, read in a job, and looked at."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import HTTPException, Query, Request, Response
from fastapi import Path as InPath

from graphmap.config import parse_zone
from graphmap.model import Role
from graphmap.pipeline.hunt import hunt
from graphmap.pipeline.ingest import ingest
from graphmap.readers.base import ReadOptions
from graphmap.store.ledger import Ledger
from graphmap_api.freshness import AnyWorkspace
from graphmap_api.jobs import Job, Jobs, Work
from graphmap_api.logs import FileAnswer, JobAnswer, JobList, Reject
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import NAME, YEARS, Cursor, Limit
from graphmap_api.rights import READ, SEND, SEND_OR_READ, AnyCaller, Caller
from graphmap_api.routing import Router
from graphmap_api.uploads import plain_name, receive
from graphmap_api.workspace import Workspaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.pipeline.ingest import Progress

router = Router(tags=["logs"])

OCTETS = {"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


@router.post("/ingest", status_code=202, dependencies=[SEND], openapi_extra=OCTETS)
async def send_logs(
    request: Request,
    response: Response,
    caller: AnyCaller,
    name: Annotated[str, Query(max_length=NAME, description="Of the file; its end tells how it is compressed.")] = "",
    host: Annotated[str, Query(max_length=NAME, description="Whose log it is, where its lines name none.")] = "",
    year: Annotated[int | None, Query(ge=YEARS.start, lt=YEARS.stop, description="Of stamps without one.")] = None,
    timezone: Annotated[str, Query(max_length=NAME, description="Of stamps without an offset.")] = "",
    then_hunt: Annotated[bool, Query(alias="hunt", description="Hunt when it is in.")] = False,  # noqa: FBT002 - a parameter of the query
) -> JobAnswer:
    """Send a log as the body: text, compressed, or a zip or tar archive of several.

    A job reads it; each event is kept once, whatever is sent again.
    """
    workspaces: Workspaces = request.app.state.workspaces
    settings = workspaces.settings
    jobs: Jobs = request.app.state.jobs
    options = ReadOptions(year=year, zone=parse_zone(timezone) if timezone else settings.timezone)
    if jobs.is_full():
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE, "too many jobs wait: send it again later", headers={"retry-after": "60"}
        )
    number = jobs.reserve()
    file, size = await receive(request.stream(), settings.home / "uploads" / number, plain_name(name))
    job = Job(number, caller.name, name, datetime.now(UTC), size)
    begun = jobs.begin(job, _work(workspaces, file, options, host or None, hunting=then_hunt))
    response.headers["location"] = f"{request.url.path.removesuffix('ingest')}jobs/{number}"
    return JobAnswer.of(begun)


@router.get("/jobs", dependencies=[SEND_OR_READ])
def jobs(request: Request, caller: AnyCaller) -> JobList:
    """The last 200 jobs of this run of the server, the newest first. A token for ingest sees its own."""
    found = [job for job in _jobs(request).since(0) if _may_see(caller, job)]
    return JobList(items=[JobAnswer.of(job) for job in sorted(found, key=lambda job: job.created, reverse=True)])


@router.get("/jobs/{id}", dependencies=[SEND_OR_READ])
def job(
    request: Request, caller: AnyCaller, number: Annotated[str, InPath(alias="id", pattern="^j-[0-9a-f]{12}$")]
) -> JobAnswer:
    """How a job stands, and what came of it."""
    found = _jobs(request).job(number)
    if found is None or not _may_see(caller, found):
        raise HTTPException(404, f"no job {number}: those of an earlier run of the server are not kept")
    return JobAnswer.of(found)


@router.get("/files", dependencies=[READ])
def files(workspace: AnyWorkspace, cursor: Cursor = None, limit: Limit = 100) -> Page[FileAnswer]:
    """The logs whose every event is in the lake, by name."""
    begin = begin_of(cursor, workspace)
    with Ledger(workspace.settings.ledger) as ledger:
        found = ledger.files()
    return page([FileAnswer(**asdict(one)) for one in found[begin : begin + limit]], len(found), begin, workspace)


@router.get("/rejects", dependencies=[READ])
def rejects(workspace: AnyWorkspace, cursor: Cursor = None, limit: Limit = 100) -> Page[Reject]:
    """The lines that were not understood, with the reason, by file and line."""
    begin = begin_of(cursor, workspace)
    found = workspace.lake.rejects(begin + limit)[begin:]
    items = [Reject(**row) for row in found.iter_rows(named=True)]
    return page(items, workspace.lake.count_rejects(), begin, workspace)


def _work(workspaces: Workspaces, file: Path, options: ReadOptions, host: str | None, *, hunting: bool) -> Work:
    def work(tell: Callable[[Job], None], job: Job) -> Job:
        def progress(standing: Progress) -> None:
            tell(replace(job, progress=standing))

        settings = workspaces.settings
        done = replace(job, report=ingest([file], settings=settings, options=options, host=host, progress=progress))
        if hunting:
            done = replace(done, hunted=hunt(settings).saved)
        workspaces.forget()
        return done

    return work


def _jobs(request: Request) -> Jobs:
    found: Jobs = request.app.state.jobs
    return found


def _may_see(caller: Caller, job: Job) -> bool:
    return caller.role != Role.INGEST or caller.name == job.by
