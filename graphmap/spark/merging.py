"""Rows of a slice of time from all hosts become one sorted table; SESSIONS and FAILURES are written, HOPS are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.evidence.clocks import CLOCKS
from graphmap.graph.index import Names, names_in
from graphmap.pipeline.made import TABLES, Part, part_path, records_path, save_part
from graphmap.pipeline.raw import STANDINGS, days_of
from graphmap.spark.blocks import Block
from graphmap.spark.edges import edges_of_days
from graphmap.spark.logons import ASIDE
from graphmap.spark.slices import Slices, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graphmap.spark.blocks import Tables

HOPS_FILE = "hops.parquet"
_ASIDE = dict(zip(ASIDE, (CLOCKS, STANDINGS), strict=True))


class Merged(NamedTuple):
    """What all slices have: the numbers of hops of those that have any, the names in them, and ASIDE by name."""

    heights: dict[int, int]
    names: Names
    aside: dict[str, pl.DataFrame]

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> Merged:
        """That of what `Merging` gives."""
        heights: dict[int, int] = {}
        names: dict[str, set[str]] = {kind: set() for kind in Names._fields}
        aside = {name: [schema.to_frame()] for name, schema in _ASIDE.items()}
        for place, name, rows in blocks:
            if name == "height":
                heights[place] = rows.item()
            elif name in names:
                names[name].update(rows["name"])
            else:
                aside[name].append(rows)
        known = Names(*(tuple(sorted(names[kind])) for kind in Names._fields))
        return cls(dict(sorted(heights.items())), known, {name: pl.concat(rows) for name, rows in aside.items()})


@dataclass(frozen=True)
class Merging:
    """Sorts and writes a slice; tells what is in it. `rows` is the fewest that a file has."""

    slices: Slices
    rows: int

    def __call__(self, place: int, tables: Tables) -> Iterator[Block]:
        """One slice."""
        for name in ASIDE:
            yield Block(place, name, tables.get(name, _ASIDE[name]))
        merged = {
            name: tables.get(name, schema).sort(time, host, maintain_order=True)
            for name, (schema, time, host) in TABLES.items()
        }
        for name in ("sessions", "failures"):
            write_files(self.slices, place, name, merged[name], self.rows)
        hops = merged["hops"]
        yield from edges_of_days(hops, merged["failures"], self.slices.count)
        if hops.is_empty():
            return
        with written(self.slices.path(place, HOPS_FILE)) as path:
            hops.write_parquet(path, compression="lz4")
        yield Block(place, "height", pl.DataFrame({"height": [hops.height]}))
        for kind, names in zip(Names._fields, names_in(hops), strict=True):
            yield Block(place, kind, names.alias("name").to_frame())


def write_files(slices: Slices, place: int, name: str, rows: pl.DataFrame, least: int) -> None:
    """Write the rows of a table that lie in a slice as files of whole days, `least` rows or more."""
    if rows.is_empty():
        return
    time = TABLES[name][1]
    for number, part in enumerate(days_of(rows, time, least)):
        target = slices.path(place, f"{name}-{number:03}.parquet")
        with written(target) as path:
            save_part(part, path)
            if name == "hops":
                records_path(path).rename(records_path(target))


def take_files(slices: Slices, name: str, folder: Path) -> list[Part]:
    """Move the files of a table into a folder, numbered in order of time, and say what is in them."""
    parts: list[Part] = []
    for path in sorted(slices.folder.glob(f"*/{name}-*.parquet")):
        target = part_path(folder, name, len(parts))
        path.rename(target)
        if name == "hops":
            records_path(path).rename(records_path(target))
        time = pl.col(TABLES[name][1])
        height, first = pl.scan_parquet(target, glob=False).select(pl.len(), time.first()).collect().row(0)
        parts.append(Part.at(height, first))
    return parts
