"""Who asks, and who asked what."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from graphmap_api.audit import Trails
from graphmap_api.models import AuditEntries, AuditEntry, Me
from graphmap_api.queries import NAME, Limit
from graphmap_api.rights import ANYBODY, RIGHTS, RULE, AnyCaller
from graphmap_api.routing import Router

router = Router(tags=["access"])


@router.get("/me", dependencies=[ANYBODY])
def me(caller: AnyCaller) -> Me:
    """Who the server takes you for, and what you may do."""
    return Me(name=caller.name, role=caller.role, rights=sorted(RIGHTS[caller.role]))


@router.get("/audit", dependencies=[RULE])
def audit(
    request: Request,
    who: Annotated[str | None, Query(max_length=NAME, description="Only what they asked.")] = None,
    refused: Annotated[bool, Query(description="What was refused for want of a token, instead.")] = False,  # noqa: FBT002 - a parameter of the query
    limit: Limit = 100,
) -> AuditEntries:
    """The newest requests, the newest first: who, when, what, and the status of the answer."""
    trails: Trails = request.app.state.trails
    found = (trails.refused if refused else trails.known).newest(limit + 1, who=who)
    return AuditEntries(
        items=[AuditEntry.model_validate(one) for one in found[:limit]],
        shown=min(len(found), limit),
        cut=len(found) > limit,
    )
