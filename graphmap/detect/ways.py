"""Hops gathered by the way that they take: a source, an account and a destination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmap.graph.index import HopIndex, Ids


def ways_among(index: HopIndex, rows: NDArray[np.integer[Any]]) -> list[Ids]:
    """Some rows, in order, by way; the ways in order of their first row. Cost: one sort."""
    if not len(rows):
        return []
    origin = index.src[rows].astype(np.int64) * len(index.names.accounts) + index.account[rows]
    # the places of origins among those that there are keep the product below 2**63
    way = np.unique(origin, return_inverse=True)[1] * len(index.names.hosts) + index.dst[rows]
    order = np.argsort(way, kind="stable")
    groups = np.split(np.asarray(rows)[order], np.flatnonzero(np.diff(way[order])) + 1)
    return sorted(groups, key=lambda group: int(group[0]))
