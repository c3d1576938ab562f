"""The floors and the doors of pyproject.toml hold."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from importlinter import cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_imports_keep_the_contracts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True)
    assert code == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_core_dependency_is_explained(root: Path) -> None:
    """A dependency without a row in the table of decision 0002 has no reason to be there, and the reverse."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    declared = {spec.split(">=")[0].lower() for spec in project["dependencies"]}
    table = (root / "docs/decisions/0002-dependencies.md").read_text().partition("### Core")[2].partition("\n### ")[0]
    rows = [line.split("|")[1].strip().lower() for line in table.splitlines() if line.startswith("| ")]
    assert set(rows[1:]) == declared
