"""Views that people keep: under a name, or as a short link.

A name is in the query, not in the path, since people call things as they like.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response
from pydantic import AfterValidator, StringConstraints

from graphmap.errors import OutdatedError
from graphmap.model import Role
from graphmap.store.ledger import Ledger, View
from graphmap_api.freshness import AnyWorkspace, seen_by
from graphmap_api.rights import JUDGE, READ, AnyCaller, Caller
from graphmap_api.routing import Router
from graphmap_api.views import ViewAnswer, ViewList, ViewSummary, WantedView
from graphmap_api.wanted import storable

router = Router(tags=["views"], dependencies=[READ])

ViewName = Annotated[
    str, StringConstraints(min_length=1, max_length=100), AfterValidator(storable), Query(description="Of the view.")
]


@router.get("/views")
def views(workspace: AnyWorkspace) -> ViewList:
    """The views that have a name, at most 1,000, the one that was kept last first."""
    with Ledger(workspace.settings.ledger) as ledger:
        found = [ViewSummary.model_validate(one) for one in ledger.views()]
    return ViewList(items=found, shown=len(found), total=len(found))


@router.post("/views", status_code=201, dependencies=[JUDGE])
def link_view(
    request: Request, response: Response, workspace: AnyWorkspace, caller: AnyCaller, wanted: WantedView
) -> ViewAnswer:
    """Keep what the page shows for a link. The same again has the same id; of those without a name 10,000 are kept."""
    with Ledger(workspace.settings.ledger) as ledger:
        kept = ledger.keep_view(wanted.state, author=caller.name)
    response.headers["location"] = f"{request.url.path}/{kept.id}"
    return ViewAnswer.model_validate(kept)


@router.get("/views/{id}")
def linked_view(
    workspace: AnyWorkspace, view_id: Annotated[str, Path(alias="id", pattern="^v-[0-9a-f]{12}$")]
) -> ViewAnswer:
    """What a link shows. It never changes."""
    with Ledger(workspace.settings.ledger) as ledger:
        return ViewAnswer.model_validate(ledger.view(view_id))


@router.get("/view")
def view(workspace: AnyWorkspace, response: Response, name: ViewName) -> ViewAnswer:
    """The view of a name. The ETag is for the If-Match of a change."""
    with Ledger(workspace.settings.ledger) as ledger:
        found = ledger.view_named(name)
    response.headers["etag"] = _tag(found)
    return ViewAnswer.model_validate(found)


@router.put("/view", dependencies=[JUDGE])
def keep_view(
    request: Request,
    response: Response,
    workspace: AnyWorkspace,
    caller: AnyCaller,
    name: ViewName,
    wanted: WantedView,
) -> ViewAnswer:
    """Keep what the page shows under a name, in place of what its owner kept under it before.

    Only an admin may take the name of somebody else's. With If-Match, it is refused with 412 where another view has
    the name since.
    """

    def check(held: View | None) -> None:
        if not seen_by(request, _tag(held)):
            raise OutdatedError(f"another view is called {name!r} meanwhile", hint="read that first")
        _check_owner(held, caller)

    with Ledger(workspace.settings.ledger) as ledger:
        kept = ledger.name_view(name, wanted.state, author=caller.name, check=check)
    response.headers["etag"] = _tag(kept)
    return ViewAnswer.model_validate(kept)


@router.delete("/view", dependencies=[JUDGE])
def forget_view(workspace: AnyWorkspace, caller: AnyCaller, name: ViewName) -> ViewSummary:
    """Take a name back; links to what it named go on. Only its owner may, or an admin."""
    with Ledger(workspace.settings.ledger) as ledger:
        return ViewSummary.model_validate(ledger.forget_view(name, check=lambda held: _check_owner(held, caller)))


def _check_owner(held: View | None, caller: Caller) -> None:
    if held is not None and held.owner != caller.name and caller.role != Role.ADMIN:
        raise HTTPException(HTTPStatus.FORBIDDEN, f"the view is {held.owner}'s: they or an admin may change it")


def _tag(view: View | None) -> str:
    return '"none"' if view is None else f'"{view.id}"'
