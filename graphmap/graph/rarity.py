"""What the past before each hop says about it. Never its future: a finding must not change when later days arrive."""

from __future__ import annotations

import polars as pl

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
