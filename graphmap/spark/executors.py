"""What executors have: the same Python and the same packages as the driver, or no answer could be the same.

Nothing but the standard library is imported here, so that this runs on an executor that lacks all else.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

from graphmap.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGES = ("polars", "pyarrow", "numpy", "numba", "pandas", "PyYAML", "zstandard", "evtx", "pyspark")
"""What the code that runs on executors imports, and the package that sends it there."""

SHIP = (
    "install them on every node, or pack this environment with venv-pack or conda-pack and set in graphmap.toml"
    ' [spark] archives = "environment.tar.gz#environment" and pyspark.python = "./environment/bin/python"'
)


class Equipment(NamedTuple):
    """What one process of Python has: its minor version, and versions of packages, None for what is not there."""

    python: str
    packages: tuple[tuple[str, str | None], ...]


def equipment(_: Iterable[object] = ()) -> Iterator[Equipment]:
    """Look around, in this process."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    yield Equipment(python, tuple((name, _version(name)) for name in PACKAGES))


def compare(here: Equipment, there: Iterable[Equipment]) -> None:
    """Compare what executors have with what the driver has.

    Raises
    ------
    EngineError
        Something is missing on an executor, or is of another version there.
    """
    for found in dict.fromkeys(there):
        if found.python != here.python:
            raise EngineError(f"executors run Python {found.python}, and this is {here.python}", hint=SHIP)
        pairs = [(name, mine, theirs) for (name, mine), (_, theirs) in zip(here.packages, found.packages, strict=True)]
        if missing := [f"{name} {mine}" for name, mine, theirs in pairs if mine and not theirs]:
            raise EngineError(f"executors lack {', '.join(missing)}", hint=SHIP)
        if other := [f"{name} {theirs} (here {mine})" for name, mine, theirs in pairs if mine != theirs]:
            raise EngineError(f"executors have other versions: {', '.join(other)}", hint=SHIP)


def _version(package: str) -> str | None:
    if package == "pyspark":  # executors have it from Spark itself, not always as an installed package
        from pyspark import __version__  # noqa: PLC0415 - the driver reads this file before it looks for PySpark

        return __version__
    try:
        return version(package)
    except PackageNotFoundError:
        return None
