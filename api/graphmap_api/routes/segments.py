"""Segments of the inventory: what is in them, and what moves between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from fastapi import Query

from graphmap.errors import QueryError
from graphmap.pipeline.profiles import SEGMENT
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.habits import Flow, SegmentDetail, SegmentRow
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import NAME, Cursor, Limit
from graphmap_api.rights import READ
from graphmap_api.routes.nodes import FINDINGS
from graphmap_api.routing import Router

if TYPE_CHECKING:
    from graphmap_api.workspace import Workspace

router = Router(tags=["segments"], dependencies=[READ])

NEIGHBOURS = 200
"""Most neighbours of one answer."""


@router.get("/segments")
def segments(workspace: FreshWorkspace, cursor: Cursor = None, limit: Limit = 100) -> Page[SegmentRow]:
    """The segments of the inventory, in its order."""
    begin = begin_of(cursor, workspace)
    names = workspace.listed_segments
    items = [SegmentRow(**_row(workspace, name)) for name in names[begin : begin + limit]]
    return page(items, len(names), begin, workspace)


@router.get("/segment")
def segment(workspace: FreshWorkspace, name: Annotated[str, Query(max_length=NAME)]) -> SegmentDetail:
    """A segment with what moves between it and others, the busiest first."""
    if name not in workspace.listed_segments:
        raise QueryError(f"no segment {name!r}", hint="/segments lists them")
    flows = _flows(workspace, name)
    listed = next((one for one in workspace.estate.inventory.segments if one.name == name), None)
    named = [one for one in workspace.findings if name in one.segments]
    return SegmentDetail(
        **_row(workspace, name),
        cidrs=[] if listed is None else [str(cidr) for cidr in listed.cidrs],
        neighbours=[Flow(**row) for row in flows.head(NEIGHBOURS).iter_rows(named=True)],
        total=flows.height,
        findings=named[:FINDINGS],
    )


def _flows(workspace: Workspace, name: str) -> pl.DataFrame:
    """What moves between a segment and others, and within it."""
    every = workspace.ground.flows
    comes, goes = pl.col("dst").eq_missing(pl.lit(name)), pl.col("src").eq_missing(pl.lit(name))
    sides = (
        every.filter(kept).with_columns(segment=other, direction=pl.lit(direction))
        for kept, other, direction in (
            (comes & ~goes, "src", "in"), (goes & ~comes, "dst", "out"), (comes & goes, "dst", "within"),
        )
    )  # fmt: skip
    return pl.concat(sides).drop("src", "dst").sort(-pl.col("count"), -pl.col("failures"), "direction", "segment")


def _row(workspace: Workspace, name: str) -> dict[str, Any]:
    inside = workspace.nodes.filter(pl.col("segment") == name)
    kinds = dict(inside.group_by("kind").len().iter_rows())
    flows = _flows(workspace, name)
    counts = dict(flows.group_by("direction").agg(pl.col("count").sum()).iter_rows())
    return {
        "id": f"{SEGMENT}:{name}",
        "name": name,
        "restricted": workspace.estate.identity.is_restricted(name),
        "hosts": kinds.get("host", 0),
        "sources": kinds.get("source", 0),
        "arrived": counts.get("in", 0),
        "left": counts.get("out", 0),
        "within": counts.get("within", 0),
        "refused": int(flows.filter(pl.col("direction") != "out")["failures"].sum()),
        "first": flows["first"].min(),
        "last": flows["last"].max(),
    }
