"""Requests get an answer within a time, even if it is that there is none."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from graphmap_api.bodies import STREAMED
from graphmap_api.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 30.0
"""Seconds."""


class Patience:
    """Middleware that answers 504 where no answer began within a time.

    What was asked goes on in its thread, since a thread cannot be stopped, and is thrown away when it is done; as many
    can go on as there are threads. An upload takes as long as it takes.
    """

    def __init__(self, app: ASGIApp, seconds: float = LONGEST) -> None:
        self._app = app
        self._seconds = seconds
        self._given_up: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope.get("path") in STREAMED:
            await self._app(scope, receive, send)
            return
        begun = over = False

        async def unless_over(message: Message) -> None:
            nonlocal begun
            if not over:
                begun = True
                await send(message)

        async def run() -> None:
            await self._app(scope, receive, unless_over)

        task = asyncio.create_task(run())
        done, _ = await asyncio.wait({task}, timeout=self._seconds)
        if done or begun:
            await task
            return
        over = True
        self._given_up.add(task)
        task.add_done_callback(self._forget)
        late = problem(
            HTTPStatus.GATEWAY_TIMEOUT,
            f"no answer within {self._seconds:g} seconds",
            hint="ask for less: a shorter time, one host, a smaller limit",
        )
        await late(scope, receive, send)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()  # it was logged where it arose
