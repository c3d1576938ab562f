"""Waiting for what another process or thread does, without guessing how long that takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PATIENCE = 90.0
"""Seconds after which what is waited for will not come."""


def wait_for(look: Callable[[], T | None], what: str, *, seconds: float = PATIENCE) -> T:
    """Look again and again until there is something; give it."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"waited {seconds:,.0f} s in vain: {what}"
        time.sleep(0.05)
    return found
