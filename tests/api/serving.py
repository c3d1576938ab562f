"""A home folder that is full, and `graphmap serve` on it: a process of its own, asked over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import httpx

from graphmap import resources
from graphmap.config import Settings
from graphmap.model import Suppression, TriageState
from graphmap.pipeline.estate import keep_inventory, read_inventory
from graphmap.pipeline.hunt import hunt
from graphmap.pipeline.ingest import ingest
from graphmap.readers.base import ReadOptions
from graphmap.store.ledger import Ledger, Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YEAR = 2026
"""When the bundled sample was recorded."""

HOSTILE = (
    "<script>window.hurt=1</script>",
    '"><img src=x onerror=window.hurt=1>',
    "<b>bold</b>&lt;i&gt;",
    "javascript:window.hurt=1",
    "%{x}<extra></extra>",
    "..",
    "a/b?c#d",
    "user:host:db1>x",
    "\N{RIGHT-TO-LEFT OVERRIDE}nimda",
    "'; DROP TABLE findings; --",
    "=cmd|' /C calc'!A0",
)
"""Names of accounts that somebody tries on an open SSH port."""


JUDGED, HIDDEN = "brute-force-success", "hypervisor-access"
"""Detectors: of a finding that people said something of, and of findings that a suppression hides."""


class Server(NamedTuple):
    """A server that runs: its address, its token and its home."""

    base: str
    token: str
    home: Path

    def client(self, token: str | None = None) -> httpx.Client:
        """A program with the token."""
        headers = {"authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=f"{self.base}/api/v1", headers=headers, timeout=60)


def fill(home: Path, logs: Path) -> Settings:
    """Fill a home folder: the bundled sample, and a host whose log is all attackers' text."""
    settings = Settings(home)
    folder = logs / "edge1"
    folder.mkdir(parents=True)
    lines = [
        f"2026-11-21T02:57:{n:02}.5+00:00 edge1 sshd[{900 + n}]: Failed password for invalid user {name} from "
        f"203.0.113.77 port {40000 + n} ssh2"
        for n, name in enumerate(HOSTILE)
    ]
    lines.append(
        "2026-11-21T02:57:30.1+00:00 edge1 sshd[990]: Accepted password for <i>x</i> from 198.51.100.9 port 4 ssh2"
    )
    (folder / "auth.log").write_text("\n".join(lines) + "\n")
    sample = resources.sample()
    hosts = sorted(folder for folder in sample.iterdir() if folder.is_dir())
    ingest([*hosts, folder], settings=settings, options=ReadOptions(year=YEAR))
    keep_inventory(settings, read_inventory(sample / "inventory.yaml"))
    guessed = next(case.finding for case in hunt(settings).cases if case.finding.detector == JUDGED)
    with Ledger(settings.ledger) as ledger:
        ledger.judge(guessed.id, Opinion(TriageState.INVESTIGATING, assignee="ann"), author="ann")
        ledger.judge(guessed.id, Opinion(note=HOSTILE[1], marked=True), author="bob")
        ledger.suppress(Suppression(0, "ann", "administrators", datetime.now(UTC), None, detector=HIDDEN))
    return settings


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """The server of a home folder, on any free port."""
    with subprocess.Popen(
        [sys.executable, "-m", "graphmap", "serve", "--port", "0", "--home", str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    ) as process:
        try:
            assert process.stdout is not None
            base, _, token = process.stdout.readline().strip().partition("/?token=")
            assert token, "the server did not start"
            yield Server(base, token, home)
        finally:
            process.terminate()
            assert process.wait(30) == 0
