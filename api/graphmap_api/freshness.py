"""Answers that depend on the data alone carry its version as ETag: who has it gets 304, and no work is done."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from graphmap_api.workspace import Workspace, Workspaces


async def workspace_of(request: Request) -> Workspace:
    """The newest workspace."""
    workspaces: Workspaces = request.app.state.workspaces
    recent = workspaces.recent
    return await run_in_threadpool(workspaces.current) if recent is None else recent


def seen_by(request: Request, tag: str) -> bool:
    """Whether a request to change something knows its present state: it has no If-Match, or one that names `tag`.

    Tags are compared as texts (RFC 9110, section 13.1.1): a weak one never matches.
    """
    told = request.headers.get("if-match")
    return told is None or told.strip() == "*" or tag in {each.strip() for each in told.split(",")}


AnyWorkspace = Annotated[Workspace, Depends(workspace_of)]
"""For answers that hold what the lake does not, such as lines of files that may be gone tomorrow: never 304."""


async def fresh_workspace(request: Request, response: Response, workspace: AnyWorkspace) -> Workspace:
    """The newest workspace, unless the client has this answer of it (RFC 9110, section 13.1.2).

    Raises
    ------
    HTTPException
        304.
    """
    said = f"{workspace.version} {request.url.path} {request.url.query}"
    tag = f'W/"{blake2b(said.encode(), digest_size=12).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "Cookie, Authorization, Accept-Encoding"}
    held = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if tag in held or "*" in held:
        raise NotModifiedError(headers)
    response.headers.update(headers)
    return workspace


class NotModifiedError(HTTPException):
    """The client has the answer already."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(304, headers=headers)


async def not_modified(_request: Request, error: Exception) -> Response:
    """Answer 304, which has no body."""
    assert isinstance(error, NotModifiedError)  # noqa: S101 - what it is registered for
    return Response(status_code=304, headers=error.headers)


FreshWorkspace = Annotated[Workspace, Depends(fresh_workspace)]
"""For answers that depend on nothing but the stores."""
