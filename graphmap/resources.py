"""Files that are not Python and travel with the package: queries, the browser's pages, the bundled sample.

An installed wheel holds `cypher/` and `web/` inside the package (hatch_build.py puts them there). A checkout, which
an editable install points to, holds them beside it.
"""

from __future__ import annotations

from pathlib import Path

from graphmap.errors import GraphmapError

_PACKAGE = Path(__file__).resolve().parent


def _find(name: str) -> Path:
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise GraphmapError(f"this installation of graphmap has no {name}/ folder", hint="install graphmap again")


def cypher() -> Path:
    """Give the folder of Cypher queries.

    Raises
    ------
    GraphmapError
        The installation lacks it.
    """
    return _find("cypher")


def web() -> Path:
    """Give the folder of the browser's pages.

    Raises
    ------
    GraphmapError
        The installation lacks it.
    """
    return _find("web")


def sample() -> Path:
    """Give the folder of the bundled sample: logs of the SSH range, its inventory and its truth file.

    Raises
    ------
    GraphmapError
        The installation lacks it.
    """
    return _find("sample")
