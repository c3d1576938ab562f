"""What nobody needs to see again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response

from graphmap.detect import DETECTORS
from graphmap.errors import InputError
from graphmap.model import Suppression
from graphmap.pipeline.cases import covers, load_suppressions
from graphmap.store.ledger import Ledger
from graphmap_api.freshness import AnyWorkspace
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import Cursor, Limit
from graphmap_api.rights import JUDGE, READ, AnyCaller
from graphmap_api.routing import Router
from graphmap_api.wanted import Hidden, SuppressionAnswer, WantedHiding, WantedSuppression

router = Router(tags=["suppressions"], dependencies=[READ])

SHOWN = 20
"""Findings of which a preview gives the title."""

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/suppressions")
def suppressions(
    workspace: AnyWorkspace,
    every: Annotated[bool, Query(alias="all", description="Those that have ended, too.")] = False,  # noqa: FBT002 - a parameter of the query
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[SuppressionAnswer]:
    """The suppressions that hold, the first first, and how many stored findings each hides."""
    now = datetime.now(UTC)
    begin = begin_of(cursor, workspace)
    found = [
        (one, hides) for one, hides in load_suppressions(workspace.settings.ledger, now) if every or one.is_active(now)
    ]
    shown = [_answer(one, hides) for one, hides in found[begin : begin + limit]]
    return page(shown, len(found), begin, workspace)


@router.get("/suppressions/{id}")
def suppression(workspace: AnyWorkspace, number: Annotated[Number, Path(alias="id")]) -> SuppressionAnswer:
    """One of them, also when it has ended."""
    for one, hides in load_suppressions(workspace.settings.ledger, datetime.now(UTC)):
        if one.id == number:
            return _answer(one, hides)
    raise HTTPException(404, f"no suppression {number}")


@router.post("/suppressions/preview")
def preview_suppression(workspace: AnyWorkspace, wanted: WantedHiding) -> Hidden:
    """What a suppression would hide. Nothing is stored."""
    with Ledger(workspace.settings.ledger) as ledger:
        asked = _suppression(wanted, ledger)
        titles = [one.title for one in ledger.findings() if covers(asked, one)]
    return Hidden(hides=len(titles), titles=titles[:SHOWN])


@router.post("/suppressions", status_code=201, dependencies=[JUDGE])
def suppress(
    request: Request, response: Response, workspace: AnyWorkspace, caller: AnyCaller, wanted: WantedSuppression
) -> SuppressionAnswer:
    """Hide findings of which every hop is as said, from all lists, until it ends. None is deleted."""
    with Ledger(workspace.settings.ledger) as ledger:
        made = ledger.suppress(_suppression(wanted, ledger, author=caller.name, reason=wanted.reason, span=wanted.span))
        hides = sum(covers(made, one) for one in ledger.findings())
    request.app.state.workspaces.forget()
    response.headers["location"] = f"{request.url.path}/{made.id}"
    return _answer(made, hides)


@router.delete("/suppressions/{id}", dependencies=[JUDGE])
def end_suppression(
    request: Request, workspace: AnyWorkspace, caller: AnyCaller, number: Annotated[Number, Path(alias="id")]
) -> SuppressionAnswer:
    """End a suppression: what it hid is shown again. It is kept, with who ended it."""
    with Ledger(workspace.settings.ledger) as ledger:
        ended = ledger.end_suppression(number, author=caller.name)
    request.app.state.workspaces.forget()
    return _answer(ended, 0)


def _suppression(
    wanted: WantedHiding, ledger: Ledger, *, author: str = "", reason: str = "", span: timedelta | None = None
) -> Suppression:
    """As the ledger takes it.

    Raises
    ------
    QueryError
        No finding has that id.
    InputError
        There is no such detector.
    """
    if wanted.detector and wanted.detector not in {one.name for one in DETECTORS}:
        raise InputError(f"no detector {wanted.detector!r}", hint="graphmap hunt --help names them")
    now = datetime.now(UTC)
    return Suppression(
        id=0,
        author=author,
        reason=reason,
        created=now,
        expires=None if span is None else now + span,
        finding=ledger.finding(wanted.finding).id if wanted.finding else None,
        detector=wanted.detector or None,
        src=wanted.src or None,
        dst=wanted.dst or None,
        user=wanted.user or None,
    )


def _answer(one: Suppression, hides: int) -> SuppressionAnswer:
    return SuppressionAnswer(**asdict(one), hides=hides)
