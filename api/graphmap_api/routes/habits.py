"""What is usual for a node, what is new of it, and what happened to it over time."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from fastapi import HTTPException, Query

from graphmap.pipeline.movement import in_bins
from graphmap.pipeline.profiles import profile_of
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.habits import Aspect, Habit, ProfileAnswer, TimelineAnswer, Way
from graphmap_api.models import Span
from graphmap_api.queries import MOST, NAME, Moment, MovementFilters
from graphmap_api.rights import READ
from graphmap_api.routes.nodes import check_id
from graphmap_api.routes.sessions import COLUMNS, attempts, touches
from graphmap_api.routing import Router

router = Router(tags=["habits"], dependencies=[READ])

NodeId = Annotated[str, Query(alias="id", max_length=NAME, description="Of a node or segment: host:db1, segment:dmz.")]


@router.get("/profile")
def profile(
    workspace: FreshWorkspace,
    node: NodeId,
    since: Annotated[Moment | None, Query(alias="from", description="Default: a day before `to`.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Default: the end of the logs.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most values of each aspect.")] = 50,
) -> ProfileAnswer:
    """What a node did within a time beside what was usual before it: from where, to where, as whom, how, at what hour.

    Of accepted logons with a source; nothing that came after the time counts. A profile of a user is that of the
    account name as logged.
    """
    check_id(workspace, node)
    if since is not None and until is not None and since >= until:
        raise HTTPException(422, "from is not before to")
    found = profile_of(workspace.estate, node, since, until)
    aspects = {}
    for name, habits in found.aspects.items():
        rows = habits.with_columns(new=pl.col("before") == 0).head(limit).iter_rows(named=True)
        items = [Habit(**row) for row in rows]
        new = int((habits["before"] == 0).sum())
        aspects[name] = Aspect(items=items, shown=len(items), total=habits.height, new=new)
    return ProfileAnswer(
        id=node,
        begin=found.begin,
        since=found.since,
        until=found.until,
        before=found.before,
        now=found.now,
        aspects=aspects,
    )


@router.get("/timeline")
def timeline(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    node: NodeId,
    bins: Annotated[int, Query(ge=1, le=500, description="Equal parts of the time.")] = 96,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most ways.")] = 100,
) -> TimelineAnswer:
    """The logons and refused attempts of a node over time, and by which ways, the newest way first."""
    check_id(workspace, node)
    mine = attempts(workspace, filters).filter(touches(workspace, node, COLUMNS))
    success = pl.col("outcome") == "success"
    found = (
        mine.group_by("src", "user", "host", "service", "method")
        .agg(
            count=success.sum().cast(pl.Int64),
            failures=(~success).sum().cast(pl.Int64),
            first=pl.col("start").min(),
            last=pl.col("start").max(),
        )
        .rename({"host": "dst"})
        .sort("first", "src", "user", "dst", "service", "method", descending=[True, *5 * [False]])
        .collect(engine="streaming")
    )
    first, last = found.select(pl.col("first").min(), pl.col("last").max()).row(0)
    spans = pl.DataFrame()
    if first is not None:
        accepted, refused = (mine.filter(kept).select(time="start") for kept in (success, ~success))
        spans = in_bins(accepted, refused, first, last, bins)
    shown = [Way(**row) for row in found.head(limit).iter_rows(named=True)]
    return TimelineAnswer(
        id=node,
        first=first,
        last=last,
        count=int(found["count"].sum()),
        failures=int(found["failures"].sum()),
        bins=[Span(**row) for row in spans.iter_rows(named=True)],
        ways=shown,
        shown=len(shown),
        total=found.height,
    )
