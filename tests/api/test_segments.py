"""Segments, what is usual and what is new, what happened when, and what is different between two times."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.serving import HOSTILE
from tests.api.test_answers import ask, every

if TYPE_CHECKING:
    import httpx

NOON = "2026-11-21T02:56:50Z"
"""In the middle of the sample."""


def hosts_of(api: httpx.Client, segment: str) -> set[str]:
    return {node["name"] for kind in ("/hosts", "/sources") for node in every(api, kind, segment=segment)}


def test_segments_count_what_their_sessions_are(api: httpx.Client) -> None:
    listed = every(api, "/segments", limit=2)
    assert {one["name"] for one in listed if one["restricted"]} == {"restricted"}
    for one in listed:
        inside = hosts_of(api, one["name"])
        assert one["hosts"] + one["sources"] == len(inside)
        found = [each for each in every(api, "/sessions", node=one["id"]) if each["src"] is not None]
        accepted = [(each["src"] in inside, each["host"] in inside) for each in found if each["outcome"] == "success"]
        counted = Counter(accepted)
        assert (one["arrived"], one["left"], one["within"]) == (
            counted[False, True], counted[True, False], counted[True, True],
        )  # fmt: skip
        assert one["refused"] == sum(each["outcome"] == "failure" and each["host"] in inside for each in found)


def test_a_segment_shows_its_neighbours_and_findings(api: httpx.Client) -> None:
    one = ask(api, "/segment", name="restricted")
    assert one["neighbours"]
    assert one["total"] == len(one["neighbours"])
    assert sum(each["count"] for each in one["neighbours"] if each["direction"] == "in") == one["arrived"]
    inside = hosts_of(api, "restricted")
    assert one["findings"]
    assert all(inside & set(finding["hosts"]) for finding in one["findings"])
    unknown = api.get("/segment", params={"name": HOSTILE[0]})
    assert (unknown.status_code, HOSTILE[0] in unknown.json()["detail"]) == (404, True)


def sessions_of(api: httpx.Client, node: str) -> list[dict[str, Any]]:
    return [
        one | {"now": datetime.fromisoformat(one["start"]) >= datetime.fromisoformat(NOON)}
        for one in every(api, "/sessions", node=node, to="2026-11-21T02:57:10Z", outcome="success", limit=1000)
        if one["src"] is not None
    ]


@pytest.mark.parametrize("node", ["host:app1", "user:deploy", "segment:servers"])
def test_a_profile_counts_the_sessions_before_and_within_a_time(api: httpx.Client, node: str) -> None:
    found = ask(api, "/profile", id=node, to="2026-11-21T02:57:10Z", limit=1000, **{"from": NOON})
    mine = sessions_of(api, node)
    assert (found["before"], found["now"]) == (
        sum(not one["now"] for one in mine), sum(one["now"] for one in mine),
    )  # fmt: skip
    values = {
        "methods": [(one["method"] or "", one["now"]) for one in mine],
        "hours": [(one["start"][11:13], one["now"]) for one in mine],
    }
    for aspect, counted in values.items():
        before = Counter(value for value, late in counted if not late)
        now = Counter(value for value, late in counted if late)
        items = found["aspects"][aspect]["items"]
        assert {one["value"]: (one["before"], one["now"], one["new"]) for one in items} == {
            name: (before[name], now[name], not before[name]) for name in before | now
        }
    inside = {"app1"} if node == "host:app1" else hosts_of(api, "servers") if node == "segment:servers" else set()
    came = Counter(one["src"] for one in mine if not inside or (one["host"] in inside and one["src"] not in inside))
    shown = found["aspects"]["from"]
    assert {one["value"]: one["before"] + one["now"] for one in shown["items"]} == dict(came)
    assert shown["new"] == sum(one["new"] for one in shown["items"])
    assert [one["new"] for one in shown["items"]] == sorted((one["new"] for one in shown["items"]), reverse=True)


def test_a_profile_of_what_did_nothing_and_of_what_is_not_there(api: httpx.Client) -> None:
    silent = ask(api, "/profile", id="source:203.0.113.77")
    assert (silent["before"], silent["now"], silent["begin"]) == (0, 0, None)
    assert "from" not in silent["aspects"]
    for node in ("host:nope", "segment:nope", "nonsense", "key:"):
        assert api.get("/profile", params={"id": node}).status_code == 404
    wrong = api.get("/profile", params={"id": "host:db1", "from": NOON, "to": NOON})
    assert (wrong.status_code, wrong.json()["detail"]) == (422, "from is not before to")


@pytest.mark.parametrize("node", ["host:db1", "user:deploy", "source:203.0.113.77", "segment:restricted"])
def test_a_timeline_adds_up_to_the_sessions(api: httpx.Client, node: str) -> None:
    found = ask(api, "/timeline", id=node, bins=5)
    mine = every(api, "/sessions", node=node, limit=1000)
    accepted = sum(one["outcome"] == "success" for one in mine)
    assert (found["count"], found["failures"]) == (accepted, len(mine) - accepted)
    assert (found["first"], found["last"]) == (mine[-1]["start"], mine[0]["start"])
    assert len(found["bins"]) == 5
    assert sum(one["count"] for one in found["bins"]) == accepted
    ways = {(one["src"], one["user"], one["host"], one["service"], one["method"]) for one in mine}
    assert {(one["src"], one["user"], one["dst"], one["service"], one["method"]) for one in found["ways"]} == ways
    firsts = [datetime.fromisoformat(one["first"]) for one in found["ways"]]
    assert firsts == sorted(firsts, reverse=True)
    assert ask(api, "/timeline", id=node, to="2026-01-01")["bins"] == []


def test_what_is_different_between_two_times_is_what_their_graphs_differ_by(api: httpx.Client) -> None:
    kinds = ["host", "source", "user", "key"]
    before = ask(api, "/graph", to=NOON, kind=kinds, limit=1000)
    after = ask(api, "/graph", kind=kinds, limit=1000, **{"from": NOON})
    sides = [{(one["src"], one["dst"], one["kind"]): one for one in graph["links"]} for graph in (before, after)]
    found = ask(api, "/graph/diff", limit=1000, **{"from": NOON})
    by = {(one["src"], one["dst"], one["kind"]): one for one in found["links"]}
    assert {key for key, one in by.items() if one["change"] == "added"} == sides[1].keys() - sides[0].keys()
    assert {key for key, one in by.items() if one["change"] == "gone"} == sides[0].keys() - sides[1].keys()
    for key in sides[0].keys() & sides[1].keys():
        old, new = sides[0][key], sides[1][key]
        same = (old["count"], old["failures"]) == (new["count"], new["failures"]) and set(new["users"]) <= {
            *old["users"]
        }
        assert (key not in by) == same
        if not same:
            told = by[key]
            assert (told["before"], told["after"]) == (old["count"], new["count"])
            assert told["new_users"] == sorted({*new["users"]} - {*old["users"]})
    names = [{one[side] for one in graph["links"] for side in ("src", "dst")} for graph in (before, after)]
    assert set(found["added_nodes"]) == names[1] - names[0]
    assert set(found["gone_nodes"]) == names[0] - names[1]
    cut = ask(api, "/graph/diff", limit=1, **{"from": NOON})
    assert (cut["shown_links"], cut["total_links"]) == (1, len(by))
    backwards = ask(api, "/graph/diff", before_from=NOON, before_to="2027-01-01", to=NOON, limit=1000)
    assert backwards["added_links"] == found["gone_links"]
    assert api.get("/graph/diff").status_code == 422


def test_paths_lead_to_the_first_of_several_and_leave_out_what_is_excluded(api: httpx.Client) -> None:
    def ways(**asked: Any) -> set[tuple[str, ...]]:
        return {tuple(one["hosts"]) for one in ask(api, "/paths", from_="ws2", limit=100, **asked)["items"]}

    assert ("ws2", "jump1", "db1") in ways(to="db1")
    assert ways(to=["db1", "jump1"]) == ways(to="jump1") == {("ws2", "jump1")}
    assert ways(to="db1", exclude_host="jump1") == set()
    assert ways(to="db1", exclude_edge="jump1>db1") == set()
    assert ways(to="db1", exclude_method="publickey") == set()
    users = {user for one in ask(api, "/paths", from_="ws2", to="db1")["items"] for user in one["users"]}
    assert ways(to="db1", exclude_user=sorted(users)) == set()
    assert ways(to="db1", exclude_user="nobody") == ways(to="db1")
    assert api.get("/paths", params={"from": "ws2", "to": "db1", "exclude_edge": "x"}).status_code == 422
    assert api.get("/paths", params={"from": "ws2", "to": "db1", "exclude_host": "nope"}).status_code == 404
