"""How one host was reached from another, what could be reached, and from where."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import HTTPException, Query

from graphmap.pipeline import questions
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Chain, Paths, Reached
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import AtWindow, Cursor, Limit, Name
from graphmap_api.rights import READ
from graphmap_api.routing import Router
from graphmap_api.turns import in_turn

if TYPE_CHECKING:
    from graphmap.pipeline.estate import Estate

router = Router(tags=["pivots"], dependencies=[READ])

TARGETS = 20
"""Most hosts that paths may lead to."""

Several = Annotated[list[Name] | None, Query(max_length=50)]


@router.get("/paths")
@in_turn
def paths(
    workspace: FreshWorkspace,
    time: AtWindow,
    src: Annotated[Name, Query(alias="from", description="A host, or another source, by any of its names.")],
    dst: Annotated[
        list[Name],
        Query(alias="to", min_length=1, max_length=TARGETS, description="Hosts, by any of their names."),
    ],
    by: Annotated[
        Literal["certainty", "rarity", "time"], Query(description="The surest, most surprising or quickest first.")
    ] = "certainty",
    exclude_host: Annotated[Several, Query(description="Hosts and sources that no hop may touch.")] = None,
    exclude_user: Annotated[Several, Query(description="Accounts of which no hop may be, whatever alias.")] = None,
    exclude_method: Annotated[Several, Query(description="Methods that no hop may use, such as password.")] = None,
    exclude_edge: Annotated[Several, Query(description="Ways SRC>DST that no hop may go, such as ws2>jump1.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many: the k best.")] = 10,
) -> Paths:
    """The best paths in time from one host to others; no host is visited twice.

    Each path ends at the first of `to` that it comes to.
    """
    estate = workspace.estate
    excluded = questions.Excluded(
        hosts=tuple(questions.source_named(estate, name) for name in exclude_host or ()),
        accounts=tuple(exclude_user or ()),
        methods=tuple(exclude_method or ()),
        ways=tuple(_way(estate, text) for text in exclude_edge or ()),
    )
    start, ends = questions.source_named(estate, src), [questions.host_named(estate, name) for name in dst]
    found, cut = questions.paths(
        estate, start, ends, at=time.at, window=time.window, limit=limit, by=by, excluded=excluded
    )
    return Paths(items=[Chain.model_validate(chain) for chain in found], shown=len(found), cut=cut)


def _way(estate: Estate, text: str) -> tuple[str, str]:
    """The two ends of a way. The name of a host has no >, that of a source may."""
    start, arrow, goal = text.rpartition(">")
    if not arrow:
        raise HTTPException(422, f"{text!r} is no way: write SRC>DST")
    return questions.source_named(estate, start.strip()), questions.host_named(estate, goal.strip())


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
