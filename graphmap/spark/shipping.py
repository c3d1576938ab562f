"""What executors are sent: this very graphmap, so that no node needs it installed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import graphmap

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(graphmap.__file__).resolve().parent

_COMPILED = {".nbc", ".nbi"}
"""What numba keeps. It is for one kind of processor and is made anew on others; its index holds the source's hash."""


def archive(folder: Path) -> str:
    """Pack the package, to be unpacked under its name where executors import from.

    It is unpacked, not imported from the archive, since compiled code is kept beside its source.

    Parameters
    ----------
    folder
        Where to put the archive.

    Returns
    -------
    str
        What ``SparkContext.addArchive`` takes.
    """
    path = folder / f"{PACKAGE.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as packed:
        for file in _files():
            packed.write(file, file.relative_to(PACKAGE))
    return f"{path}#{PACKAGE.name}"


def _files() -> Iterator[Path]:
    for file in sorted(PACKAGE.rglob("*")):
        cached = file.parent.name == "__pycache__"
        if file.is_file() and (not cached or file.suffix in _COMPILED):
            yield file
