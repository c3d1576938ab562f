"""The events and sessions that detectors look at, in memory and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.config import Settings
from graphmap.detect import DETECTORS
from graphmap.detect.events import EventTable, rows_of, with_hops
from graphmap.pipeline.estate import COLUMNS, Estate, StoredEstate, keep_inventory, load_estate
from graphmap.store.lake import Lake
from graphmap.tables import EVENTS
from tests.detect.signal_examples import EXAMPLES
from tests.detect.signals import Story, connected, deeds, opened, sensed, started

if TYPE_CHECKING:
    from pathlib import Path


def table(story: Story) -> EventTable:
    estate = story.estate()
    return EventTable(estate.scan_events(), estate.identity)


def test_events_are_taken_under_canonical_names() -> None:
    told = table(
        Story(
            deeds("10:00:00.1 ws2>web1 bob k"),
            [connected("10:00:01", "web1", "bob", "10.0.4.1", 22, "ssh"), started("10:00:02", "web1", "adm-ann", "ssh db1")],
            [sensed("10:00:03", "ws1>db1", 5, auth_success=True)],
        )
    )  # fmt: skip
    found = told.take(told.scan(["connect", "client-started", "ssh-logon"]))
    assert found.select("kind", "host", "target", "src", "account").rows() == [
        ("connect", "web1", "db1", "web1", "bob"),
        ("client-started", "web1", None, None, "ann"),
        ("ssh-logon", "db1", "db1", "ws1", None),
    ]


def test_a_kind_that_is_not_there_is_known() -> None:
    told = table(Story(deeds("10:00:00.1 ws2>web1 bob k")))
    assert (told.has(["accepted", "x"]), told.has(["x"]), told.scan(["x"]).collect().height) == (True, False, 0)


def test_rows_that_are_no_hop_are_left_out() -> None:
    estate = Story(deeds("10:00:00.1 ws2>web1 bob k", "10:00:01.1 ws1>web1 ann k")).estate()
    strange = estate.sessions.with_columns(user=pl.lit("eve"))
    assert rows_of(strange, estate.table).is_empty()
    assert rows_of(estate.sessions, estate.table)["row"].to_list() == [0, 1]


STARTS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 2), st.sampled_from(["web1", "app1"])), max_size=5
)  # fmt: skip


@settings(max_examples=40)
@given(logons=STARTS, events=STARTS)
def test_an_event_is_of_the_latest_session_that_may_hold_it(
    logons: list[tuple[int, int, str]], events: list[tuple[int, int, str]]
) -> None:
    told = [
        f"10:{minute:02}:00.1 ws2>{host} u{port} k until 10:{min(minute + 5, 59):02}:30.1"
        for minute, port, host in logons
    ]
    starts = [opened(f"10:{minute:02}:10.1", f"ws2>{host}", f"u{port}", 600 + port) for minute, port, host in events]
    estate = Story([*deeds(*told), *starts]).estate()
    told_of = EventTable(estate.scan_events(), estate.identity)
    found = with_hops(told_of.take(told_of.scan(["session-start"])), estate.table, "account")
    hops = list(estate.hops.iter_rows(named=True))
    for event in found.iter_rows(named=True):
        likely = [
            row
            for row, hop in enumerate(hops)
            if (hop["dst"], hop["account"]) == (event["host"], event["user"]) and hop["start"] <= event["time"]
        ]
        latest = max(likely, key=lambda row: (hops[row]["start"], row), default=None)
        open_then = latest is not None and event["time"] <= hops[latest]["until"]
        assert event["row"] == (latest if open_then else None)


def test_kept_estates_give_the_same_findings(tmp_path: Path) -> None:
    """Every story in one lake, each on days of its own: in memory and kept, read lazily from files."""
    events = []
    for number, story in enumerate(EXAMPLES.values()):
        moved = story.estate().events.with_columns(
            pl.col("time") + pl.duration(days=30 * number), pl.format("{}-{}", pl.lit(number), "file").alias("file")
        )
        events.append(moved.match_to_schema(EVENTS))
    lake = Lake(tmp_path / "lake")
    lake.append_events(pl.concat(events))
    settings_of = Settings(home=tmp_path)
    keep_inventory(settings_of, Story().estate().inventory)
    kept = load_estate(settings_of, cached_from=0)
    assert isinstance(kept, StoredEstate)
    found = kept.hunt()
    assert found == Estate(lake.scan(COLUMNS).collect(), kept.inventory).hunt()
    assert {one.detector for one in found} >= set(EXAMPLES)
    assert len(DETECTORS) >= len(EXAMPLES)
