"""Idle time on an axis: it is short, it is told, and no moment changes its place among the others."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graphmap.figures.chain import lanes
from graphmap.figures.clock import IDLE, WIDTH, Clock
from graphmap.model import Basis, Hop

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def hop(start: timedelta, end: timedelta | None, src: str, dst: str) -> Hop:
    ended = None if end is None else NOON + end
    return Hop(NOON + start, ended, src, dst, "bob", "ssh", None, None, 1.0, Basis.OPEN, ())


@given(st.lists(st.integers(0, 5 * 86_400), min_size=1, max_size=30))
def test_what_happens_keeps_its_order_and_what_is_idle_for_long_is_short(seconds: list[int]) -> None:
    moments = sorted({NOON + timedelta(seconds=one) for one in seconds})
    clock = Clock.of(moments)
    for before, after in pairwise(moments):
        drawn = clock.at(after) - clock.at(before)
        assert timedelta() < drawn <= after - before
        cut = any(gap.start == before for gap in clock.gaps)
        assert (drawn < after - before) == cut
        assert cut == (after - before > max(IDLE, 0.1 * (moments[-1] - moments[0])))
    assert clock.at(moments[0]) == moments[0]


def test_a_story_of_two_days_is_drawn_as_long_as_what_happens_in_it() -> None:
    night = timedelta(hours=14)
    hops = [
        hop(timedelta(), 30 * MINUTE, "a", "b"),
        hop(night, night + 20 * MINUTE, "b", "c"),
        hop(night + 10 * MINUTE, None, "c", "d"),
    ]
    figure = json.loads(lanes(hops).to_json())
    layout = figure["layout"]
    places = [datetime.fromisoformat(one) for one in figure["data"][0]["x"]]
    idle = WIDTH * 40 * MINUTE  # what is left of 13 h 30 m
    assert [place - places[0] for place in places] == [timedelta(), 30 * MINUTE + idle, 40 * MINUTE + idle]
    (strip,) = [shape for shape in layout["shapes"] if shape.get("name") == "idle"]
    assert datetime.fromisoformat(strip["x1"]) - datetime.fromisoformat(strip["x0"]) == idle
    assert [one["text"] for one in layout["annotations"] if one.get("name") == "idle"] == ["13 h 30 m idle"]
    ticks = dict(zip(layout["xaxis"]["ticktext"], layout["xaxis"]["tickvals"], strict=True))
    assert {text.partition("<br>")[2] for text in ticks} == {"1 Mar", "2 Mar"}
    for text, place in ticks.items():
        told = datetime.strptime(f"2026 {text} +0000", "%Y %H:%M<br>%d %b %z")
        assert datetime.fromisoformat(place).replace(tzinfo=UTC) == Clock.of(
            [hops[0].start, NOON + 30 * MINUTE, hops[1].start, hops[2].start]
        ).at(told)


def test_a_story_of_an_hour_has_the_axis_of_its_times() -> None:
    figure = json.loads(lanes([hop(timedelta(), None, "a", "b"), hop(50 * MINUTE, None, "b", "c")]).to_json())
    assert "tickvals" not in figure["layout"]["xaxis"]
    assert [datetime.fromisoformat(one) for one in figure["data"][0]["x"]] == [NOON, NOON + 50 * MINUTE]
