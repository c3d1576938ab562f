"""Who may ask: tokens are given out and revoked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Request, Response

from graphmap.store.ledger import Ledger
from graphmap_api.freshness import AnyWorkspace
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import Cursor, Limit
from graphmap_api.rights import RULE, AnyCaller
from graphmap_api.routing import Router
from graphmap_api.wanted import NewTokenAnswer, TokenAnswer, WantedToken

router = Router(tags=["tokens"], dependencies=[RULE])


@router.get("/tokens")
def tokens(
    workspace: AnyWorkspace,
    every: Annotated[bool, Query(alias="all", description="Those that have ended, too.")] = False,  # noqa: FBT002 - a parameter of the query
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[TokenAnswer]:
    """Who has a token, the first first. The tokens themselves are kept nowhere."""
    now, begin = datetime.now(UTC), begin_of(cursor, workspace)
    with Ledger(workspace.settings.ledger) as ledger:
        found = [one for one in ledger.tokens().values() if every or one.is_active(now)]
    shown = [TokenAnswer(**asdict(one)) for one in found[begin : begin + limit]]
    return page(shown, len(found), begin, workspace)


@router.post("/tokens", status_code=201)
def give_token(
    request: Request, response: Response, workspace: AnyWorkspace, caller: AnyCaller, wanted: WantedToken
) -> NewTokenAnswer:
    """Give out a token. It is in this answer and never again; a second later it opens the API."""
    now, span = datetime.now(UTC), wanted.span
    with Ledger(workspace.settings.ledger) as ledger:
        expires = None if span is None else now + span
        made = ledger.add_token(wanted.name, wanted.role, author=caller.name, expires=expires, now=now)
    response.headers["location"] = f"{request.url.path}/{made.token.id}"
    return NewTokenAnswer(**asdict(made.token), token=made.text)


@router.delete("/tokens/{id}")
def revoke_token(
    workspace: AnyWorkspace, caller: AnyCaller, number: Annotated[int, Path(alias="id", ge=1, le=2**31 - 1)]
) -> TokenAnswer:
    """Revoke a token: within a second it opens nothing any more. Who had it is kept."""
    with Ledger(workspace.settings.ledger) as ledger:
        return TokenAnswer(**asdict(ledger.end_token(number, author=caller.name)))
