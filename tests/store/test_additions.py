"""Rows that other processes write for the lake: the same that it would add itself, and only if nobody was quicker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.store.additions import Piece, write_pieces
from graphmap.store.lake import Lake
from graphmap.store.layout import EVENT_LAYOUT, REJECT_LAYOUT
from tests.store.frames import at, events, rejects, rows

if TYPE_CHECKING:
    from pathlib import Path

    from graphmap.store.snapshot import Snapshot


@pytest.fixture
def lake(lake_place: Path | str) -> Lake:
    return Lake(lake_place)


def pieces(held: Snapshot, frame: pl.DataFrame) -> list[Piece]:
    return list(write_pieces(frame, held.location, held.files, EVENT_LAYOUT))


def test_adopted_rows_are_those_that_an_append_adds(lake: Lake, tmp_path: Path) -> None:
    """Two days, a host without a name, one event twice in it, and one that the lake has."""
    old = events({"dst_host": "a"}, {"dst_host": "b", "time": at(90_000)})
    new = events(
        {"dst_host": "a"}, {"dst_host": "c"}, {"dst_host": "c", "line": 9}, {"dst_host": None, "time": at(90_001)}
    )
    other = Lake(tmp_path / "other")
    for either in (lake, other):
        either.append_events(old)
    held = lake.prepare("events")
    found = pieces(held, new)
    assert len(found) == 2
    assert lake.adopt("events", found, held.version)
    other.append_events(new)
    assert rows(lake.scan()) == rows(other.scan())
    assert lake.summary() == other.summary()
    assert lake.append_events(new).added == 0


def test_what_the_log_says_of_adopted_files_leads_to_their_rows(lake: Lake) -> None:
    """Long names are cut there, times to milliseconds: no row may be missed for that."""
    long = "h" * 40 + "\U0001f600"
    frame = events({"dst_host": long, "time": at(0.123999)}, {"dst_host": long + "z", "time": at(5.999999)})
    held = lake.prepare("events")
    (piece,) = pieces(held, frame)
    stats = json.loads(piece.stats)
    assert (stats["numRecords"], stats["nullCount"]) == (2, {"dst_host": 0, "time": 0})
    assert stats["minValues"]["dst_host"] <= long < long + "z" <= stats["maxValues"]["dst_host"]
    assert lake.adopt("events", [piece], held.version)
    for host in (long, long + "z"):
        assert lake.scan(["dst_host"], hosts=[host]).collect().rows() == [(host,)]
    assert lake.scan(["time"], since=at(5.999999)).collect().height == 1
    assert lake.append_events(frame).added == 0


@pytest.mark.parametrize("quicker", ["an append", "another adoption"])
def test_another_writer_was_quicker(lake: Lake, quicker: str) -> None:
    held = lake.prepare("events")
    found = pieces(held, events({"dst_host": "a"}))
    rival = Lake(lake.location)
    if quicker == "an append":
        rival.append_events(events({"dst_host": "b"}))
    else:
        assert rival.adopt("events", pieces(held, events({"dst_host": "b"})), held.version)
    assert not lake.adopt("events", found, held.version)
    assert [host for (host,) in lake.scan(["dst_host"]).collect().rows()] == ["b"]
    held = lake.prepare("events")
    assert lake.adopt("events", pieces(held, events({"dst_host": "a"}, {"dst_host": "b"})), held.version)
    assert sorted(host for (host,) in lake.scan(["dst_host"]).collect().rows()) == ["a", "b"]


def test_rejects_are_adopted_too(lake: Lake) -> None:
    lake.append_rejects(rejects({"text": "known"}))
    held = lake.prepare("rejects")
    frame = rejects({"text": "known"}, {"text": "new"}, {"text": "new", "line": 7})
    found = list(write_pieces(frame, held.location, held.files, REJECT_LAYOUT))
    assert lake.adopt("rejects", found, held.version)
    assert sorted(lake.rejects()["text"]) == ["known", "new"]


def test_nothing_new_makes_no_version(lake: Lake) -> None:
    held = lake.prepare("events")
    assert lake.adopt("events", [], held.version)
    assert lake.version() == held.version


def test_a_table_of_an_older_release_is_given_the_columns_that_it_lacks(lake: Lake) -> None:
    from deltalake import write_deltalake

    frame = events({"dst_host": "a"})
    old = frame.drop("hassh").with_columns(pl.col("time").dt.date().alias("day"))
    write_deltalake((lake.location / "events").place, old, partition_by=["day"])
    held = lake.prepare("events")
    assert lake.adopt("events", pieces(held, events({"dst_host": "b", "hassh": "x"})), held.version)
    assert sorted(lake.scan(["dst_host", "hassh"]).collect().rows()) == [("a", None), ("b", "x")]


HOSTS = st.sampled_from(["a", "b", None])
ROWS = st.lists(st.tuples(HOSTS, st.integers(0, 3), st.sampled_from([0.0, 0.5, 86_400.0])), max_size=12)


@settings(max_examples=15)  # each is several commits
@given(batches=st.lists(ROWS, max_size=4))
def test_any_rows_in_any_batches(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str | None, int, float]]]
) -> None:
    """Adopted or appended: the same table."""
    folder = tmp_path_factory.mktemp("lakes")
    one, many = Lake(folder / "one"), Lake(folder / "many")
    for batch in batches:
        frame = events(*({"dst_host": host, "pid": pid, "time": at(second)} for host, pid, second in batch))
        one.append_events(frame)
        held = many.prepare("events")
        assert many.adopt("events", pieces(held, frame), held.version)
    assert rows(many.scan()) == rows(one.scan())
