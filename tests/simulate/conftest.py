"""A small enterprise with many attacks, written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.simulate.enterprise import simulate
from graphmap.simulate.options import Options

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Options(hosts=60, days=12, seed=3, history=8, clean=1, attacks=5)


@pytest.fixture(scope="session")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an enterprise of 60 hosts and 12 days, with attacks of most kinds."""
    folder = tmp_path_factory.mktemp("simulate") / "acme"
    simulate(folder, SMALL)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of nobody's home."""
    return Settings(home=tmp_path / "home")
