"""Notes and marks on nodes and links of the map."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import AfterValidator

from graphmap.store.ledger import Ledger, Remark
from graphmap_api.freshness import AnyWorkspace, seen_by
from graphmap_api.notes import NoteAnswer, NoteList, NotesAnswer, WantedNote
from graphmap_api.queries import NAME, Limit
from graphmap_api.rights import JUDGE, READ, AnyCaller
from graphmap_api.routes.nodes import node_row
from graphmap_api.routing import Router
from graphmap_api.wanted import storable
from graphmap_api.workspace import Workspace

router = Router(tags=["nodes"], dependencies=[READ])

NodeId = Annotated[
    str, AfterValidator(storable), Query(alias="id", max_length=NAME, description="Of the node, such as host:db1.")
]
TargetId = Annotated[
    str | None,
    AfterValidator(lambda text: text and storable(text)),
    Query(alias="to", max_length=NAME, description="For a link: the id of the node at which it arrives."),
]


@router.get("/notes")
def notes(workspace: AnyWorkspace, limit: Limit = 1_000) -> NoteList:
    """What people noted of nodes and links, the last first."""
    with Ledger(workspace.settings.ledger) as ledger:
        found = ledger.notes()
    items = [NoteAnswer.model_validate(one) for one in found[:limit]]
    return NoteList(items=items, shown=len(items), total=len(found))


@router.get("/note")
def note(workspace: AnyWorkspace, response: Response, node_id: NodeId, target: TargetId = None) -> NotesAnswer:
    """All that was noted of a node or a link, the last first, also where the logs have it no longer.

    The ETag is for the If-Match of a change.
    """
    with Ledger(workspace.settings.ledger) as ledger:
        held = ledger.notes_of(node_id, target or None)
    if not held:
        _check(workspace, node_id, target or None)
    response.headers["etag"] = _tag(len(held))
    return NotesAnswer(items=[NoteAnswer.model_validate(one) for one in reversed(held)])


@router.patch("/note", dependencies=[JUDGE])
def take_note(
    request: Request,
    response: Response,
    workspace: AnyWorkspace,
    caller: AnyCaller,
    node_id: NodeId,
    wanted: WantedNote,
    target: TargetId = None,
) -> NoteAnswer:
    """Note something of a node, or of the link from it to another. What was noted before is kept.

    With If-Match, it is refused with 412 where somebody else noted something since.
    """
    _check(workspace, node_id, target or None)
    said = Remark((wanted.text or "") if "text" in wanted.model_fields_set else None, wanted.marked)
    with Ledger(workspace.settings.ledger) as ledger:
        held = len(ledger.notes_of(node_id, target or None))
        known = seen_by(request, _tag(held))
        checked = (held if known else -1) if "if-match" in request.headers else None
        after = ledger.note_down(node_id, target or None, said, author=caller.name, seen=checked)
        response.headers["etag"] = _tag(held + 1)
    return NoteAnswer.model_validate(after)


def _check(workspace: Workspace, *ids: str | None) -> None:
    """Whether each is a node that there is."""
    for one in ids:
        if one is not None:
            _ = node_row(workspace, one)


def _tag(notes: int) -> str:
    """What is noted only grows: its number tells whether there is more."""
    return f'"{notes}"'
