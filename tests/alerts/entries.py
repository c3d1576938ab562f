"""Outputs written as a user writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphmap.alerts import Output, read_outputs
from graphmap.config import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(home: Path, **entries: Mapping[str, object]) -> Settings:
    """Settings of a home whose graphmap.toml has these outputs."""
    home.mkdir(exist_ok=True)
    lines: list[str] = []
    for name, keys in entries.items():
        lines += [f"[alerts.{name}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
    (home / "graphmap.toml").write_text("\n".join(lines) + "\n")
    return Settings(home)


def output(home: Path, **keys: object) -> Output:
    """The output ``soc`` with these keys."""
    return read_outputs(write(home, soc=keys))["soc"]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)
