"""Chains of hops."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from graphmap.errors import QueryError
from graphmap.model import Chain as FoundChain
from graphmap.pipeline import questions
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Chain
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import NAME, Cursor, Limit, Moment
from graphmap_api.rights import READ
from graphmap_api.routing import Router
from graphmap_api.workspace import Workspace

router = Router(tags=["chains"], dependencies=[READ])


@router.get("/chains")
def chains(
    workspace: FreshWorkspace,
    through: Annotated[str | None, Query(max_length=NAME, description="Only those that touch this host.")] = None,
    user: Annotated[str | None, Query(max_length=NAME, description="Only those with a hop as this account.")] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    min_hops: Annotated[int, Query(ge=1, le=12)] = 2,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Chain]:
    """Chains that can be prolonged on neither side, the most surprising first."""
    begin = begin_of(cursor, workspace)
    name = None if through is None else questions.source_named(workspace.estate, through)
    found = [
        chain
        for chain in workspace.chains(min_hops)
        if (name is None or name in chain.hosts)
        and (user is None or user in chain.users)
        and (since is None or chain.hops[-1].start >= since)
        and (until is None or chain.start < until)
    ]
    items = [Chain.model_validate(chain) for chain in found[begin : begin + limit]]
    return page(items, len(found), begin, workspace)


def chain_named(workspace: Workspace, chain_id: str) -> FoundChain:
    """A chain by its id.

    Raises
    ------
    QueryError
        There is none.
    """
    for chain in workspace.chains(2):
        if chain.id == chain_id:
            return chain
    raise QueryError(f"no chain {chain_id!r}", hint="/chains lists them")
