"""Whether it answers, which version, and what the logs cover."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version as version_of

from fastapi import APIRouter

from graphmap.pipeline.status import overview
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Coverage, Health, HostCoverage, Version
from graphmap_api.rights import READ

router = APIRouter(tags=["service"])

HOSTS = 1_000
"""Most hosts of one answer."""


@router.get("/health")
def health() -> Health:
    """Whether the server answers. Needs no token."""
    return Health()


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
