"""The user-host-source graph: a part of it, all of it in numbers, and over time."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import polars as pl
from fastapi import HTTPException, Query

from graphmap.graph.difference import difference, nodes_of
from graphmap.graph.subgraph import Subgraph
from graphmap.graph.view import node_id
from graphmap.model import NodeKind
from graphmap.pipeline import questions
from graphmap.pipeline.movement import Filters, histogram
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Graph, GraphDiff, Histogram, LinkChange, SegmentSummary, Span, Summary, Way
from graphmap_api.queries import MOST, GraphPart, Moment, MovementFilters, Name, Part
from graphmap_api.rights import READ
from graphmap_api.routes.nodes import node_row
from graphmap_api.routing import Router
from graphmap_api.workspace import Workspace

router = Router(tags=["graph"], dependencies=[READ])

LINKS_A_NODE = 4
"""Most links of an answer, for each node that it may have."""


@router.get("/graph")
def graph(workspace: FreshWorkspace, filters: MovementFilters, part: GraphPart) -> Graph:
    """The nodes within some steps of the seeds, whichever way the links point; all of them without seeds.

    Nearer nodes stay first, then those with more links.
    """
    found = part_of(workspace, filters, part)
    rows = described(workspace, found)
    return Graph.model_validate({
        "nodes": rows.rows(named=True),
        "links": found.links.rows(named=True),
        "shown_nodes": found.nodes.height,
        "total_nodes": found.all_nodes,
        "shown_links": found.links.height,
        "total_links": found.all_links,
    })  # fmt: skip


@router.get("/graph/summary")
def summary(workspace: FreshWorkspace, filters: MovementFilters) -> Summary:
    """How much there is of what."""
    edges = filters.edges(workspace.estate)
    attempts = (pl.col("count") + pl.col("failures")).sum()

    def by(column: str) -> dict[str, int]:
        counted = edges.drop_nulls(column).group_by(column).agg(attempts).sort(column)
        return dict(counted.iter_rows())

    segments = (
        workspace.nodes.drop_nulls("segment").group_by("segment", "restricted").len().sort("restricted", "segment")
    )
    return Summary(
        nodes=dict(workspace.nodes.group_by("kind").len().sort("kind").iter_rows()),
        segments=[SegmentSummary(name=n, restricted=r, nodes=c) for n, r, c in segments.iter_rows()],
        services=by("service"),
        methods=by("method"),
        accepted=int(edges["count"].sum()),
        refused=int(edges["failures"].sum()),
        findings=len(workspace.shown),
        hidden_findings=len(workspace.cases) - len(workspace.shown),
    )


@router.get("/graph/diff")
def graph_diff(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    before_since: Annotated[Moment | None, Query(alias="before_from", description="Begin of the first time.")] = None,
    before_until: Annotated[Moment | None, Query(alias="before_to", description="End of the first time.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most links, and most nodes of each kind of change.")] = 200,
) -> GraphDiff:
    """What is different within `from` and `to` from the time before.

    Without `before_from` and `before_to`, that is all the logs before `from`. Added links come first, then those that
    are gone, then the others; of each the one first that differs by the most attempts.
    """
    if before_until is None and filters.since is None:
        raise HTTPException(422, "say from when: from, or before_from and before_to")
    first = replace(filters, since=before_since, until=before_until or filters.since)
    sides = workspace.links(first), workspace.links(filters)
    found = difference(*sides)
    old, new = map(nodes_of, sides)
    counts = dict(found.group_by("change").len().iter_rows())
    return GraphDiff(
        links=[LinkChange(**row) for row in found.head(limit).iter_rows(named=True)],
        shown_links=min(limit, found.height),
        total_links=found.height,
        added_links=counts.get("added", 0),
        gone_links=counts.get("gone", 0),
        changed_links=counts.get("changed", 0),
        added_nodes=sorted(new - old)[:limit],
        total_added_nodes=len(new - old),
        gone_nodes=sorted(old - new)[:limit],
        total_gone_nodes=len(old - new),
    )


@router.get("/graph/way")
def way(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    start: Annotated[Name, Query(description="A host, or another source, by any of its names.")],
    goal: Annotated[Name, Query(description="A host, by any of its names.")],
) -> Way:
    """The fewest links with accepted logons from one host to another, whatever their order in time.

    It says that there are such links, not that anybody could have moved along them: `/paths` does.
    """
    name = questions.source_named(workspace.estate, start)
    starts = [node_id(kind, name) for kind in (NodeKind.HOST, NodeKind.SOURCE)]
    end = node_id(NodeKind.HOST, questions.host_named(workspace.estate, goal))
    found = workspace.adjacency(filters).way(starts, end)
    return Way.model_validate({"links": found.rows(named=True)})


@router.get("/histogram")
def over_time(
    workspace: FreshWorkspace, filters: MovementFilters, bins: Annotated[int, Query(ge=1, le=500)] = 96
) -> Histogram:
    """Accepted and refused logons in equal parts of the time that the logs cover; `from` and `to` do not apply."""
    whole = Filters(
        users=filters.users, services=filters.services, methods=filters.methods, segments=filters.segments,
        outcome=filters.outcome, min_certainty=filters.min_certainty,
    )  # fmt: skip
    found = histogram(workspace.estate, whole, bins)
    spans = [Span(**row) for row in found.iter_rows(named=True)]
    if not spans:
        return Histogram(first=None, last=None, bins=[])
    return Histogram(first=spans[0].start, last=max(node for node in workspace.nodes["last"] if node), bins=spans)


def part_of(workspace: Workspace, filters: Filters, part: Part) -> Subgraph:
    """The part of the graph that a request asks for.

    Raises
    ------
    QueryError
        A seed is no node.
    """
    for seed in part.seeds:
        _ = node_row(workspace, seed)
    return workspace.adjacency(filters).around(
        part.seeds,
        depth=part.depth,
        kinds=part.kinds,
        most_nodes=part.most_nodes,
        most_links=LINKS_A_NODE * part.most_nodes,
    )


def described(workspace: Workspace, found: Subgraph) -> pl.DataFrame:
    """The nodes of a part of the graph with all that is known of them, and their `depth`."""
    own = found.nodes.select("id", "depth")
    return own.join(workspace.nodes, on="id", how="inner", maintain_order="left")
