"""Which session led to which: the origins of hops as a table, for stores that keep a graph of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.graph.hops import TIED
from graphmap.graph.index import NONE, SECOND
from graphmap.graph.kernels.links import list_origins
from graphmap.model import Basis

if TYPE_CHECKING:
    from graphmap.graph.walks import Walks

MOST_ORIGINS = 50
"""Origins of one hop that are listed unless another number is asked for."""

LINKS = pl.Schema(
    {
        "before": pl.Int32(),  # row of the session that may have led to the other; never null
        "after": pl.Int32(),  # row of the hop; never null
        "certainty": pl.Float64(),  # as `graphmap.graph.paths.Origin`; never null
        "basis": pl.String(),  # model.Basis; never null
        "tied": pl.Boolean(),  # whether the stamps leave open which of them started first; never null
    }
)


def build_links(walks: Walks, rows: range, *, most: int = MOST_ORIGINS) -> pl.DataFrame:
    """List which sessions could have led to which.

    Parameters
    ----------
    walks
        The hops.
    rows
        Which hops; their origins may be others.
    most
        How many origins of one hop are listed: the preferred ones first, of equals the latest. `Walks.hops.origins`
        tells how many there are.

    Returns
    -------
    DataFrame of schema LINKS, by `after`.
    """
    hops, index = walks.hops, walks.index
    before, after = list_origins(hops, index.arriving, index.blocks, most, rows.start, rows.stop)
    key = (index.key[before] != NONE) & (index.key[before] == index.key[after])
    account = index.account[before] == index.account[after]
    by = [list(Basis).index(basis) for basis in (Basis.KEY, Basis.ACCOUNT, Basis.OPEN)]
    basis = np.select([key, account], by[:2], by[2]).astype(np.int8)
    preferred = basis <= hops.basis[after]
    number = np.where(preferred, hops.preferred[after], hops.origins[after])
    earliest = index.earliest[before]
    tied = np.where(earliest % SECOND == 0, earliest + SECOND - 1, earliest) >= index.earliest[after]
    return pl.DataFrame(
        {
            "before": before,
            "after": after,
            "certainty": np.where(tied, TIED, 1.0) / number,
            "basis": pl.Series(list(Basis), dtype=pl.String).gather(basis.astype(np.int64)),
            "tied": tied,
        },
        schema=LINKS,
    )
