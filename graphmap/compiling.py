"""Whoever compiles says so: loading what numba kept takes about a second, compiling it the first time many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LISTENERS: list[Callable[[str], None]] = []
"""Whoever wants to hear when it compiles."""


def announce(what: str) -> None:
    """Tell the listeners that something is compiled now."""
    for tell in LISTENERS:
        tell(f"compiling {what} (once)")


def is_kept(function: Any) -> bool:
    """Whether an earlier process left a function of numba's compiled on disk, for this version of its file."""
    folder, source = function.stats.cache_path, Path(function.py_func.__code__.co_filename)
    if folder is None or not source.exists():
        return False
    kept = Path(folder).glob(f"{source.stem}.{function.__name__}-*.nbi")
    return any(index.stat().st_mtime >= source.stat().st_mtime for index in kept)
