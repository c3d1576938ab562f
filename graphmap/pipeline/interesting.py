"""The chains among very many hops that are worth a look: busy hosts make more than anybody could list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphmap.graph.paths import Path
    from graphmap.graph.walks import Walks

MOST = 1_000
"""How many chains are looked at."""
LONGEST = 6
"""Most hops of one of them; each costs memory for every hop there is (`graphmap.graph.walks`)."""


def interesting(walks: Walks, *, min_hops: int = 2, max_hops: int = LONGEST, most: int = MOST) -> list[Path]:
    """The most surprising chains (`graphmap.graph.rarity.surprise`, less what their certainty lacks), best first.

    Parameters
    ----------
    walks
        The hops.
    min_hops, max_hops
        Fewest and most hops; never more than LONGEST.
    most
        How many are searched. A chain that is part of another one among them is left out.
    """
    from graphmap.graph.ranking import best_chains  # noqa: PLC0415 - importing it takes a second

    longest = min(max_hops, LONGEST)
    if min_hops > longest:
        return []
    paths = best_chains(walks, limit=most, min_hops=min_hops, max_hops=longest).paths
    parts = {
        path.rows[begin:end]
        for path in paths
        for begin in range(len(path.rows))
        for end in range(begin + min_hops, len(path.rows) + 1)
        if end - begin < len(path.rows)
    }
    return [path for path in paths if path.rows not in parts]
