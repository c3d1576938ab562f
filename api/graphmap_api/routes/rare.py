"""Ways that were rarely taken: a list, and when each was first seen."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Depends, Query

from graphmap.figures.firsts import MARKS, first_seen
from graphmap.pipeline.questions import NO_SEGMENT, rare_ways
from graphmap_api.canvas import OnCanvas, plain
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Figure, RareWay
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import NAME, Cursor, Limit
from graphmap_api.rights import READ

router = APIRouter(tags=["chains"], dependencies=[READ])


def _ways(
    workspace: FreshWorkspace,
    segment: Annotated[
        str | None,
        Query(
            max_length=NAME, description=f"Only into this one; default the restricted ones. {NO_SEGMENT!r}: unknown."
        ),
    ] = None,
    src_segment: Annotated[str | None, Query(max_length=NAME, description="Only out of this segment.")] = None,
    src: Annotated[str | None, Query(max_length=NAME, description="Only from this host or source.")] = None,
    dst: Annotated[str | None, Query(max_length=NAME, description="Only to this host.")] = None,
    max_count: Annotated[int, Query(ge=1, le=10**9, description="A way taken more often is not rare.")] = 3,
) -> pl.DataFrame:
    named = workspace.estate.identity.segment
    into = segment if dst is None else segment or named(dst) or NO_SEGMENT
    out_of = src_segment if src is None else src_segment or named(src) or NO_SEGMENT
    found = rare_ways(workspace.estate, into, max_count, src_segment=out_of)
    asked = [pl.col(column) == name for column, name in (("src", src), ("dst", dst)) if name is not None]
    return found.filter(*asked)


Ways = Annotated[pl.DataFrame, Depends(_ways)]


@router.get("/rare")
def rare(workspace: FreshWorkspace, ways: Ways, cursor: Cursor = None, limit: Limit = 100) -> Page[RareWay]:
    """Ways into a segment that were taken a few times only, the rarest and latest first."""
    begin = begin_of(cursor, workspace)
    items = [RareWay(**row) for row in ways.slice(begin, limit).iter_rows(named=True)]
    return page(items, ways.height, begin, workspace)


@router.get("/figures/first-seen")
def first_seen_figure(ways: Ways, canvas: OnCanvas) -> Figure:
    """When ways were first taken, a lane for each destination; what the policy says of each is its colour and shape."""
    if ways.is_empty():
        return Figure(figure={}, cut=None, empty="no way was taken so seldom")
    figure = first_seen(ways, theme=canvas.theme, width=canvas.width)
    cut = f"the {MARKS:,} latest of {ways.height:,} ways" if ways.height > MARKS else None
    return Figure(figure=plain(figure), cut=cut, empty=None)
