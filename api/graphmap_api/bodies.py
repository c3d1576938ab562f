"""How large the body of a request may be."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from graphmap_api.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST = 1_000_000
"""Bytes of a body that is held in memory: a note, a suppression, a policy."""

STREAMED = frozenset({"/api/v1/ingest"})
"""Where a body goes to the disk as it comes, under a limit of its own."""


class Bodies:
    """Middleware that answers 413 where a body is larger than MOST, whether its length was told or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] in STREAMED:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        told = headers.get("content-length", "")
        if (told.isdecimal() and int(told) > MOST) or (not told and "transfer-encoding" in headers):
            refused = problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body has to have a Content-Length, of at most {MOST:,} bytes",
            )
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)
