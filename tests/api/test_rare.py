"""Coverage by day, rare ways by cell, and their figure, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx


def got(api: httpx.Client, path: str, **asked: Any) -> dict[str, Any]:
    answer = api.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_each_host_has_a_state_for_each_day_and_every_cell_is_counted(api: httpx.Client) -> None:
    found = got(api, "/coverage/days")
    assert all(len(one["states"]) == len(one["events"]) == len(found["days"]) for one in found["items"])
    assert sum(found["states"].values()) == found["total"] * len(found["days"])
    (web1,) = (one for one in found["items"] if one["host"] == "web1")
    assert (web1["segment"], set(web1["states"])) == ("dmz", {"seen"})
    assert all(one["why"] and one["all_hosts"] <= one["of"] for one in found["blind"])
    assert got(api, "/coverage/days", limit=1)["shown"] == 1


def test_ways_of_a_cell_are_those_between_its_two_segments(api: httpx.Client) -> None:
    found = got(api, "/rare", src_segment="servers", segment="restricted", max_count=1000)["items"]
    assert {(one["src_segment"], one["dst_segment"]) for one in found} == {("servers", "restricted")}
    inner = got(api, "/rare", src_segment="servers", segment="servers", max_count=1000)["items"]
    assert {(one["src_segment"], one["dst_segment"]) for one in inner} == {("servers", "servers")}
    outside = got(api, "/rare", src_segment="no segment", segment="restricted", max_count=1000)["items"]
    assert {one["src_segment"] for one in outside} <= {None}


def test_ways_between_two_hosts(api: httpx.Client) -> None:
    found = got(api, "/rare", src="app1", dst="hv1", max_count=1000)["items"]
    assert {(one["src"], one["dst"]) for one in found} == {("app1", "hv1")}


@pytest.mark.parametrize("name", ["segment", "src_segment"])
def test_a_segment_that_is_none_is_said(api: httpx.Client, name: str) -> None:
    assert api.get("/rare", params={name: "nowhere"}).status_code == 404
    assert api.get("/figures/first-seen", params={name: "nowhere"}).status_code == 404


def test_the_figure_has_a_mark_for_each_way(api: httpx.Client) -> None:
    ways = got(api, "/rare", max_count=3)
    marks = got(api, "/figures/first-seen", max_count=3)["figure"]["data"]
    assert sum(len(trace["x"]) for trace in marks) == ways["total"]
    assert got(api, "/figures/first-seen", src="app1", dst="web1", max_count=1)["empty"]


def test_sources_into_restricted_hosts_are_rows_and_columns(api: httpx.Client) -> None:
    axes = got(api, "/figures/heatmap", by="restricted")["figure"]["layout"]
    assert "hv1" in axes["xaxis"]["ticktext"]
    assert "hv1" not in axes["yaxis"]["ticktext"]
