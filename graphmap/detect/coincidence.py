"""Which links of a chain may be mere coincidence.

In whole-second logs, any two sessions of one second on one host can look like a chain, in either order. Such a link
is doubtful where nothing but the open session speaks for it: another key, another account.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from graphmap.model import Basis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex
    from graphmap.graph.paths import Path


def doubtful(index: HopIndex, path: Path) -> Iterator[int]:
    """Numbers of the hops, from 0, that are tied with the hop before and share neither its key nor its account."""
    for number in _tied(index, path):
        if path.bases[number] == Basis.OPEN:
            yield number


def is_coincidence(index: HopIndex, path: Path) -> bool:
    """Whether a path has a doubtful link and none whose order the stamps show.

    One link that is sure in time carries the path: a doubtful link is then shown with its lower certainty.
    """
    return any(doubtful(index, path)) and len(list(_tied(index, path))) == len(path.rows) - 1


def _tied(index: HopIndex, path: Path) -> Iterator[int]:
    return (number for number, (before, row) in enumerate(pairwise(path.rows), 1) if index.tied(before, row))
