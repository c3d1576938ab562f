"""What the compiled walks share: constants, the compiler, and what a stamp means.

numba keeps what it compiled from a file until that file changes. So whoever changes something here touches the files
that use it (docs/decisions/0005).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1_000_000
"""Microseconds."""
NONE = -1
"""Stands for "no host", "no key" and "no hop"."""
FAR = np.int64(1 << 62)
"""Later than any moment."""
BY_KEY, BY_ACCOUNT, BY_OPEN, BY_START = range(4)
"""Why a session is preferred as the origin of a hop: `graphmap.model.Basis`, in its order."""


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function at its first call, and keep what was compiled; it runs without the interpreter's lock."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return njit(nogil=True)(function)


@compiled
def stretch(stamp: int) -> int:
    """Give the last moment that a stamp can mean."""
    return stamp + SECOND - 1 if stamp % SECOND == 0 else stamp
