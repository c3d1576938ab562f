"""Slices of time: what a task holds of the hops, however busy any host is; their arrays lie in a folder that all see.

Every cut between slices is a whole second, so that no two stamps of different slices overlap.
"""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphmap.graph.index import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Slices:
    """Slices of time, and the folder in which each has a folder of its own.

    `cuts` are the first moments of all slices but the first, in us since 1970. What is written there by a task that is
    run twice is the same both times, and appears whole or not at all.
    """

    folder: Path
    cuts: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many slices there are; some may hold nothing."""
        return len(self.cuts) + 1

    def of(self, moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """The slice that each moment lies in."""
        return np.searchsorted(np.array(self.cuts, np.int64), moments, side="right")

    def parted(self, rows: pl.DataFrame, time: str) -> Iterator[tuple[int, pl.DataFrame]]:
        """Rows by the slice that a column lies in; those of a slice stay in order."""
        places = self.of(rows[time].to_physical().to_numpy())
        for (place,), part in (
            rows.with_columns(slice=pl.Series(places))
            .partition_by("slice", as_dict=True, maintain_order=True, include_key=False)
            .items()
        ):
            yield int(place), part

    def save(self, place: int, **arrays: NDArray[Any]) -> None:
        """Write arrays of a slice."""
        for name, array in arrays.items():
            with written(self.path(place, f"{name}.npy")) as path, path.open("wb") as file:
                np.save(file, array, allow_pickle=False)

    def load(self, place: int, *names: str) -> Iterator[Any]:
        """Read arrays of a slice."""
        return (np.load(self.path(place, f"{name}.npy"), allow_pickle=False) for name in names)

    def path(self, place: int, name: str) -> Path:
        """A file of a slice."""
        return self.folder / f"{place:06}" / name

    def joined(self, places: Sequence[int], name: str, folder: Path, into: str | None = None) -> None:
        """Write the arrays that slices have under one name as one file of a folder, in order."""
        maps = [np.load(self.path(place, f"{name}.npy"), mmap_mode="r", allow_pickle=False) for place in places]
        shape = (sum(map(len, maps)), *maps[0].shape[1:])
        with (folder / f"{into or name}.npy").open("wb") as file:
            described = {"descr": np.lib.format.dtype_to_descr(maps[0].dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, described)
            for part in maps:
                part.tofile(file)


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A name to write a file under, which gets its own name when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{uuid.uuid4().hex}-{path.name}")
    try:
        yield fresh
        os.replace(fresh, path)  # noqa: PTH105 # as it says
    finally:
        fresh.unlink(missing_ok=True)


def cuts_of(samples: Iterable[pl.Series], each: int) -> tuple[int, ...]:
    """The cuts that leave about `each` of the sampled moments (us since 1970) in a slice."""
    moments = pl.concat([pl.Series(dtype=pl.Int64), *samples]).sort()
    whole = moments.gather_every(each)[1:] // SECOND * SECOND
    return tuple(whole.unique().sort())
