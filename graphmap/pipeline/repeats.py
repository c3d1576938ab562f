"""Which of several identical lines is meant: the column `repeat`, counted in file order across batches.

Two lines with one natural key are two events where a log has them side by side, and one event where a log holds a
replay of its past. So identical lines are counted within a run, and every run starts at 0 again:

- events: per host of a file, a run lasts while that host's second does not change;
- rejects: a run is equal texts with no other rejected line between them, since a reject has neither host nor time.

The count depends on nothing but the file: not on the size of the batches, and not on how finely it states the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.tables import EVENT_KEY, EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG = pl.UInt64
"""Of the number of a file."""

_EVENT = [column for column in EVENT_KEY if column != "repeat"]
_REJECT = ["reason", "text"]
_SECOND = pl.col("time").dt.truncate("1s").alias("second")


class EventRepeats:
    """Counts the events of one file, or of several at a time. Memory: the last second of every host in them."""

    def __init__(self, *, several: bool = False) -> None:
        """Begin. Where there are `several` files, events have the column `log` (type LOG): a number for each file."""
        self._host = ["log", "dst_host"] if several else ["dst_host"]
        self._key = ["log", *_EVENT] if several else _EVENT
        open_run = EVENTS.to_frame().with_columns(_SECOND, pl.lit(0, LOG).alias("log")).select(self._key)
        self._open = open_run.with_columns(pl.lit(0, pl.Int32).alias("count"))

    def number(self, events: pl.DataFrame) -> pl.DataFrame:
        """Give the next events (schema EVENTS, those of each file in its order) with `repeat` counted."""
        if events.is_empty():
            return events.select(EVENTS.names())
        changed = pl.col("second").ne_missing(pl.col("second").shift(1))
        runs = events.with_columns(_SECOND).with_columns(changed.cum_sum().over(self._host).alias("run"))
        before = self._counted_before(runs)
        numbered = runs.with_columns(_position(runs, [*self._key, "run"]) + before)
        self._remember(numbered)
        return numbered.select(EVENTS.names())

    def keep(self, logs: Iterable[int]) -> None:
        """Forget all files but these."""
        self._open = self._open.filter(pl.col("log").is_in(pl.Series(list(logs), dtype=LOG).implode()))

    def _counted_before(self, runs: pl.DataFrame) -> pl.Series:
        """How often each row's event was seen in the part of its run that lies in earlier batches."""
        if self._open.is_empty():
            return pl.zeros(runs.height, pl.Int32, eager=True)
        joined = runs.join(self._open, on=self._key, how="left", nulls_equal=True, maintain_order="left")
        first_run = pl.col("run") == pl.col("run").min().over(self._host)
        return joined.select(pl.when(first_run).then("count").fill_null(0)).to_series()

    def _remember(self, numbered: pl.DataFrame) -> None:
        """Keep the counts of each host's last run: it may go on in the next batch."""
        last = numbered.filter(pl.col("run") == pl.col("run").max().over(self._host))
        ends = last.group_by(self._host).agg(pl.col("second").last(), pl.col("run").last())
        resumed = ends.filter(run=1).select(*self._host, "second")
        kept = pl.concat(
            [
                self._open.join(ends, on=self._host, how="anti", nulls_equal=True),
                self._open.join(resumed, on=[*self._host, "second"], how="semi", nulls_equal=True),
                last.select(*self._key, (pl.col("repeat") + 1).alias("count")),
            ]
        )
        self._open = kept.group_by(self._key).agg(pl.col("count").max())


class RejectRepeats:
    """Counts the rejects of one file. Memory: one line."""

    def __init__(self) -> None:
        self._last: tuple[str, str, int] | None = None

    def number(self, rejects: pl.DataFrame) -> pl.DataFrame:
        """Give the next rejects of the file (schema REJECTS, file order) with `repeat` counted."""
        if rejects.is_empty():
            return rejects
        run = pl.struct(_REJECT).rle_id()
        position = pl.int_range(pl.len(), dtype=pl.Int32).over(run)
        carry = self._carry(rejects)
        repeat = position + pl.when(run == 0).then(carry).otherwise(0)
        numbered = rejects.with_columns(repeat.cast(pl.Int32).alias("repeat"))
        self._last = numbered.select(*_REJECT, "repeat").row(-1)
        return numbered

    def _carry(self, rejects: pl.DataFrame) -> int:
        if self._last is None or self._last[:2] != rejects.select(_REJECT).row(0):
            return 0
        return self._last[2] + 1


def _position(rows: pl.DataFrame, key: list[str]) -> pl.Series:
    """The place of each row among those with its key, from 0, as `repeat`.

    Rows whose hash is alone are the first of their key; comparing the few others column by column keeps it exact.
    """
    shared = rows.select(key).hash_rows().is_duplicated()
    if not shared.any():
        return pl.zeros(rows.height, pl.Int32, eager=True).alias("repeat")
    numbered = rows.with_row_index("row")
    doubtful = numbered.filter(shared).select("row", pl.int_range(pl.len(), dtype=pl.Int32).over(key).alias("repeat"))
    found = numbered.select("row").join(doubtful, on="row", how="left", maintain_order="left")
    return found["repeat"].fill_null(0)
