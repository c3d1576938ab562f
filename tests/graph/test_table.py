"""Rows taken by number are those of the whole table, wherever its pieces and blocks end, in memory and on disk."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.records import BLOCK, Records
from graphmap.graph.table import AT_ONCE, HopTable, InMemory
from graphmap.tables import HOPS

NUMBERS = pl.DataFrame({"number": pl.int_range(3 * BLOCK + 5, eager=True)})
EDGES = sorted({edge + step for edge in range(0, NUMBERS.height, BLOCK) for step in (-1, 0, 1)} - {-1})


def table(cuts: list[int]) -> HopTable:
    edges = [0, *sorted(cuts), NUMBERS.height]
    return HopTable([InMemory(NUMBERS.slice(begin, end - begin)) for begin, end in pairwise(edges)])


ROWS = st.sampled_from(EDGES) | st.integers(0, NUMBERS.height - 1)


@given(st.lists(ROWS, max_size=4), st.lists(ROWS, max_size=12))
def test_rows_by_number(cuts: list[int], rows: list[int]) -> None:
    parts = table(cuts)
    assert len(parts) == NUMBERS.height
    assert parts.take(rows) == {row: {"number": row} for row in rows}


def test_a_scan_gives_all_in_order() -> None:
    assert table([7, 7, BLOCK]).scan().collect().equals(NUMBERS)


def test_each_item_has_the_rows_that_it_asks_for() -> None:
    items = [(number, number + 1) for number in range(2 * AT_ONCE + 1)]
    answers = list(HopTable.of(pl.select(number=pl.int_range(3 * AT_ONCE))).each(items, lambda item: item))
    assert [item for item, _ in answers] == items
    assert all(rows[row]["number"] == row for item, rows in answers for row in item)


def test_no_items_no_rows() -> None:
    assert list(table([]).each([], lambda item: item)) == []
    assert HopTable.of(NUMBERS.clear()).take([]) == {}


HOSTILE = st.sampled_from(
    ["a\nb", "\r\n", '"}\n{"', "\\u0000", "\x00", "\x85\u2028\u2029", "\U0001f600", "\x7f\ufffe", "=1+1"]
)
TEXTS = HOSTILE | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
TIMES = st.datetimes(timezones=st.just(UTC))
SCHEMA = pl.Schema({
    name: HOPS[name] for name in ("start", "end", "src_known", "user", "src_port", "certainty", "witnesses", "lines")
})  # fmt: skip
FILLED = st.fixed_dictionaries({
    "start": TIMES,
    "end": st.none() | TIMES,
    "src_known": st.booleans(),
    "user": TEXTS,
    "src_port": st.none() | st.integers(-(2**31), 2**31 - 1),
    "certainty": st.floats(allow_nan=False, allow_infinity=False),
    "witnesses": st.lists(TEXTS, max_size=2),
    "lines": st.lists(st.fixed_dictionaries({"file": TEXTS, "line": st.integers(-(2**63), 2**63 - 1)}), max_size=2),
})  # fmt: skip


@given(st.lists(FILLED, min_size=1, max_size=4), st.integers(1, 2 * BLOCK + 1), st.data())
def test_rows_on_disk_are_those_of_the_frame(rows: list[dict[str, object]], height: int, data: st.DataObject) -> None:
    frame = pl.DataFrame([rows[number % len(rows)] for number in range(height)], schema=SCHEMA)
    numbers = np.unique(data.draw(st.lists(st.integers(0, height - 1), min_size=1, max_size=5)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "some.records"
        Records.write(frame, path)
        assert Records(path, SCHEMA).take(numbers) == frame[numbers].rows(named=True)


def test_many_rows_are_written_in_pieces(tmp_path: Path) -> None:
    """More than are text at once, in a frame of several chunks."""
    frame = pl.concat([NUMBERS] * 100, rechunk=False)
    Records.write(frame, tmp_path / "many.records")
    numbers = np.arange(0, frame.height, 7)
    assert Records(tmp_path / "many.records", frame.schema).take(numbers) == frame[numbers].rows(named=True)
