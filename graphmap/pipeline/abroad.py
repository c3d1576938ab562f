"""What sensors and clients saw, on its way to the bunches of hosts that it is about.

A sensor's events lie in the lake by time, whatever their destination. They are read once, in portions that are sorted
by bunch, so that a bunch then opens little more than its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.pipeline.learning import seen_abroad
from graphmap.sessions import SESSION_EVENTS
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graphmap.store.lake import Snapshot

_PORTION = 1_000_000
_GROUP_ROWS = 20_000


class Abroad:
    """The events of `graphmap.pipeline.learning.seen_abroad`, by the bunch of their destination.

    Parameters
    ----------
    snapshot
        The lake.
    bunches
        Of each bunch, the names and addresses of its hosts; a bunch that others saw nothing of may be left out.
    folder
        Empty; the events are kept there.

    Notes
    -----
    One pass over the lake. Memory: that of a portion.
    """

    def __init__(self, snapshot: Snapshot, bunches: Sequence[Sequence[str]], folder: Path) -> None:
        rows = [(name, number) for number, names in enumerate(bunches) for name in names]
        of = pl.LazyFrame(rows, schema={"dst_ip": pl.String, "bunch": pl.UInt32}, orient="row")
        found = snapshot.scan(SESSION_EVENTS).filter(seen_abroad()).join(of, on="dst_ip")
        self._files: list[Path] = []
        for portion in found.collect_batches(chunk_size=_PORTION, maintain_order=False, engine="streaming"):
            path = folder / f"{len(self._files):06}.parquet"
            portion.sort("bunch").write_parquet(path, compression="lz4", row_group_size=_GROUP_ROWS)
            self._files.append(path)

    def of(self, bunch: int) -> pl.LazyFrame:
        """The events of a bunch, the columns SESSION_EVENTS, in no order."""
        if not self._files:
            return EVENTS.to_frame().lazy().select(SESSION_EVENTS)
        found = pl.scan_parquet(self._files, glob=False).filter(pl.col("bunch") == bunch)
        return found.select(SESSION_EVENTS)
