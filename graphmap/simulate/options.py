"""What kind of enterprise is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

START = datetime(2026, 3, 2, tzinfo=UTC)
"""First moment of every simulation: a Monday."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = int(START.timestamp()) * SECOND
"""START in microseconds since 1970."""


class Logging(StrEnum):
    """What sshd is told to log."""

    MIXED = "mixed"
    """Six of ten hosts at INFO, three at VERBOSE, one without keys."""
    INFO = "info"
    VERBOSE = "verbose"
    NO_KEYS = "no-keys"
    """INFO of a release that did not write the key into `Accepted`."""


class Habits(StrEnum):
    """How often people do what they never did."""

    STEADY = "steady"
    USUAL = "usual"
    RESTLESS = "restless"


class Family(StrEnum):
    """What an intruder does."""

    EXPLORATION = "exploration"
    SPREAD = "spread"
    TARGETED = "targeted"
    STOLEN_KEY = "stolen-key"
    PLANTED_KEY = "planted-key"
    SPRAY = "spray"
    STAGING = "staging"
    TUNNEL = "tunnel"


class Stealth(StrEnum):
    """What an intruder avoids."""

    NONE = "none"
    EDGES = "edges"
    """Goes only from a host to a host that somebody logged on to from there within 31 days."""
    ACCOUNTS = "accounts"
    """Is only an account that was active on the host it leaves within 24 hours."""
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Options:
    """An enterprise, and the attacks in it. The same options give the same bytes.

    Parameters
    ----------
    hosts, days, seed
        How large, how long, which one.
    history
        Days before the first attack.
    clean
        Days without attacks at the end.
    attacks
        How many a day in between; 0 for none.
    families, stealths
        Which ones, in turn.
    logging, habits, inventory
        What is logged, how people work, and whether an inventory is written.
    """

    hosts: int = 600
    days: int = 60
    seed: int = 1
    history: int = 30
    clean: int = 7
    attacks: float = 1.4
    families: tuple[Family, ...] = tuple(Family)
    stealths: tuple[Stealth, ...] = tuple(Stealth)
    logging: Logging = Logging.MIXED
    habits: Habits = Habits.USUAL
    inventory: bool = True
