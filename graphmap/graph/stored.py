"""The arrays of an index in a folder, and back as maps of its files: what nobody looks at takes no memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphmap.graph.index import Groups, HopIndex, Names
from graphmap.graph.rarity import Past

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graphmap.graph.index import Flags
    from graphmap.graph.walks import Searched, Walks

COLUMNS = ("src", "dst", "account", "key", "earliest", "open")
ORIGINS = ("joined", "origins", "preferred", "basis")
COUNTS = ("origins", "preferred", "basis", "sure")
"""What is known of the possible origins of each hop; `sure` is the last that `Walks.counted` gives."""
NAMES = "names.parquet"
SURPRISE, BEST, MISSED = "surprise", "best", "missed"
"""Where the parts of `graphmap.graph.walks.Searched` are."""


def save(folder: Path, walks: Walks, sure: Flags, past: Past) -> None:
    """Write an index, what `Walks.counted` says of its hops, and what was seen before them, into an empty folder."""
    index = walks.index
    arrays = {name: getattr(walks.hops, name) for name in (*COLUMNS, *ORIGINS)}
    _save(folder, {**arrays, "sure": sure, **past._asdict()})
    save_groups(folder, index)
    save_names(folder, index.names)


def save_groups(folder: Path, index: HopIndex) -> None:
    """Write where the hops of each host are."""
    arrays = {f"{side}.{name}": array for side in ("leaving", "arriving") for name, array in _parts(index, side)}
    _save(folder, arrays | {"blocks.here": index.blocks[0], "blocks.before": index.blocks[1]})


def save_names(folder: Path, names: Names) -> None:
    """Write what the ids of an index mean."""
    kinds = names._asdict().items()
    frames = [pl.DataFrame({"kind": kind, "name": pl.Series(named, dtype=pl.String)}) for kind, named in kinds]
    pl.concat(frames).write_parquet(folder / NAMES)


def load_index(folder: Path) -> HopIndex:
    """The index of a folder."""
    table = pl.read_parquet(folder / NAMES, glob=False)
    names = (tuple(table.filter(pl.col("kind") == kind)["name"]) for kind in Names._fields)
    leaving, arriving = (
        Groups(_map(folder, f"{side}.rows"), _map(folder, f"{side}.offsets")) for side in ("leaving", "arriving")
    )
    return HopIndex(
        names=Names(*names),
        leaving=leaving,
        arriving=arriving,
        blocks=(_map(folder, "blocks.here"), _map(folder, "blocks.before")),
        **{name: _map(folder, name) for name in COLUMNS},
    )


def load_walks(folder: Path, index: HopIndex) -> Walks:
    """The index of a folder, ready to be walked over."""
    from graphmap.graph.walks import Hops, Walks  # noqa: PLC0415 - compiles or loads what few questions need

    columns = {name: getattr(index, name) for name in COLUMNS}
    walks = Walks(index, Hops(**columns, **{name: _map(folder, name) for name in ORIGINS}))
    return replace(walks, searched=_load_searched(folder))


def _load_searched(folder: Path) -> Searched | None:
    from graphmap.graph.walks import Searched  # noqa: PLC0415 - as above

    try:
        missed = int((folder / MISSED).read_text())
    except FileNotFoundError:  # only a cluster searches before anybody asks
        return None
    return Searched(_map(folder, SURPRISE), _map(folder, BEST), missed)


def load_counts(folder: Path) -> tuple[Any, ...]:
    """How many origins the hops of a folder have: the arrays COUNTS."""
    return tuple(_map(folder, name) for name in COUNTS)


def load_past(folder: Path) -> Past:
    """What was seen before the hops of a folder."""
    return Past(*(_map(folder, name) for name in Past._fields))


def _save(folder: Path, arrays: Mapping[str, Any]) -> None:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def _map(folder: Path, name: str) -> Any:
    """An array that is read where it is looked at. Compiled code takes only plain arrays that may be written to."""
    return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="c", allow_pickle=False))


def _parts(index: HopIndex, side: str) -> list[tuple[str, Any]]:
    return list(getattr(index, side)._asdict().items())
