"""The map: its figure, what opening a node would bring, and the same as files."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import Query, Response
from pydantic import Field

from graphmap.documents import time_text
from graphmap.export.graphml import graphml
from graphmap.export.spreadsheet import csv_text
from graphmap.figures.colouring import RISKS, Colour
from graphmap.figures.network import View, picture
from graphmap.graph.grouping import GROUP, neighbours
from graphmap_api.canvas import OnCanvas, plain
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Answer, Figure
from graphmap_api.queries import MovementFilters, Name
from graphmap_api.rights import READ
from graphmap_api.routes.nodes import node_row
from graphmap_api.routing import Router
from graphmap_api.scene import Scene, scene, segments_of, usable_of
from graphmap_api.sketch import MapSketch
from graphmap_api.workspace import Workspace

router = Router(tags=["graph"], dependencies=[READ])

ABOUT_NODES = ("id", "kind", "name", "segment", "group", "members", "count", "failures", "degree", "first", "last")
ABOUT_LINKS = ("src", "dst", "kind", "users", "services", "methods", "count", "failures", "first", "last")


class MapNodes(Answer):
    """The nodes of a map, the one that matters most first; each list has one value for each."""

    id: list[str]
    kind: list[str] = Field(description="host, user, source, key or group.")
    name: list[str]
    segment: list[str | None]
    group: list[str | None] = Field(description="What it would be folded into; null where nothing is grouped.")
    members: list[int] = Field(description="1, but for groups.")
    count: list[int]
    failures: list[int]
    degree: list[int | None] = Field(description="Null for groups.")
    x: list[float]
    y: list[float]
    size: list[float] = Field(description="Pixels.")


class MapLinks(Answer):
    """The links of a map; each list has one value for each."""

    src: list[int] = Field(description="Number of the node, from 0.")
    dst: list[int]
    users: list[str] = Field(description="The first three, and how many more.")
    count: list[int]
    failures: list[int]


class Swatch(Answer):
    """A colour and what it says."""

    text: str
    colour: str


class Network(Figure):
    """The figure of a map, and what is where."""

    nodes: MapNodes
    links: MapLinks
    legend: list[Swatch]
    grouped: str | None = Field(description="What groups share: segment, role or subnet; null where there are none.")
    large: bool = Field(description="Whether there is too much to be shown one by one.")


class Expansion(Answer):
    """Who would come if a node were opened."""

    id: str
    total: int
    kinds: dict[str, int] = Field(examples=[{"host": 14, "user": 9}])


@router.get("/figures/network", tags=["figures"])
def network_figure(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    sketch: MapSketch,
    canvas: OnCanvas,
    labels: Annotated[bool, Query(description="Whether nodes are named.")] = True,  # noqa: FBT002 - a flag of the URL
    selected: Annotated[str | None, Query(max_length=1_000, description="Id of a node that gets a ring.")] = None,
    colour: Annotated[Colour, Query(description="What colours say.")] = Colour.SEGMENT,
    scale: Annotated[float | None, Query(gt=0.001, lt=10_000, description="Pixels of a unit; default to fit.")] = None,
) -> Network:
    """Users, hosts, sources and keys where they lie: the map, and an index of what is drawn."""
    found = scene(workspace, filters, sketch)
    nodes = _with_risk(workspace, found.nodes) if colour == Colour.RISK else found.nodes
    view = View(
        canvas.width, canvas.height, canvas.theme, labels=labels, path=sketch.path, selected=selected, colour=colour,
        segments=segments_of(workspace), scale=scale,
    )  # fmt: skip
    drawn = picture(nodes, found.links, view, found.layout)
    return Network(
        figure=plain(drawn.figure),
        cut=found.cut,
        empty="no logon matches" if nodes.is_empty() else None,
        nodes=_nodes(found, drawn.places),
        links=_links(found, [place[0] for place in drawn.places]),
        legend=[Swatch(text=text, colour=tint) for text, tint in drawn.legend],
        grouped=found.by,
        large=found.is_large,
    )


def _nodes(found: Scene, places: list[tuple[str, float, float, float]]) -> MapNodes:
    order = pl.DataFrame(places, schema=["id", "x", "y", "size"], orient="row", schema_overrides={"id": pl.String})
    rows = order.join(found.nodes, on="id", maintain_order="left")
    return MapNodes(**{name: rows[name].to_list() for name in MapNodes.model_fields})


def _links(found: Scene, ids: list[str]) -> MapLinks:
    number = {node: n for n, node in enumerate(ids)}
    links = found.links.filter(pl.col("src") != pl.col("dst"))
    return MapLinks(
        src=[number[node] for node in links["src"]],
        dst=[number[node] for node in links["dst"]],
        users=[_some(users) for users in links["users"].to_list()],
        count=links["count"].to_list(),
        failures=links["failures"].to_list(),
    )


def _some(users: list[str]) -> str:
    more = f" and {len(users) - 3} more" if len(users) > 3 else ""  # noqa: PLR2004 - as many as fit
    return ", ".join(user[:40] for user in users[:3]) + more


def _with_risk(workspace: Workspace, nodes: pl.DataFrame) -> pl.DataFrame:
    """The nodes with `risk`: the highest severity of the findings that name each, null where none does."""
    worst: dict[str, int] = {}
    for finding in workspace.findings:
        if finding.severity in RISKS:
            named = [f"{kind}:{name}" for name in finding.hosts for kind in ("host", "source")]
            for node in [*named, *(f"user:{name}" for name in finding.users)]:
                worst[node] = max(worst.get(node, 0), RISKS.index(finding.severity))
    risks = {node: RISKS[rank] for node, rank in worst.items()}
    return nodes.with_columns(risk=pl.col("id").replace_strict(risks, default=None, return_dtype=pl.String))


@router.get("/graph/expansion")
def expansion(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    sketch: MapSketch,
    node_id: Annotated[Name, Query(alias="id", description="Of a node, or group:NAME.")],
) -> Expansion:
    """Who would come to the map if a node or a group were opened, before anybody does."""
    found = scene(workspace, filters, sketch)
    if node_id.startswith(f"{GROUP}:"):
        members = _members(workspace, found, node_id.partition(":")[2])
    else:
        _ = node_row(workspace, node_id)
        members = neighbours(usable_of(workspace.links(filters), sketch, node_id), node_id)
    shown = set(found.nodes.filter(pl.col("kind") != GROUP)["id"])
    new = members.filter(~pl.col("id").is_in(list(shown)))
    kinds = dict(new.group_by("kind").len().sort("kind").iter_rows())
    return Expansion(id=node_id, total=new.height, kinds=kinds)


def _members(workspace: Workspace, found: Scene, name: str) -> pl.DataFrame:
    folded = found.groups.filter(pl.col("group") == name) if found.groups is not None else None
    if folded is None:
        return workspace.nodes.clear().select("id", "kind")
    return folded.join(workspace.nodes, on="id").select("id", "kind")


FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/graphml+xml": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}


@router.get("/exports/map.{form}", tags=["exports"], response_class=Response, responses=FILES)
def export_map(
    workspace: FreshWorkspace,
    response: Response,
    filters: MovementFilters,
    sketch: MapSketch,
    form: Literal["csv", "json", "graphml"],
) -> Response:
    """The map as a file: its links as CSV without formulas, all of it as GraphML, or as JSON with places."""
    found = scene(workspace, filters, sketch)
    nodes = found.nodes.select(ABOUT_NODES)
    links = found.links.select(ABOUT_LINKS)
    if form == "csv":
        text, media = csv_text(ABOUT_LINKS, links.iter_rows()), "text/csv"
    elif form == "graphml":
        rows = nodes.iter_rows(named=True), links.iter_rows(named=True)
        text, media = "".join(graphml(*rows, about=found.cut)), "application/graphml+xml"
    else:
        text, media = _document(found, nodes, links), "application/json"
    headers = {**response.headers, "content-disposition": f'attachment; filename="graphmap.{form}"'}
    return Response(text, media_type=media, headers=headers)


def _document(found: Scene, nodes: pl.DataFrame, links: pl.DataFrame) -> str:
    placed = [
        {**row, "x": found.layout.places[row["id"]].x, "y": found.layout.places[row["id"]].y}
        for row in nodes.iter_rows(named=True)
    ]
    document: dict[str, Any] = {"showing": found.cut, "nodes": placed, "links": list(links.iter_rows(named=True))}
    return json.dumps(document, default=_plain, ensure_ascii=False, indent=1)


def _plain(value: object) -> str:
    return time_text(value) if isinstance(value, datetime) else str(value)
