"""What the past before each hop says about it. Never its future: a finding must not change when later days arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from graphmap.graph.index import HopIndex

WAY = ("src", "account", "dst")
"""What makes two hops the same way: from where, as whom, to where."""


def past(hops: pl.DataFrame) -> pl.DataFrame:
    """Count, for each hop, what had been seen before it.

    Parameters
    ----------
    hops
        HOPS, sorted by start.

    Returns
    -------
    DataFrame of four columns, rows as in `hops`:

    before : UInt32
        Earlier hops of the same account from the same source to the same destination.
    days_before : UInt32
        Distinct UTC days of those.
    before_user : UInt32
        Earlier hops of the same account to the same destination, from anywhere.
    novelty : Float64
        1 / (1 + before): 1.0 for a way that was never taken.

    Notes
    -----
    Hops of one start count in the order of the table. O(n) after one sort by way.
    """
    day = pl.col("start").dt.date()
    return hops.with_columns(_new_day=(day != day.shift(1).over(WAY)).fill_null(value=True)).select(
        before=_ordinal().over(WAY),
        # days of this way up to this hop, less today when this is its first hop of the day
        days_before=(pl.col("_new_day").cum_sum().over(WAY) - pl.col("_new_day")).cast(pl.UInt32),
        before_user=_ordinal().over("account", "dst"),
        novelty=1.0 / (1.0 + _ordinal().over(WAY).cast(pl.Float64)),
    )


def _ordinal() -> pl.Expr:
    return pl.int_range(pl.len(), dtype=pl.UInt32)


def surprise(index: HopIndex) -> NDArray[np.float64]:
    """How surprising each hop's way is to somebody who knows the hops before it and nothing later, in bits.

    Parameters
    ----------
    index
        The hops.

    Returns
    -------
    -log2 of the probability that the account takes this way next, one element a hop:

    - it took the way `n` of `t` times before, over `w` different ways: n / (t + w);
    - it never did: w / (t + w), times the probability that a hop from this source goes to this host, whoever makes it;
    - nobody went from this source to this host: that escape again, times the probability that any hop arrives there;
    - nobody ever arrived there: the escape once more, shared among the known hosts and one unknown.

    Without a past an escape is certain: the first hop of a new account says nothing by itself.

    Notes
    -----
    Prediction by partial matching, with the escape of method C (Moffat, IEEE Trans. Commun. 38(11), 1990; Witten and
    Bell, IEEE Trans. Inf. Theory 37(4), 1991). So a count alone does not decide: a new way is more surprising for an
    account that never strays, to a host that few reach, from a source that always goes elsewhere. Hops of one start
    count in the order of the table. Cost: one sort a source and one pass.
    """
    from graphmap.graph.kernels import rarity as kernels  # noqa: PLC0415 - compiles or loads what small data needs not

    nodes, accounts = len(index.names.hosts) + len(index.names.sources), len(index.names.accounts)
    same, alike = kernels.count_before(index.dst, index.account, accounts, *index.leaving)
    bits: NDArray[np.float64] = kernels.surprise(
        index.src, index.dst, index.account, accounts, same, alike, nodes
    )  # fmt: skip
    return bits
