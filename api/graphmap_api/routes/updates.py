"""What changes, told as it does: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from graphmap_api.jobs import Jobs
from graphmap_api.logs import JobAnswer
from graphmap_api.rights import READ
from graphmap_api.routing import Router
from graphmap_api.runs import RunAnswer
from graphmap_api.workspace import Workspaces

router = Router(tags=["service"])

EVERY = 0.5
"""Seconds between two looks."""

SILENCE = 15.0
"""Seconds after which a comment tells proxies and browsers that somebody is there."""

LISTENERS = 50
"""Most of them at once."""

NAMED = 100
"""New findings of which an event has the id."""

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `job` (logs that were sent), `run` (a run of a job, as /runs/{id} has it) and `data` "
        "(`version`, `findings`: how many, `new`: ids of new ones).",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/updates", dependencies=[READ], responses=STREAM, response_class=StreamingResponse)
async def updates(request: Request) -> StreamingResponse:
    """A stream of events: jobs and runs as they go on, and the version of the data with new findings as it changes.

    Of runs that came to their end before, none is told.
    """
    state = request.app.state
    if state.listeners >= LISTENERS:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "too many listen already", headers={"retry-after": "60"})
    return StreamingResponse(_events(state), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _events(state: Any) -> AsyncIterator[str]:
    jobs: Jobs = state.jobs
    state.listeners += 1
    try:
        revision, version, quiet = 0, "", 0.0
        known: set[str] | None = None
        seen: dict[int, RunAnswer] | None = None
        while not state.stopping():
            told = []
            for job in reversed(jobs.since(revision)):
                revision = max(revision, job.revision)
                told.append(_event("job", JobAnswer.of(job).model_dump_json()))
            runs = await run_in_threadpool(state.recent.runs)
            told += [_event("run", run.model_dump_json()) for run in reversed(_changed(runs, seen))]
            seen = runs
            now, found = await run_in_threadpool(_found, state.workspaces)
            if now != version:
                new = [] if known is None else [one for one in found if one not in known][:NAMED]
                told.append(_event("data", json.dumps({"version": now, "findings": len(found), "new": new})))
                version, known = now, set(found)
            quiet = 0.0 if told else quiet + EVERY
            if quiet >= SILENCE:
                told, quiet = [": still here\n\n"], 0.0
            if told:
                yield "".join(told)
            await asyncio.sleep(EVERY)
    finally:
        state.listeners -= 1


def _changed(runs: dict[int, RunAnswer], seen: dict[int, RunAnswer] | None) -> list[RunAnswer]:
    """Those that are not as they were; at first those that go on."""
    if seen is None:
        return [run for run in runs.values() if run.ended is None]
    return [run for number, run in runs.items() if seen.get(number) != run]


def _found(workspaces: Workspaces) -> tuple[str, list[str]]:
    workspace = workspaces.current()
    return workspace.version, [case.finding.id for case in workspace.shown]


def _event(name: str, data: str) -> str:
    """JSON has no line ends outside of escapes, so one `data` line holds it."""
    return f"event: {name}\ndata: {data}\n\n"
