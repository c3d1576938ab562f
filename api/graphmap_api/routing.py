"""Routers whose endpoints take one trip to a thread each.

FastAPI sends a plain function to a thread, and once more what it answered, to be checked. Threads take turns of
milliseconds where several are at work, so each trip costs more than what is done there: dependencies that have nothing
to wait for are ``async``, and an answer is checked where it arrives, which is a look at its class.
"""

from __future__ import annotations

from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from collections.abc import Callable


class ThreadRoute(APIRoute):
    """A route whose endpoint, where it is a plain function, runs in a thread."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint if iscoroutinefunction(endpoint) else _in_thread(endpoint), **options)


class Router(APIRouter):
    """A router of ThreadRoutes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=ThreadRoute, **options)


def _in_thread(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    async def run(**values: Any) -> Any:
        return await run_in_threadpool(endpoint, **values)

    return run
