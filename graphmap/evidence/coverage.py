"""Which side should have reported a logon and did not.

A side is said to be missing where it reported the like both before and after, each within `COVERS`, and not this:

- the server, where its own log has lines of that service before and after;
- a sensor, or the client, where it reported connections of that service from the same source to the same host.

That is all that is claimed. A log may have been cut, edited or lost for that time, a packet may have gone another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import Witness

if TYPE_CHECKING:
    from collections.abc import Sequence

COVERS = "1d"
"""A log that is silent for longer says nothing of what happened meanwhile."""

SERVER = ("host", "carrier")
PAIR = ("host", "src", "carrier")


def missing(sessions: pl.DataFrame, told: pl.DataFrame, seen: pl.DataFrame) -> pl.Series:
    """Say who is missing among the witnesses of each session.

    Parameters
    ----------
    sessions
        `time`, `host`, `src`, `carrier`, and `witnesses` as in SESSIONS.
    told
        Events of the hosts' own logs: `time`, `host`, `carrier`.
    seen
        What was seen from elsewhere, by the clock of the host: `time`, `witness`, `host`, `src`, `carrier`.

    Returns
    -------
    Series of lists of model.Witness, sorted.
    """
    asked = sessions.select("time", *PAIR, "witnesses").with_row_index("row")
    reports = {
        Witness.CLIENT: (seen.filter(witness=Witness.CLIENT), PAIR),
        Witness.NETWORK: (seen.filter(witness=Witness.NETWORK), PAIR),
        Witness.SERVER: (told, SERVER),
    }
    sides = [
        pl.select(pl.when(_within(asked, rows, by, witness)).then(pl.lit(witness.value))).to_series().alias(witness)
        for witness, (rows, by) in reports.items()
    ]
    return pl.DataFrame(sides).select(missing=pl.concat_list(pl.all()).list.drop_nulls()).to_series()


def _within(asked: pl.DataFrame, reports: pl.DataFrame, by: Sequence[str], witness: Witness) -> pl.Series:
    """Whether a session lacks a witness who reported the like before and after it."""
    without = asked.filter(~pl.col("witnesses").list.contains(witness.value)).drop_nulls(by).sort("time")
    times = reports.select("time", *by).drop_nulls().unique().sort("time").with_columns(at="time")
    for strategy in ("backward", "forward"):
        without = (
            without.select("row", "time", *by)
            .join_asof(times, on="time", by=list(by), strategy=strategy, tolerance=COVERS, check_sortedness=False)  # type: ignore[arg-type]
            .filter(pl.col("at").is_not_null())
        )
    return asked["row"].is_in(without["row"].implode())
