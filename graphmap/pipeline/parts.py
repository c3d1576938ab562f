"""Tables that are made a bunch of hosts at a time and wanted in order of time: sorted runs, merged slice by slice."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

SLICE_ROWS = 500_000
"""Rows of a slice, about."""
_SAMPLE = 500
_GROUP_ROWS = 50_000


class Runs:
    """Sorted frames in a folder, each of hosts of its own.

    Parameters
    ----------
    folder
        Where they are kept.
    name
        Beginning of their files' names.
    time, host
        The columns by which they are sorted first.
    """

    def __init__(self, folder: Path, name: str, time: str, host: str) -> None:
        self._folder, self._name = folder, name
        self._order = (time, host)
        self._files: list[Path] = []
        self._sampled: list[pl.Series] = []
        self.height = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Keep a frame that is sorted."""
        if frame.is_empty():
            return
        path = self._folder / f"{self._name}-{len(self._files):06}.parquet"
        frame.write_parquet(path, compression="lz4", row_group_size=_GROUP_ROWS)
        self._files.append(path)
        self._sampled.append(frame[self._order[0]].gather_every(_SAMPLE))
        self.height += frame.height

    def slices(
        self, columns: Sequence[str] | None = None, rows: int = SLICE_ROWS, bounds: Sequence[datetime] = ()
    ) -> Iterator[pl.DataFrame]:
        """All rows in order, in frames of about `rows`. Rows of one host and time stay as they were.

        Rows of one moment are in one slice, however many there are; no slice has rows on both sides of a bound.
        """
        if not self._files:
            return
        time = pl.col(self._order[0])
        runs = pl.scan_parquet(self._files, glob=False)
        cuts = pl.concat(self._sampled).sort().gather_every(max(rows // _SAMPLE, 1))[1:]
        cuts = pl.concat([cuts, pl.Series(bounds, dtype=cuts.dtype)]).unique().sort()
        for low, high in pairwise([None, *cuts, None]):
            slice_ = runs if low is None else runs.filter(time >= low)
            slice_ = slice_ if high is None else slice_.filter(time < high)
            frame = (slice_ if columns is None else slice_.select(columns)).collect()
            if not frame.is_empty():
                yield frame.sort(self._order, maintain_order=True)

    def between(self, low: datetime | None, high: datetime) -> pl.DataFrame:
        """The rows of some time, in order; `low` is inclusive, and open where it is None."""
        time = pl.col(self._order[0])
        frames = [pl.scan_parquet(path, glob=False).filter(time < high) for path in self._files]
        found = pl.concat(frames) if low is None else pl.concat(frames).filter(time >= low)
        return found.collect().sort(self._order, maintain_order=True)
