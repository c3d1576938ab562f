"""How far the clocks of hosts and sensors are apart: measured by the connections that both report.

The first line of a host about an address and port, and what a sensor or the client saw of the same address and port,
are of one moment, but for what it takes until the host writes a line: with `Connection from` lines (OpenSSH at LogLevel
VERBOSE) milliseconds, with `Accepted` lines as long as somebody types a password. So a few seconds say nothing. The
median of a day is not moved by the few that took long.
"""

from __future__ import annotations

import polars as pl

from graphmap.evidence.sightings import SAME_CONNECTION
from graphmap.reports import LATE

CLOCKS = pl.Schema(
    {
        "day": pl.Date(),  # of the teller's clock, UTC; never null
        "host": pl.String(),  # never null
        "teller": pl.String(),  # the reader of a sensor's log, or the host that the connections came from; never null
        "difference": pl.Int64(),  # microseconds that the host's clock is ahead, negative behind; never null
        "pairs": pl.UInt32(),  # connections that both report; never null
    }
)

CONNECTION = ("host", "src_ip", "src_port")
"""What names a connection for a while."""

_DAY = (pl.col("time").dt.date()).alias("day")


def measure(told: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Measure clocks.

    Parameters
    ----------
    told
        Events of the hosts' own logs: `time`, `host`, `src_ip`, `src_port`.
    seen
        SIGHTINGS.

    Returns
    -------
    DataFrame of schema CLOCKS, sorted by day, host and teller: the median differences.
    """
    opened = (
        told.select("time", *CONNECTION)
        .drop_nulls()
        .sort("time")
        .with_columns(begins=(pl.col("time").diff().over(CONNECTION) > SAME_CONNECTION).fill_null(value=True))
        .filter("begins")
        .select(*CONNECTION, "time", opened="time")
    )
    return (
        seen.select("time", "teller", *CONNECTION)
        .drop_nulls()
        .sort("time")
        .join_asof(opened, on="time", by=list(CONNECTION), strategy="nearest", tolerance=LATE, check_sortedness=False)
        .drop_nulls("opened")
        .group_by(_DAY, "host", "teller")
        .agg(
            difference=(pl.col("opened") - pl.col("time")).dt.total_microseconds().median().round().cast(pl.Int64),
            pairs=pl.len().cast(pl.UInt32),
        )
        .sort("day", "host", "teller")
        .match_to_schema(CLOCKS)
    )


def ahead(seen: pl.DataFrame, clocks: pl.DataFrame) -> pl.Series:
    """By how much the clock of the host of each sighting is ahead of its teller's: as measured on the nearest day.

    Returns
    -------
    Series of Duration in order of the sightings; zero where nothing was measured.
    """
    return (
        seen.select("row", "host", "teller", _DAY)
        .sort("day")
        .join_asof(clocks, on="day", by=["host", "teller"], strategy="nearest", check_sortedness=False)
        .sort("row")
        .select(pl.duration(microseconds=pl.col("difference").fill_null(0)).alias("ahead"))
        .to_series()
    )
