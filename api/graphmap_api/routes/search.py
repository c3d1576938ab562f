"""Names that hold some text."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from fastapi import Query

from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Hit, Hits
from graphmap_api.queries import NAME
from graphmap_api.rights import READ
from graphmap_api.routing import Router

router = Router(tags=["search"], dependencies=[READ])

KINDS = ("host", "user", "source", "key", "segment", "finding")
"""In the order of hits that fit as well."""


@router.get("/search")
def search(
    workspace: FreshWorkspace,
    q: Annotated[str, Query(max_length=NAME, description="Part of a name; `kind:` before it looks at one kind only.")],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Hits:
    """Hosts, users, sources, keys, segments and findings whose name holds a text, whatever its case.

    Names that are the text come first, then those that begin with it; of these the kinds in this order.
    """
    before, colon, after = q.partition(":")
    kind, text = (before, after) if colon and before in KINDS else (None, q)
    folded = text.strip().lower()
    found = workspace.names.filter(pl.col("folded").str.contains(folded, literal=True))
    if kind is not None:
        found = found.filter(kind=kind)
    rank = (
        pl.when(pl.col("folded") == folded).then(0).when(pl.col("folded").str.starts_with(folded)).then(1).otherwise(2)
    )
    order = pl.col("kind").replace_strict({kind: rank for rank, kind in enumerate(KINDS)})
    best = found.sort(rank, order, "name").head(limit)
    segments = dict(
        workspace.nodes.filter(pl.col("id").is_in(best["id"].implode())).select("id", "segment").iter_rows()
    )
    items = [
        Hit(kind=kind, id=node, name=name, segment=segments.get(node))
        for kind, node, name in best.select("kind", "id", "name").iter_rows()
    ]
    return Hits(items=items, shown=len(items), total=found.height)
