"""EVENTS from the columns that the compiled pass gives: each distinct text, and each verdict, is made out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.readers.arrow.frames import FrameBuilder
from graphmap.readers.batches import place
from graphmap.readers.records import finished
from graphmap.readers.zeek.kernels import NONE, Columns, columns, empty, lines, tables, uid_views
from graphmap.readers.zeek.kinds import KINDS
from graphmap.readers.zeek.logs import ENDS, LOGS, SOURCE
from graphmap.readers.zeek.programs import layout
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_Value = str | bool | None


class Constants:
    """Columns that have one value in every row: slices of ones that were made before."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, _Value | int], pl.Series] = {}

    def column(self, name: str, value: _Value | int, rows: int, dtype: pl.DataType) -> pl.Series:
        """A column with one value, which may be None."""
        made = self._made.get((name, value))
        if made is None or len(made) < rows:
            made = pl.repeat(value, max(rows, 1 << 16), dtype=dtype, eager=True)
            self._made[name, value] = made
        return made[:rows]


class Growing:
    """Some columns with an entry for each distinct text, or verdict, so far; the last entry is for none and null."""

    def __init__(self, types: dict[str, pl.DataType]) -> None:
        self.size = 0
        self.names = tuple(types)
        self._types = types
        self._columns = {name: pl.Series([None], dtype=dtype) for name, dtype in types.items()}
        self._values: dict[str, set[object]] = {name: set() for name in types}

    def extend(self, entries: Sequence[dict[str, object]]) -> None:
        """Add entries behind those that are there."""
        if not entries:
            return
        for name, dtype in self._types.items():
            values = [entry.get(name) for entry in entries]
            self._values[name].update(values)
            added = pl.Series([*values, None], dtype=dtype)
            self._columns[name] = pl.concat([self._columns[name][: self.size], added], rechunk=True)
        self.size += len(entries)

    def values(self, name: str) -> set[object]:
        """The values that a column has, the one for none left out."""
        return self._values[name]

    def column(self, name: str) -> pl.Series:
        """An entry each, and null behind the last."""
        return self._columns[name]

    def gather(self, name: str, numbers: pl.Series) -> pl.Series:
        """The entries at these places."""
        return self._columns[name][numbers]  # `Series.gather` makes a query of it, which takes four times as long


class LogColumns:
    """The distinct texts and verdicts of one log so far, and EVENTS made with them."""

    def __init__(self, path: str, constants: Constants) -> None:
        self._log, self._layout = LOGS[path], layout(path)
        self._constants = constants
        self.tables = tables(1 + len(self._layout.texts))
        self.room, self.rest = columns(self._layout.program), lines(self._layout.program)
        self.forget()

    def forget(self) -> None:
        """Start anew, with empty tables."""
        empty(self.tables)
        self._verdicts = Growing(_VERDICTS)
        self._addresses = Growing(_ADDRESSES)
        self._texts = {
            name: Growing(dict.fromkeys(finished(convert("x/y")), pl.String()))
            for name, convert in self._log.texts.items()
            if name not in ENDS
        }

    def odd(self, rows: int) -> np.ndarray:
        """Tell which rows hold an address that is none; they are for `rows`. Makes out the texts that are new."""
        self._learn()
        if True not in self._addresses.values("odd"):
            return np.zeros(0, np.int64)
        odd = self._addresses.column("odd").fill_null(value=False).to_numpy()
        return np.flatnonzero(odd[self.room.texts[self._places(ENDS), :rows]].any(axis=0))

    def events(self, found: Columns, rows: int) -> dict[str, pl.Series]:
        """The columns of EVENTS that differ from row to row, and `line` as the pass counts it."""
        uids = found.uids[:rows]
        views = np.empty((rows, 2), np.uint64)
        uid_views(uids, found.lengths[:rows], views)
        builder = FrameBuilder(rows, uids.reshape(-1).view(np.uint8))
        for name, values, nulls in zip(self._layout.numbers, found.numbers, found.nulls.tolist(), strict=True):
            if nulls < rows:
                builder.add_numbers(name, values[:rows], EVENTS[name], NONE)
        builder.add_numbers("line", found.lines[:rows], EVENTS["line"])
        builder.add_texts("session", views, np.arange(rows, dtype=np.uint32))
        made = {column.name: column for column in builder.build().get_columns()}
        verdicts = pl.Series(found.combinations[:rows].astype(np.uint32))
        for name in _VERDICTS:
            made[name] = self._column(self._verdicts, name, verdicts)
        ports = made.pop("ports")
        if False in self._verdicts.values("ports"):
            for name in {"src_port", "dst_port"} & made.keys():
                made[name] = made[name].set(~ports, None)
        for place_, name in enumerate(self._layout.texts):
            if name in self._log.texts:
                made |= self._of_text(name, found.texts[place_, :rows])
        return made

    def _places(self, fields: Iterable[str]) -> list[int]:
        return [self._layout.texts.index(name) for name in fields]

    def _of_text(self, name: str, numbers: np.ndarray) -> dict[str, pl.Series]:
        if name in ENDS:
            column = "src_ip" if name == SOURCE else "dst_ip"
            return {column: _gathered(self._addresses, "address", numbers)}
        known = self._texts[name]
        return {column: _gathered(known, column, numbers) for column in known.names if known.values(column) - {None}}

    def _column(self, known: Growing, name: str, numbers: pl.Series) -> pl.Series:
        values = known.values(name)
        if len(values) > 1:
            return known.gather(name, numbers)
        dtype = _VERDICTS[name]
        return self._constants.column(name, next(iter(values), None), len(numbers), dtype)  # type: ignore[arg-type]

    def _learn(self) -> None:
        """Make out the texts and verdicts that are new."""
        counts = self.tables.counts
        for place_, space in enumerate(self._layout.spaces):
            name = self._layout.texts[place_]
            if name in ENDS:
                self._addresses.extend([_address(text) for text in self._new(space, self._addresses.size)])
            elif name in self._texts:
                known, convert = self._texts[name], self._log.texts[name]
                known.extend([{**finished(convert(text))} for text in self._new(space, known.size)])
        made = [self._verdict(number) for number in range(self._verdicts.size, int(counts[-2]))]
        self._verdicts.extend(made)

    def _new(self, space: int, first: int) -> list[str]:
        spans = self.tables.spans[space, first : int(self.tables.counts[space])]
        if not spans.size:
            return []
        begin, end = int(spans[0, 0]), int(spans[-1, 1])
        text = self.tables.arena[begin:end].tobytes().decode("ascii")
        return [text[a:b] for a, b in (spans - begin).tolist()]

    def _verdict(self, number: int) -> dict[str, object]:
        texts = []
        for name, known in zip(self._log.judged, self.tables.combinations[number].tolist(), strict=False):
            space = self._layout.spaces[self._layout.texts.index(name)]
            texts.append(None if known < 0 else self._text(space, known))
        verdict = self._log.judge(*texts)
        kind = KINDS[verdict.kind]
        return {
            "action": kind.action.value,
            "outcome": kind.outcome.value,
            "kind": verdict.kind,
            "ports": verdict.ports,
            **finished({"service": verdict.service, "command": verdict.command}),
        }

    def _text(self, space: int, number: int) -> str:
        begin, end = self.tables.spans[space, number].tolist()
        return self.tables.arena[begin:end].tobytes().decode("ascii")


_VERDICTS: dict[str, pl.DataType] = {
    **{name: pl.String() for name in ("action", "outcome", "kind", "service", "command")}, "ports": pl.Boolean()
}  # fmt: skip
_ADDRESSES: dict[str, pl.DataType] = {"address": pl.String(), "odd": pl.Boolean()}


def _address(text: str) -> dict[str, object]:
    address, name = place(text)
    return {"address": address, "odd": name is not None}


def _gathered(known: Growing, name: str, numbers: np.ndarray) -> pl.Series:
    """The entries at these places, where -1 stands for none."""
    return known.gather(name, pl.Series(np.where(numbers < 0, known.size, numbers).astype(np.uint32)))


def without(found: Columns, rows: int, left: np.ndarray) -> tuple[Columns, int]:
    """Leave some of the rows out."""
    kept = np.setdiff1d(np.arange(rows), left)
    numbers = found.numbers[:, kept]
    some = Columns(
        found.lines[kept],
        found.starts[kept],
        numbers,
        (numbers == NONE).sum(axis=1),
        found.texts[:, kept],
        found.combinations[kept],
        found.uids[kept],
        found.lengths[kept],
    )
    return some, len(kept)
