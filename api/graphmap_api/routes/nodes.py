"""Hosts, users, sources and keys.

A single node is asked for by `id` in the query, not in the path: names are attackers' text, and browsers and proxies
rewrite paths that hold `..` or slashes.
"""

from __future__ import annotations

from typing import Annotated

import polars as pl
from fastapi import Query

from graphmap.errors import QueryError
from graphmap.model import NodeKind
from graphmap.pipeline.profiles import SEGMENT
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Link, Node, NodeDetail
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import NAME, Cursor, Limit, MovementFilters
from graphmap_api.rights import READ
from graphmap_api.routing import Router
from graphmap_api.workspace import Workspace

router = Router(tags=["nodes"], dependencies=[READ])

FINDINGS = 20
"""Most findings that a node's detail names."""

Segment = Annotated[str | None, Query(max_length=NAME, description="Only in this segment.")]


def _page(workspace: Workspace, kind: NodeKind, segment: str | None, cursor: str | None, limit: int) -> Page[Node]:
    begin = begin_of(cursor, workspace)
    found = workspace.nodes.filter(pl.col("kind") == str(kind))
    if segment is not None:
        found = found.filter(pl.col("segment") == segment)
    items = [Node(**row) for row in found.slice(begin, limit).iter_rows(named=True)]
    return page(items, found.height, begin, workspace)


@router.get("/hosts")
def hosts(workspace: FreshWorkspace, segment: Segment = None, cursor: Cursor = None, limit: Limit = 100) -> Page[Node]:
    """The known hosts, by name, those without any logon too."""
    return _page(workspace, NodeKind.HOST, segment, cursor, limit)


@router.get("/users")
def users(workspace: FreshWorkspace, cursor: Cursor = None, limit: Limit = 100) -> Page[Node]:
    """The user names, as logged."""
    return _page(workspace, NodeKind.USER, None, cursor, limit)


@router.get("/sources")
def sources(
    workspace: FreshWorkspace, segment: Segment = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[Node]:
    """The addresses and names from which somebody came that are no known host."""
    return _page(workspace, NodeKind.SOURCE, segment, cursor, limit)


@router.get("/keys")
def keys(workspace: FreshWorkspace, cursor: Cursor = None, limit: Limit = 100) -> Page[Node]:
    """The fingerprints of keys that opened something."""
    return _page(workspace, NodeKind.KEY, None, cursor, limit)


@router.get("/node")
def node(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    node_id: Annotated[str, Query(alias="id", max_length=NAME, description="Kind and name, such as host:db1.")],
    limit: Limit = 100,
) -> NodeDetail:
    """A host, user, source or key with its links and the findings that name it."""
    row = node_row(workspace, node_id)
    mine = (pl.col("src") == node_id) | (pl.col("dst") == node_id)
    links = workspace.links(filters).filter(mine)
    best = links.sort(["count", "failures", "src", "dst"], descending=[True, True, False, False]).head(limit)
    named = [f for f in workspace.findings if row.name in (f.users if row.kind == NodeKind.USER else f.hosts)]
    return NodeDetail(
        node=row,
        links=[Link(**link) for link in best.iter_rows(named=True)],
        shown=best.height,
        total=links.height,
        findings=named[:FINDINGS],
    )


def node_row(workspace: Workspace, node_id: str) -> Node:
    """A node by its id.

    Raises
    ------
    QueryError
        There is none.
    """
    found = workspace.nodes.filter(pl.col("id") == node_id)
    if found.is_empty():
        raise QueryError(f"no node {node_id!r}", hint="an id is host:, user:, source: or key: and a name; see /search")
    return Node(**found.row(0, named=True))


def check_id(workspace: Workspace, node_id: str) -> None:
    """Whether a node or a segment has an id.

    Raises
    ------
    QueryError
        None has.
    """
    kind, _, name = node_id.partition(":")
    if kind != SEGMENT:
        _ = node_row(workspace, node_id)
    elif name not in workspace.listed_segments:
        raise QueryError(f"no segment {name!r}", hint="/segments lists them")
