"""Findings and graphs as files for other programs."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from graphmap.export.graphml import graphml
from graphmap.export.spreadsheet import csv_text
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import FindingSummary
from graphmap_api.queries import GraphPart, MovementFilters
from graphmap_api.rights import READ
from graphmap_api.routes.findings import AskedFindings, chosen
from graphmap_api.routes.graph import described, part_of
from graphmap_api.routing import Router

router = Router(prefix="/exports", tags=["exports"], dependencies=[READ])

COLUMNS = tuple(FindingSummary.model_fields)
LINKS = ("src", "dst", "kind", "users", "services", "methods", "count", "failures", "first", "last")


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The file.", "content": {media_type: {"schema": {"type": "string"}}}}}


@router.get("/findings.csv", responses=_file("text/csv"), response_class=Response)
def export_findings(workspace: FreshWorkspace, response: Response, asked: AskedFindings) -> Response:
    """All findings of the list as CSV. No cell is a formula."""
    found, _ = chosen(workspace, asked)
    text = csv_text(COLUMNS, ([getattr(one, name) for name in COLUMNS] for one in found))
    return _sent(text, "text/csv", "findings.csv", response)


@router.get("/graph.graphml", responses=_file("application/graphml+xml"), response_class=Response)
def export_graph(workspace: FreshWorkspace, response: Response, filters: MovementFilters, part: GraphPart) -> Response:
    """The graph that `/graph` answers with, as GraphML; its description says how much of the whole it is."""
    found = part_of(workspace, filters, part)
    about = f"{found.nodes.height:,} of {found.all_nodes:,} nodes, {found.links.height:,} of {found.all_links:,} links"
    nodes = described(workspace, found).iter_rows(named=True)
    links = found.links.select(LINKS).iter_rows(named=True)
    text = "".join(graphml(nodes, links, about=about))
    return _sent(text, "application/graphml+xml", "graph.graphml", response)


def _sent(text: str, media_type: str, name: str, response: Response) -> Response:
    headers = {**response.headers, "content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=headers)
