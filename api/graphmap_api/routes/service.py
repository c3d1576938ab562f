"""Whether it answers, which version, and what the logs cover."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from importlib.metadata import version as version_of
from typing import Any

from fastapi import HTTPException, Request, Response

from graphmap.jobs.metrics import metrics_text
from graphmap.pipeline.readiness import Readiness
from graphmap.pipeline.status import overview
from graphmap_api.freshness import AnyWorkspace, FreshWorkspace
from graphmap_api.models import Coverage, Health, HostCoverage, Ready, Version
from graphmap_api.rights import READ
from graphmap_api.routing import Router

router = Router(tags=["service"])

HOSTS = 1_000
"""Most hosts of one answer."""

_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get("/health")
def health() -> Health:
    """Whether the server answers. Needs no token."""
    return Health()


@router.get("/ready")
def ready(request: Request) -> Ready:
    """Whether it can do its work: lake and ledger can be read, the home folder written. Else 503. Needs no token."""
    readiness: Readiness = request.app.state.readiness
    lacking = readiness.lacking()
    if lacking:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, f"not ready: {'; '.join(lacking)}")
    return Ready()


@router.get("/metrics", dependencies=[READ], responses=_METRICS, response_class=Response)
def metrics(workspace: AnyWorkspace) -> Response:
    """What runs by itself, lake and disk, for Prometheus: `authorization` of its scrape config takes the token."""
    text, media_type = metrics_text(workspace.settings)
    return Response(text, headers={"content-type": media_type})


@router.get("/version", dependencies=[READ])
def version(workspace: FreshWorkspace) -> Version:
    """The version of graphmap and of the data."""
    return Version(version=version_of("graphmap"), data=workspace.version)


@router.get("/coverage", dependencies=[READ])
def coverage(workspace: FreshWorkspace) -> Coverage:
    """What the logs cover, and what cannot be seen from them."""
    found = overview(workspace.settings)
    hosts = sorted(found.summary.hosts, key=lambda host: host.last)
    return Coverage(
        events=found.summary.events,
        rejects=found.summary.rejects,
        files=found.files,
        first=found.summary.first,
        last=found.summary.last,
        inventory=found.inventory,
        hosts=[HostCoverage(**asdict(host)) for host in hosts[:HOSTS]],
        all_hosts=len(hosts),
        blind=list(found.blind),
    )
