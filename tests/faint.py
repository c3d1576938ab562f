"""Three weeks of logs in which most of what is found says little."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.config import Settings
from graphmap.pipeline.hunt import hunt
from graphmap.pipeline.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

FIRST, ROOT = "203.0.113.1", "198.51.100.7"
"""Who guessed a password first, and who came as root after three weeks of such guesses."""


def lines() -> list[str]:
    """Somebody guesses deploy's password on each of 21 days; on the last, root comes over the network, too."""
    log = [
        f"2026-03-{day:02}T10:00:{second:02}.0+00:00 web1 sshd[{100 * day + second}]: {what} for deploy from "
        f"203.0.113.{day} port {40000 + second} ssh2"
        for day in range(1, 22)
        for second, what in [*((n, "Failed password") for n in range(5)), (9, "Accepted password")]
    ]
    accepted = f"sshd[9000]: Accepted password for root from {ROOT} port 50000 ssh2"
    return [*log, f"2026-03-21T12:00:00.0+00:00 web1 {accepted}"]


def hunted(folder: Path) -> Path:
    """A home in a folder, filled from these logs and hunted: 22 findings, a story each, 20 of which weigh nothing."""
    (folder / "auth.log").write_text("\n".join(lines()) + "\n")
    settings = Settings(folder / "home")
    ingest([folder / "auth.log"], settings=settings)
    hunt(settings)
    return settings.home
