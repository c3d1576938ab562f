"""Build hook: ships `cypher/` and `web/` inside the wheel, under `graphmap/`.

An editable install gets no copies, which would go stale; `graphmap.resources` finds the folders in the checkout.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("cypher", "web")


class ResourceHook(BuildHookInterface[Any]):
    """Adds the folders that are not Python to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Map each folder to its place in the wheel; `version` is "standard" or "editable"."""
        if version == "editable":
            return
        for folder in FOLDERS:
            build_data["force_include"][str(Path(self.root, folder))] = f"graphmap/{folder}"
