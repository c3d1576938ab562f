"""Short work that many ask for at once is done in turn, a few at a time.

Side by side on a few cores all of it would be done last, and the longest as many times later as there are others.
"""

from __future__ import annotations

import os
from functools import partial, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

P = ParamSpec("P")
T = TypeVar("T")

_TURNS = CapacityLimiter(max(os.cpu_count() or 1, 2))


def in_turn(endpoint: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Let requests wait for each other, who came first first, whatever else other threads are at."""

    @wraps(endpoint)
    async def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
        return await to_thread.run_sync(partial(endpoint, *args, **kwargs), limiter=_TURNS)

    return waiting
