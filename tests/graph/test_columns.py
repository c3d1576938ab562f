from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.graph.columns import Column
from graphmap.graph.table import HopTable, InMemory
from graphmap.tables import HOPS


@settings(max_examples=40)
@given(st.lists(st.none() | st.sampled_from(["", "ssh", "rdp", "é", "<b>"]), max_size=8))
def test_a_column_says_what_it_was_made_of(texts: list[str | None]) -> None:
    column = Column.of(pl.LazyFrame({"text": texts}, schema={"text": pl.String}), pl.col("text"))
    assert [column.names[code] for code in column.codes] == [text or "" for text in texts]
    assert list(column.names) == sorted({text or "" for text in texts})
    assert [bool(mark) for mark in column.marks("ssh".__eq__)] == [name == "ssh" for name in column.names]


def test_a_table_in_parts_has_one_column() -> None:
    row = dict.fromkeys(HOPS.names())
    parts = [
        pl.DataFrame([row | {"method": method} for method in methods], schema=HOPS)
        for methods in (["password", None], [], ["publickey", "password"])
    ]
    table = HopTable([InMemory(part) for part in parts])
    column = table.column("method")
    assert [column.names[code] for code in column.codes] == ["password", "", "publickey", "password"]
    assert table.column("method") is column
