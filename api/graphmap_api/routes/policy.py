"""The segment policy in force, and what another one would have said of the past."""

from __future__ import annotations

import threading
from hashlib import blake2b
from typing import Annotated

from fastapi import Query, Request, Response

from graphmap.errors import OutdatedError
from graphmap.pipeline.policies import dry_run, keep_policy, remarks
from graphmap.pipeline.written import read_text
from graphmap.policy.rules import NO_POLICY, Policy
from graphmap.policy.yaml_form import parse_policy
from graphmap_api.freshness import AnyWorkspace, seen_by
from graphmap_api.queries import MOST
from graphmap_api.rights import JUDGE, READ, RULE
from graphmap_api.routing import Router
from graphmap_api.wanted import PolicyAnswer, PolicyBreach, PolicyTrial, WantedPolicy
from graphmap_api.workspace import Workspace

router = Router(tags=["policy"], dependencies=[READ])

NAME = "policy"
"""How messages name a policy that has no file."""

_CHANGING = threading.Lock()
"""Held between the look at what is in force and its change."""


@router.get("/policy")
def policy(workspace: AnyWorkspace, response: Response) -> PolicyAnswer:
    """The policy in force. The ETag is for the If-Match of a change."""
    text = _text(workspace)
    response.headers["etag"] = _tag(text)
    return _answer(workspace, text, NO_POLICY if text is None else parse_policy(text, NAME))


@router.put("/policy", dependencies=[RULE])
def put_policy(request: Request, response: Response, workspace: AnyWorkspace, wanted: WantedPolicy) -> PolicyAnswer:
    """Put a policy in force in place of the one before, whole; hunts and questions go by it from now on.

    With If-Match, it is refused with 412 where another one was put in force since.
    """
    with _CHANGING:
        if not seen_by(request, _tag(_text(workspace))):
            raise OutdatedError("another policy was put in force meanwhile", hint="read that first")
        kept = keep_policy(workspace.settings, wanted.text, NAME)
    request.app.state.workspaces.forget()
    response.headers["etag"] = _tag(wanted.text)
    return _answer(workspace, wanted.text, kept)


@router.post("/policy/dry-run", dependencies=[JUDGE])
def try_policy(
    workspace: AnyWorkspace, wanted: WantedPolicy, limit: Annotated[int, Query(ge=1, le=MOST)] = 100
) -> PolicyTrial:
    """Which logons of the past a policy would not have permitted. Nothing is stored."""
    asked = parse_policy(wanted.text, NAME)
    found = dry_run(workspace.estate, asked)
    rows = found.head(limit).iter_rows(named=True)
    return PolicyTrial(
        items=[PolicyBreach(**row) for row in rows],
        shown=min(limit, found.height),
        total=found.height,
        logons=int(found["count"].sum()),
        remarks=list(remarks(asked, workspace.estate.identity)),
    )


def _text(workspace: Workspace) -> str | None:
    file = workspace.settings.policy
    return read_text(file, NAME) if file.exists() else None


def _answer(workspace: Workspace, text: str | None, found: Policy) -> PolicyAnswer:
    return PolicyAnswer(
        text=text,
        zones=[zone.name for zone in found.zones],
        rules=len(found.rules),
        judged=[zone.name for zone in found.stated()],
        remarks=list(remarks(found, workspace.estate.identity)),
    )


def _tag(text: str | None) -> str:
    return '"none"' if text is None else f'"{blake2b(text.encode(), digest_size=12).hexdigest()}"'
