"""What the jobs of ``tests.bench.paths`` read: files of an invented estate, and the questions that are asked of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.tables import HOPS
from tests.bench.estate import BEGIN, DAY, DAYS, SECOND

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tests.bench.estate import Estate

    Ints = NDArray[np.int64]

QUESTIONS = 3
"""How many attacks are asked about."""


class Question(NamedTuple):
    """A host, by code, and a time in us since 1970, both ends inclusive."""

    host: int
    begin: int
    end: int

    @property
    def name(self) -> str:
        """The host as HOPS names it."""
        return f"h{self.host:07}"


class Columns(NamedTuple):
    """Hops as arrays, one element a hop, in the order of the table; `src` is -1 where it is no known host.

    `earliest`, `latest` and `open` are those of `graphmap.graph.hops.stamps`.
    """

    src: Ints
    dst: Ints
    earliest: Ints
    latest: Ints
    open: Ints


@dataclass(frozen=True, slots=True)
class Inputs:
    """A folder of files. The questions are about attacks that were put in: from their first host, to their last."""

    folder: Path
    hops: int
    forward: tuple[Question, ...]
    backward: tuple[Question, ...]

    @property
    def table(self) -> Path:
        """HOPS as Parquet."""
        return self.folder / "hops.parquet"

    @property
    def refused(self) -> Path:
        """FAILURES as Parquet."""
        return self.folder / "refused.parquet"

    @property
    def codes(self) -> Path:
        """Columns as Parquet, for tools that want numbers."""
        return self.folder / "codes.parquet"

    @property
    def whole(self) -> Question:
        """Everything that the first attack could have reached, to the end of the log."""
        return Question(self.forward[0].host, BEGIN, BEGIN + (DAYS + 1) * DAY)

    def endless(self) -> tuple[Question, ...]:
        """The forward questions where the stamp of row n is 2n + 1: no two are equal, none is a whole second."""
        starts = pl.read_parquet(self.codes, columns=["earliest"]).to_series()
        return tuple(
            Question(q.host, 2 * starts.search_sorted(q.begin, "left") + 1, 2 * starts.search_sorted(q.end, "right"))
            for q in self.forward
        )

    def columns(self) -> Columns:
        """The hops as arrays."""
        frame = pl.read_parquet(self.codes)
        return Columns(*(frame[name].to_numpy() for name in Columns._fields))

    @classmethod
    def of(cls, folder: Path) -> Inputs:
        """Find what `write_inputs` wrote."""
        asked = json.loads((folder / "questions.json").read_text())
        forward, backward = (tuple(Question(*q) for q in asked[way]) for way in ("forward", "backward"))
        return cls(folder, asked["hops"], forward, backward)


def write_inputs(folder: Path, estate: Estate) -> Inputs:
    """Write an estate to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = estate.attacks[:QUESTIONS]
    questions = {
        "hops": estate.codes.height,
        "forward": [Question(a.hosts[0], a.begin, a.begin + DAY) for a in asked],
        "backward": [Question(a.hosts[-1], a.end - DAY, a.end) for a in asked],
    }
    _columns(estate).sink_parquet(folder / "codes.parquet")
    estate.table().match_to_schema(HOPS, missing_columns="raise").sink_parquet(folder / "hops.parquet")
    estate.refused().sink_parquet(folder / "refused.parquet")
    (folder / "questions.json").write_text(json.dumps(questions))
    return Inputs.of(folder)


def _columns(estate: Estate) -> pl.LazyFrame:
    """The columns of Columns."""

    def latest(stamp: str) -> pl.Expr:
        return pl.col(stamp) + pl.when(pl.col(stamp) % SECOND == 0).then(SECOND - 1).otherwise(0)

    return estate.codes.lazy().select(
        src=pl.when(pl.col("src") < estate.hosts).then("src").otherwise(-1),
        dst="dst",
        earliest="start",
        latest=latest("start"),
        open=latest("until"),
    )
