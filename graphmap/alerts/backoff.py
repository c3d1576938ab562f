"""How long to wait before an alert is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST = 30.0
"""Seconds before the second attempt, at most."""
LONGEST = 3600.0
"""Seconds between two attempts, at most, where the receiver does not ask for more."""
OBEYED = 86_400.0
"""Seconds that a receiver may ask for, at most."""


def wait_before(attempts: int, asked: float | None = None) -> timedelta:
    """Exponential back-off with jitter: between half and all of 30 s, 1 min, 2 min ... 1 h.

    Parameters
    ----------
    attempts
        How many have failed, 1 or more.
    asked
        Seconds that the receiver asks for (Retry-After, RFC 9110 section 10.2.3); it is never disturbed earlier.
    """
    most = min(LONGEST, FIRST * 2.0 ** min(attempts - 1, 16))
    jittered = most * random.uniform(0.5, 1)  # noqa: S311 # spreads the senders, no secret
    return timedelta(seconds=max(jittered, min(asked or 0.0, OBEYED)))
