from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Inside, Program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, with a home that holds the test logs."""
    run = Inside(tmp_path / "home")
    run.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    return run
