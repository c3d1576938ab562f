"""How one host was reached from another, what could be reached, and from where."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from graphmap.pipeline import questions
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Chain, Paths, Reached
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import AtWindow, Cursor, Limit, Name
from graphmap_api.rights import READ

router = APIRouter(tags=["pivots"], dependencies=[READ])


@router.get("/paths")
def paths(
    workspace: FreshWorkspace,
    time: AtWindow,
    src: Annotated[Name, Query(alias="from", description="A host, or another source, by any of its names.")],
    dst: Annotated[Name, Query(alias="to", description="A host, by any of its names.")],
    by: Annotated[
        Literal["certainty", "rarity", "time"], Query(description="The surest, most surprising or quickest first.")
    ] = "certainty",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Paths:
    """The best paths in time from one host to another; no host is visited twice."""
    estate = workspace.estate
    start, end = questions.source_named(estate, src), questions.host_named(estate, dst)
    found, cut = questions.paths(estate, start, end, at=time.at, window=time.window, limit=limit, by=by)
    return Paths(items=[Chain.model_validate(chain) for chain in found], shown=len(found), cut=cut)


@router.get("/reach")
def reach(
    workspace: FreshWorkspace, time: AtWindow, host: Name, cursor: Cursor = None, limit: Limit = 100
) -> Page[Reached]:
    """What could be reached from a host, in order of first arrival, each with the most certain path."""
    begin, estate = begin_of(cursor, workspace), workspace.estate
    found = questions.reached_from(estate, questions.source_named(estate, host), at=time.at, window=time.window)
    items = [_end(one, one.path.hops[-1].start) for one in found[begin : begin + limit]]
    return page(items, len(found), begin, workspace)


@router.get("/origins")
def origins(
    workspace: FreshWorkspace, time: AtWindow, host: Name, cursor: Cursor = None, limit: Limit = 100
) -> Page[Reached]:
    """From where a host could have been reached, the most certain first, each with its path."""
    begin, estate = begin_of(cursor, workspace), workspace.estate
    found = questions.origins_of(estate, questions.host_named(estate, host), at=time.at, window=time.window)
    items = [_end(one, one.path.start) for one in found[begin : begin + limit]]
    return page(items, len(found), begin, workspace)


def _end(found: questions.Reached, moment: datetime) -> Reached:
    return Reached(name=found.name, segment=found.segment, moment=moment, path=Chain.model_validate(found.path))
