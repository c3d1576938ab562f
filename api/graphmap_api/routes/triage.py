"""What people think of findings."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from graphmap.errors import OutdatedError
from graphmap.model import Triage
from graphmap.store.ledger import Ledger, Opinion
from graphmap_api.cases import CurrentTriage, Judged, JudgedFindings
from graphmap_api.freshness import AnyWorkspace, seen_by
from graphmap_api.rights import JUDGE, READ, AnyCaller
from graphmap_api.routes.findings import FindingId
from graphmap_api.routing import Router
from graphmap_api.wanted import WantedTriage, WantedTriages

router = Router(tags=["findings"], dependencies=[READ])


@router.get("/findings/{id}/triage")
def triage(
    workspace: AnyWorkspace, response: Response, finding_id: Annotated[FindingId, Path(alias="id")]
) -> CurrentTriage:
    """What holds of a finding now. The ETag is for the If-Match of a change."""
    with Ledger(workspace.settings.ledger) as ledger:
        said = ledger.judgements(ledger.finding(finding_id).id)
    response.headers["etag"] = _tag(len(said))
    return CurrentTriage.model_validate(said[-1] if said else Triage())


@router.patch("/findings/{id}/triage", dependencies=[JUDGE])
def judge(
    request: Request,
    response: Response,
    workspace: AnyWorkspace,
    caller: AnyCaller,
    finding_id: Annotated[FindingId, Path(alias="id")],
    wanted: WantedTriage,
) -> CurrentTriage:
    """Say something of a finding. Nothing that was said before is lost: `judgements` of the finding has it all.

    With If-Match, it is refused with 412 where somebody else said something since.
    """
    said = _opinion(wanted)
    with Ledger(workspace.settings.ledger) as ledger:
        found = ledger.finding(finding_id).id
        held = len(ledger.judgements(found))
        if not seen_by(request, _tag(held)):
            raise OutdatedError(f"somebody else said something of {found} meanwhile", hint="read that first")
        checked = held if "if-match" in request.headers else None
        after = ledger.judge(found, said, author=caller.name, seen=checked)
        response.headers["etag"] = _tag(len(ledger.judgements(found)) if checked is None else held + 1)
    request.app.state.workspaces.forget()
    return CurrentTriage.model_validate(after)


@router.post("/findings/triage", dependencies=[JUDGE])
def judge_several(
    request: Request, workspace: AnyWorkspace, caller: AnyCaller, wanted: WantedTriages
) -> JudgedFindings:
    """Say the same of several findings, at once: of those that there are, and which there are not is told.

    As each that is named stands when it comes: there is no If-Match, and the last word holds.
    """
    with Ledger(workspace.settings.ledger) as ledger:
        after = ledger.judge_all(wanted.ids, _opinion(wanted), author=caller.name)
    request.app.state.workspaces.forget()
    items = [
        Judged(id=one, triage=CurrentTriage.model_validate(after[one]), problem=None)
        if one in after
        else Judged(id=one, triage=None, problem=f"no finding {one!r}")
        for one in dict.fromkeys(wanted.ids)
    ]
    return JudgedFindings(items=items, changed=len(after), unknown=len(items) - len(after))


def _opinion(wanted: WantedTriage) -> Opinion:
    return Opinion(wanted.state, wanted.text("assignee"), wanted.text("note"), wanted.marked)


def _tag(judgements: int) -> str:
    """What is said only grows: its number tells whether there is more."""
    return f'"{judgements}"'
