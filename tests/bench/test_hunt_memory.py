"""Memory of a hunt: what it needs for any data, and so many bytes a hop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.pipeline.ingest import ingest
from tests.bench.hunt import ask
from tests.bench.logs import write_logs

if TYPE_CHECKING:
    from pathlib import Path

MAKING_MB = 800
"""Over what the process took before it began. Measured on two cores with a million lines: 499 MB, in memory 607."""
HUNTING_MB = 600
"""Of this, compiled code, libraries and the findings are most. Measured: 309 MB."""
OPENING_MB = 100
"""Measured: 30 MB."""


@pytest.mark.slow
def test_a_million_lines_are_asked_in_bounded_memory(tmp_path: Path) -> None:
    logs, home = tmp_path / "logs", tmp_path / "home"
    logs.mkdir()
    write_logs(logs, hosts=50, lines=20_000)
    ingest([logs], settings=Settings(home=home))
    made, opened, hunted = (ask(home, task) for task in ("open", "open", "hunt"))
    assert made.hops == opened.hops == hunted.hops > 90_000
    assert made.taken_mb < MAKING_MB
    assert opened.taken_mb < OPENING_MB
    assert hunted.taken_mb < HUNTING_MB
