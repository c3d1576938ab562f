"""Requests get an answer within a time, even if it is that there is none; who went away is not worked for."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio

from graphmap_api.bodies import STREAMED
from graphmap_api.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 30.0
"""Seconds."""


class Patience:
    """Middleware that answers 504 where no answer began within a time, and gives up what nobody waits for any more.

    A request that is given up, since its time is over or its client closed the connection, is cancelled: what has not
    begun, as it waits for a thread, never does. What a thread is at goes on to its end, since a thread cannot be
    stopped, and is thrown away. An upload takes as long as it takes.
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
        heard: asyncio.Queue[Message] = asyncio.Queue()

        async def unless_over(message: Message) -> None:
            nonlocal begun
            if not over:
                begun = True
                await send(message)

        work = anyio.CancelScope()

        async def run() -> None:
            with work:
                await self._app(scope, heard.get, unless_over)

        async def listen() -> None:
            """Pass on what comes, until the client goes."""
            while True:
                message = await receive()
                heard.put_nowait(message)
                if message["type"] == "http.disconnect":
                    return

        task, gone = asyncio.create_task(run()), asyncio.create_task(listen())
        try:
            await asyncio.wait({task, gone}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            if task.done() or begun:
                await task
                return
            over = True
            work.cancel()  # not the task itself: its thread would count as free while it goes on
            self._given_up.add(task)
            task.add_done_callback(self._forget)
            if not gone.done():
                await self._late()(scope, receive, send)
        finally:
            gone.cancel()

    def _late(self) -> ASGIApp:
        return problem(
            HTTPStatus.GATEWAY_TIMEOUT,
            f"no answer within {self._seconds:g} seconds",
            hint="ask for less: a shorter time, one host, a smaller limit",
        )

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()  # it was logged where it arose
