"""Hops of a slice of time learn what was before them: how many possible origins each has, how new its way is.

Each step needs sums over the slices before (`graphmap.spark.earlier`), so it tells its counts first, and reads the sums
in the next step. The rules are those of `graphmap.graph`; the answers are the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphmap.graph.hops import Before, count_origins
from graphmap.graph.index import NONE, SECOND, Names, columns_of
from graphmap.graph.kernels.chains import BIT
from graphmap.graph.kernels.common import BY_ACCOUNT, BY_KEY, BY_OPEN, BY_START
from graphmap.graph.kernels.rarity import surprise
from graphmap.graph.kernels.spread import join_stamps
from graphmap.graph.stored import COUNTS as COUNTED
from graphmap.pipeline.raw import NARROW, with_origins
from graphmap.spark.blocks import Block, Blocks
from graphmap.spark.earlier import EARLIER, Kind, before, counted, dealt, summed
from graphmap.spark.merging import HOPS_FILE, write_files
from graphmap.spark.slices import Slices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pyspark.sql import SparkSession

    from graphmap.spark.blocks import Tables

WAYS = ("src", "dst", "account", "key", "earliest", "open")
"""The arrays of `graphmap.graph.index.HopIndex` that a slice has."""

_CLOSING = pl.Schema({"dst": pl.Int32(), "account": pl.Int32(), "key": pl.Int32(), "open": pl.Int64()})


@dataclass(frozen=True)
class Weighing:
    """The hops of all slices: `heights` has the number of those that each has, `names` what their numbers mean.

    `rows` is the fewest that a file of HOPS has.
    """

    slices: Slices
    heights: dict[int, int]
    names: Names
    rows: int

    def run(self, spark: SparkSession) -> None:
        """Write the arrays and the rows of HOPS of each slice."""
        places = len(self.heights)
        with Blocks.of(spark, places, self._numbered).kept() as numbered:
            told = numbered.only("here", "closing") | summed(numbered.only("counts"), places)
            with told.gathered(places, self._weighed).kept() as weighed:
                sums = summed(weighed.only("counts"), places)
                (weighed.only("here") | sums).gathered(places, self._surprising).run()

    def _numbered(self, number: int) -> Iterator[Block]:
        """Write the hops of a slice as numbers; count what later ones ask for, and send on what closes later."""
        place = [*self.heights][number]
        hops = pl.read_parquet(self.slices.path(place, HOPS_FILE), columns=list(NARROW), glob=False)
        columns = columns_of(hops, self.names)
        self.slices.save(place, **columns, joined=join_stamps(columns["earliest"]))
        rows = pl.DataFrame(columns)
        closing = rows.with_columns(self._named(), slice=pl.Series(self.slices.of(columns["open"])))
        closing = closing.filter(pl.col("slice") > place)
        leaving = rows.filter(pl.col("src") < len(self.names.hosts)).with_columns(self._named())
        counts = [
            counted(Kind.WAY, rows, "src", "account", "dst"),
            counted(Kind.PAIR, rows, "src", "dst"),
            counted(Kind.ARRIVAL, rows, "account", "dst"),
            counted(Kind.HOST, rows, "dst"),
        ]
        for kind, *same in _OPEN:
            counts += [
                counted(kind, closing, "dst", *same, asked=False),
                counted(kind, leaving, "src", *same, number=0),
            ]
        yield Block(place, "here", _HERE)
        yield from dealt(place, pl.concat(counts), len(self.heights))
        for (later,), part in closing.partition_by("slice", as_dict=True, include_key=False).items():
            closed = [counted(kind, part, "dst", *same, number=-1, asked=False) for kind, *same in _OPEN]
            yield from dealt(int(later), pl.concat(closed), len(self.heights))
            if int(later) in self.heights:
                yield Block(int(later), "closing", part.select(_CLOSING.names()))

    def _weighed(self, place: int, tables: Tables) -> Iterator[Block]:
        """Write what the origins of the hops of a slice are, and what was seen before each; count what is new."""
        rows = pl.DataFrame(dict(zip(WAYS, self.slices.load(place, *WAYS), strict=True)))
        earlier = tables.get("earlier", EARLIER)
        found = self._origins(rows, earlier, tables.get("closing", _CLOSING))
        hops = pl.read_parquet(self.slices.path(place, HOPS_FILE), glob=False)
        write_files(self.slices, place, "hops", with_origins(hops, [found[name] for name in COUNTED]), self.rows)
        seen = {
            "before": _seen(rows, earlier, Kind.WAY, "src", "account", "dst"),
            "before_user": _seen(rows, earlier, Kind.ARRIVAL, "account", "dst"),
            "alike": _seen(rows, earlier, Kind.PAIR, "src", "dst"),
        }
        self.slices.save(place, **found, **seen)
        new_way, new_end = (rows.filter(seen[name] == 0) for name in ("before", "alike"))
        new_host = rows.filter(_seen(rows, earlier, Kind.HOST, "dst") == 0)
        counts = [
            counted(Kind.ACCOUNT, rows, "account"),
            counted(Kind.SOURCE, rows, "src"),
            counted(Kind.HOST, rows, "dst"),
            counted(Kind.NEW_WAY, new_way, "account"),
            counted(Kind.NEW_WAY, rows, "account", number=0),
            counted(Kind.NEW_END, new_end, "src"),
            counted(Kind.NEW_END, rows, "src", number=0),
            counted(Kind.NEW_HOST, new_host),
        ]
        yield Block(place, "here", _HERE)
        yield from dealt(place, pl.concat(counts), len(self.heights))

    def _origins(self, rows: pl.DataFrame, earlier: pl.DataFrame, closing: pl.DataFrame) -> dict[str, NDArray[Any]]:
        """The arrays COUNTED."""
        open_by = {
            ("host", *same): earlier.filter(pl.col("kind") == kind.value).select(
                host="a", **dict.fromkeys(same, pl.col("b")), open="number"
            )
            for kind, *same in _OPEN
        }
        stamp = pl.col("earliest")
        counts = count_origins(
            rows.with_columns(
                self._named(),
                src_known=pl.col("src") < len(self.names.hosts),
                latest=pl.when(stamp % SECOND == 0).then(stamp + (SECOND - 1)).otherwise(stamp),
            ),
            Before(open_by, closing),
        )
        by = [counts[name].to_numpy() > 0 for name in ("key", "account", "all")]
        preferred = np.select(by, [counts[name].to_numpy() for name in ("key", "account", "all")], 0)
        sure = [counts[f"{name}_sure"].to_numpy() > 0 for name in ("key", "account", "all")]
        return {
            "origins": counts["all"].to_numpy().astype(np.int32),
            "preferred": preferred.astype(np.int32),
            "basis": np.select(by, [BY_KEY, BY_ACCOUNT, BY_OPEN], BY_START).astype(np.int8),
            "sure": np.select(by, sure, default=True),
        }

    def _surprising(self, place: int, tables: Tables) -> Iterator[Block]:
        """Write how surprising each hop of a slice is."""
        src, dst, account, same, alike = self.slices.load(place, "src", "dst", "account", "before", "alike")
        earlier = tables.get("earlier", EARLIER)
        accounts, nodes = len(self.names.accounts), len(self.names.hosts) + len(self.names.sources)
        hops = sum(height for other, height in self.heights.items() if other < place)
        hosts = earlier.filter(pl.col("kind") == Kind.NEW_HOST.value)["number"].sum()
        bits = surprise(
            src, dst, account, same, alike, hops, hosts,
            _filled(earlier, Kind.ACCOUNT, accounts), _filled(earlier, Kind.NEW_WAY, accounts),
            _filled(earlier, Kind.SOURCE, nodes), _filled(earlier, Kind.NEW_END, nodes),
            _filled(earlier, Kind.HOST, nodes),
        )  # fmt: skip
        self.slices.save(place, surprise=np.round(bits * BIT).astype(np.int32))
        return iter(())

    def _named(self) -> tuple[pl.Expr, ...]:
        """Accounts and keys, null where no log names one."""
        return (
            pl.when(pl.col("account") != self.names.nobody).then("account").alias("account"),
            pl.when(pl.col("key") != NONE).then("key").alias("key"),
        )


_OPEN = ((Kind.OPEN,), (Kind.OPEN_ACCOUNT, "account"), (Kind.OPEN_KEY, "key"))
_HERE = pl.DataFrame({"here": [True]})
"""So that a slice is not forgotten to which nothing else is sent."""


def _seen(rows: pl.DataFrame, earlier: pl.DataFrame, kind: Kind, *alike: str) -> NDArray[np.int32]:
    """How many hops before each were alike."""
    here = rows.select(pl.int_range(pl.len(), dtype=pl.Int64).over(alike)).to_series().to_numpy()
    seen: NDArray[np.int32] = (here + before(rows, earlier, kind, *alike)).astype(np.int32)
    return seen


def _filled(earlier: pl.DataFrame, kind: Kind, size: int) -> NDArray[np.int64]:
    """What EARLIER has of a kind, by number."""
    told = earlier.filter(pl.col("kind") == kind.value)
    counts = np.zeros(size, np.int64)
    counts[told["a"].to_numpy()] = told["number"].to_numpy()
    return counts
