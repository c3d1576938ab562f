"""Cuts a table into batches, and says which of them can be written at the same time.

Who adds a relationship locks the nodes at both of its ends. Two transactions that want the same nodes wait for each
other, or deadlock: one is broken off and starts again. So nodes are parted into groups by name, relationships by the
groups of their ends, and only batches of different groups are written side by side. What can still deadlock, and is
then written again: the relationship before a new one in the chain of a node is locked too, and has another end.

References
----------
Neo4j Operations Manual, "Concurrent data access": locks, and what happens at a deadlock.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GROUPS = 4
"""Groups of nodes. Of n groups, n / 2 batches can be written side by side, in n rounds."""


def node_batches(table: pl.DataFrame, size: int) -> Iterator[Iterable[pl.DataFrame]]:
    """One round of all batches: each row is a node of its own."""
    yield table.iter_slices(size)


def relationship_batches(table: pl.DataFrame, size: int) -> Iterator[Iterable[pl.DataFrame]]:
    """Rounds of batches, none of which shares a node with another of its round.

    Parameters
    ----------
    table
        Relationships; `src` and `dst` name the ends. One name is taken for one node, whatever its label.
    size
        Most rows of a batch.

    Notes
    -----
    A relationship between the groups i and j is written in round (i + j) modulo GROUPS. There i meets no other group
    than j, and j none but i.
    """
    if table.height <= size:
        yield table.iter_slices(size)
        return
    groups = table.select(pl.col("src", "dst").hash() % GROUPS)
    rounds, pairs = groups.select(pl.sum_horizontal("src", "dst") % GROUPS, least=pl.min_horizontal("src", "dst"))
    for number in range(GROUPS):
        parts = [table.filter((rounds == number) & (pairs == pair)) for pair in range(GROUPS)]
        for together in zip_longest(*(part.iter_slices(size) for part in parts)):
            yield [batch for batch in together if batch is not None]
