"""Lines into files: each file in the order of its time, days appended as they are made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINES = pl.Schema(
    {"file": pl.Int32, "time": pl.Int64, "attack": pl.Int32, "step": pl.Int32, "text": pl.String}
)  # fmt: skip


class Writer:
    """Appends lines to the files of a folder.

    Parameters
    ----------
    folder
        Where the files go.
    name
        The path of a file below the folder, by its number.
    top
        What stands at the top of a file, by its number.
    """

    def __init__(self, folder: Path, name: Callable[[int], str], top: Callable[[int], str]) -> None:
        self._folder, self._name, self._top = folder, name, top
        self._waiting = LINES.to_frame()
        self._height: dict[int, int] = {}
        self._proof: list[pl.DataFrame] = []

    def write(self, lines: pl.DataFrame, until: int) -> None:
        """Write what is before a moment (us since 1970), and keep the rest for later."""
        every = pl.concat([self._waiting, lines.match_to_schema(LINES, integer_cast="upcast")])
        self._waiting = every.filter(pl.col("time") >= until)
        due = (
            every.filter(pl.col("time") < until)
            .sort("file", "time", maintain_order=True)
            .with_columns(line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("file"))
        )
        before = pl.DataFrame(
            {"file": list(self._height), "before": list(self._height.values())},
            schema={"file": pl.Int32, "before": pl.Int64},
        )
        self._prove(due.filter(pl.col("attack") >= 0).join(before, on="file", how="left"))
        grouped = due.group_by("file", maintain_order=True).agg(pl.col("text").str.join("\n"), pl.len())
        for file, text, number in grouped.iter_rows():
            self._append(file, text, number)

    def proof(self) -> pl.DataFrame:
        """The lines that intruders caused: `attack`, `step`, `file` (a path below the folder) and `line`."""
        frame = pl.concat(
            [
                pl.DataFrame(schema={"attack": pl.Int32, "step": pl.Int32, "file": pl.Int32, "line": pl.Int64}),
                *self._proof,
            ]
        )
        names = pl.Series([self._name(code) for code in frame["file"].to_list()], dtype=pl.String)
        return frame.with_columns(file=names).sort("attack", "step", "file", "line")

    def close(self, end: int) -> None:
        """Write what waits and is before the end (us since 1970), when the logs are fetched.

        The files get that time: stamps without a year go by it.
        """
        self.write(LINES.to_frame(), end)
        for file in self._height:
            os.utime(self._folder / self._name(file), ns=(end * 1000, end * 1000))

    def _append(self, file: int, text: str, number: int) -> None:
        path = self._folder / self._name(file)
        fresh = file not in self._height
        if fresh:
            path.parent.mkdir(parents=True, exist_ok=True)
        top = self._top(file) if fresh else ""
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{top}{text}\n")
        self._height[file] = self._height.get(file, top.count("\n")) + number

    def _prove(self, caused: pl.DataFrame) -> None:
        tops = pl.Series([self._top(code).count("\n") for code in caused["file"].to_list()], dtype=pl.Int64)
        line = pl.col("line") + pl.col("before").fill_null(tops)
        self._proof.append(caused.select("attack", "step", "file", line=line))
