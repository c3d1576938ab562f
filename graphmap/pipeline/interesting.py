"""The chains among very many hops that are worth a look: busy hosts make more than anybody could list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmap.graph.rarity import surprise

if TYPE_CHECKING:
    from graphmap.graph.paths import Path
    from graphmap.graph.walks import Walks

MOST = 1_000
"""How many chains are looked at."""
LONGEST = 6
"""Most hops of one of them; each costs 4 bytes for every hop there is."""


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
    from graphmap.graph.kernels.chains import BIT  # noqa: PLC0415 - compiles or loads what small data needs not

    longest = min(max_hops, LONGEST)
    if min_hops > longest:
        return []
    bits = np.round(surprise(walks.index) * BIT).astype(np.int32)
    paths, _, _ = walks.best_chains(walks.weights(bits), limit=most, shortest=min_hops, longest=longest)
    parts = {
        path.rows[begin:end]
        for path in paths
        for begin in range(len(path.rows))
        for end in range(begin + min_hops, len(path.rows) + 1)
        if end - begin < len(path.rows)
    }
    return [path for path in paths if path.rows not in parts]
