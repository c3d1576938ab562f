from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Inside, Program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, with nothing in its home."""
    return Inside(tmp_path / "home")


@pytest.fixture(scope="session")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program, its home filled from the test logs and hunted; only to be read."""
    run = Inside(tmp_path_factory.mktemp("hunted") / "home")
    run.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    run.ok("hunt")
    return run
