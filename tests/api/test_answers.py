"""What a hunter's program asks, over real HTTP."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest

from graphmap.store.ledger import Ledger
from tests.api.serving import HIDDEN, HOSTILE, JUDGED

if TYPE_CHECKING:
    import httpx

    from tests.api.serving import Server


def ask(api: httpx.Client, path: str, **parameters: Any) -> Any:
    answer = api.get(path, params={name.rstrip("_"): value for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def every(api: httpx.Client, path: str, **parameters: Any) -> list[Any]:
    """The items of all pages."""
    found = ask(api, path, **parameters)
    items: list[Any] = found["items"]
    while found["next"]:
        found = ask(api, path, **parameters, cursor=found["next"])
        items += found["items"]
    assert len(items) == found["total"]
    return items


def test_search_finds_by_part_kind_and_case(api: httpx.Client) -> None:
    assert ask(api, "/search", q="DB1")["items"][0] == {
        "kind": "host", "id": "host:db1", "name": "db1", "segment": "restricted",
    }  # fmt: skip
    assert {hit["kind"] for hit in ask(api, "/search", q="user:an")["items"]} == {"user"}
    assert ask(api, "/search", q="segment:Restr")["items"] == [
        {"kind": "segment", "id": "segment:restricted", "name": "restricted", "segment": None}
    ]
    assert ask(api, "/search", q="segment:")["total"] == len(every(api, "/segments"))
    assert ask(api, "/search", q="zzzz") == {"items": [], "shown": 0, "total": 0}


def test_nodes_are_listed_in_pages_that_join_without_gap_or_repeat(api: httpx.Client) -> None:
    whole = [node["name"] for node in every(api, "/hosts")]
    assert whole == ["app1", "app2", "db1", "edge1", "hv1", "jump1", "vcs1", "web1", "ws1", "ws2"]
    assert [node["name"] for node in every(api, "/hosts", limit=3)] == whole
    assert [node["name"] for node in every(api, "/hosts", segment="restricted")] == ["db1", "hv1"]
    assert [node["name"] for node in every(api, "/sources")] == ["198.51.100.9", "203.0.113.77"]


def test_a_host_shows_its_links_and_findings(api: httpx.Client) -> None:
    found = ask(api, "/node", id="host:db1")
    assert (found["node"]["restricted"], found["node"]["roles"]) == (True, ["database"])
    assert {link["src"] for link in found["links"] if link["kind"] == "MOVED_TO"} >= {"host:jump1"}
    assert found["total"] == found["shown"] == len(found["links"])
    assert all("db1" in finding["hosts"] for finding in found["findings"])


def test_sessions_of_a_link_are_those_that_it_counts(api: httpx.Client) -> None:
    for link in ask(api, "/graph")["links"]:
        kind = link["src"].partition(":")[0]
        ends = {"node": link["src"]} if kind == "user" else {"src": link["src"]}
        found = every(api, "/sessions", **ends, dst=link["dst"])
        counted = sum(one["outcome"] == "success" for one in found), sum(one["outcome"] == "failure" for one in found)
        assert counted == (link["count"], link["failures"]), link


def test_events_quote_the_lines_of_a_session(api: httpx.Client) -> None:
    session = ask(api, "/sessions", dst="host:db1", outcome="success", limit=1)["items"][0]
    places = [f"{line['file']}:{line['line']}" for line in session["lines"]]
    events = ask(api, "/events", at=places)["items"]
    assert {f"{event['file']}:{event['line']}" for event in events} == set(places)
    assert f"Accepted {session['method']} for {session['user']}" in events[0]["text"]


def test_the_graph_grows_by_steps_and_says_what_it_cut(api: httpx.Client) -> None:
    names = [
        {node["id"] for node in ask(api, "/graph", seed="host:db1", depth=depth, kind="host")["nodes"]}
        for depth in (0, 1, 2)
    ]
    assert names[0] == {"host:db1"} < names[1] < names[2]
    cut = ask(api, "/graph", seed="host:db1", depth=2, kind="host", limit=2)
    assert (cut["shown_nodes"], cut["total_nodes"]) == (2, len(names[2]))


def test_filters_leave_what_they_name(api: httpx.Client) -> None:
    only = ask(api, "/graph", user="backup", outcome="success")["links"]
    assert only
    assert all(link["users"] == ["backup"] and link["failures"] == 0 for link in only)
    assert ask(api, "/graph", from_="2030-01-01")["nodes"] == []


def test_numbers_agree(api: httpx.Client) -> None:
    summary = ask(api, "/graph/summary")
    bins = ask(api, "/histogram", bins=7)["bins"]
    assert len(bins) == 7
    assert sum(one["count"] for one in bins) == summary["accepted"] == ask(api, "/sessions", outcome="success")["total"]
    assert (
        sum(one["failures"] for one in bins) == summary["refused"] == ask(api, "/sessions", outcome="failure")["total"]
    )


def test_a_path_is_found_by_any_name_of_a_host(api: httpx.Client) -> None:
    found = ask(api, "/paths", from_="ws2.corp.example", to="db1")
    assert found["items"][0]["hosts"] == ["ws2", "jump1", "db1"]
    assert ask(api, "/paths", from_="db1", to="ws2") == {"items": [], "shown": 0, "cut": False}


def test_reach_and_origins_mirror_each_other(api: httpx.Client) -> None:
    reached = {one["name"] for one in every(api, "/reach", host="ws2", limit=2)}
    assert "db1" in reached
    for name in reached:
        assert "ws2" in {one["name"] for one in every(api, "/origins", host=name)}


def test_chains_come_best_first_and_can_be_drawn(api: httpx.Client) -> None:
    chains = every(api, "/chains", limit=4)
    assert [chain["score"] for chain in chains] == sorted((chain["score"] for chain in chains), reverse=True)
    figure = ask(api, "/figures/chain", chain=chains[0]["id"])["figure"]
    assert figure["layout"]["yaxis"]["ticktext"] == chains[0]["hosts"]


def test_rare_ways_lead_into_restricted_segments(api: httpx.Client) -> None:
    ways = every(api, "/rare")
    assert ways
    assert {way["dst_segment"] for way in ways} == {"restricted"}
    assert all(way["count"] <= 3 for way in ways)


def test_a_finding_shows_the_lines_that_prove_it(api: httpx.Client) -> None:
    first = every(api, "/findings")[0]
    found = ask(api, f"/findings/{first['id']}")
    assert {name: found[name] for name in first} == first
    assert found["why"]
    assert found["lines"]
    assert all(line["text"] for line in found["lines"])


def test_what_people_said_of_a_finding_is_told_the_first_first(api: httpx.Client) -> None:
    (listed,) = every(api, "/findings", detector=JUDGED)
    found = ask(api, f"/findings/{listed['id']}")
    assert [{name: value for name, value in one.items() if name != "at"} for one in found["judgements"]] == [
        {"state": "investigating", "assignee": "ann", "note": None, "marked": False, "author": "ann"},
        {"state": "investigating", "assignee": "ann", "note": HOSTILE[1], "marked": True, "author": "bob"},
    ]
    assert found["hidden_by"] is None


def test_what_a_suppression_hides_is_in_no_list_and_counted(api: httpx.Client, server: Server) -> None:
    assert every(api, "/findings", detector=HIDDEN) == []
    with Ledger(server.home / "ledger.sqlite") as ledger:
        hidden = ledger.findings(detector=HIDDEN)
    assert ask(api, "/graph/summary")["hidden_findings"] == len(hidden) > 0
    assert ask(api, f"/findings/{hidden[0].id}")["hidden_by"] == 1


def test_coverage_says_what_is_missing(api: httpx.Client) -> None:
    found = ask(api, "/coverage")
    assert found["all_hosts"] == len(found["hosts"]) == 10
    assert any("198.51.100.9" in sentence for sentence in found["blind"])


def test_attackers_names_come_back_letter_for_letter(api: httpx.Client) -> None:
    users = {node["name"] for node in every(api, "/users")}
    assert users >= set(HOSTILE)
    for name in HOSTILE:
        assert ask(api, "/node", id=f"user:{name}")["node"]["name"] == name
        assert ask(api, "/search", q=f"user:{name}")["total"] >= 1


@pytest.mark.parametrize("path", ["/figures/network", "/figures/timeline?node=host:edge1", "/figures/heatmap?by=host"])
def test_no_name_is_markup_in_a_figure(api: httpx.Client, path: str) -> None:
    """The only tag is the line break between the parts of a hover text; ids are no text that Plotly draws."""
    figure = api.get(path).json()["figure"]
    for trace in figure["data"]:
        trace.pop("customdata", None)
    text = str(figure).replace("<br>", "")
    assert "203.0.113.77" in text
    assert "<" not in text


def test_findings_and_the_graph_can_be_taken_elsewhere(api: httpx.Client) -> None:
    listed = every(api, "/findings", severity="high")
    sent = api.get("/exports/findings.csv", params={"severity": "high"})
    assert sent.headers["content-disposition"] == 'attachment; filename="findings.csv"'
    assert [row["id"] for row in csv.DictReader(StringIO(sent.text))] == [one["id"] for one in listed]
    part: dict[str, str | int] = {"seed": "host:db1", "depth": 1}
    shown = ask(api, "/graph", **part)
    drawn = nx.read_graphml(BytesIO(api.get("/exports/graph.graphml", params=part).content))
    assert set(drawn.nodes) == {node["id"] for node in shown["nodes"]}
    assert drawn.number_of_edges() == len(shown["links"])
    assert sent.headers["etag"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/node?id=host:nope", 404),
        ("/node?id=nope", 404),
        ("/paths?from=ws2&to=nope", 404),
        ("/paths?from=ws2", 422),
        ("/findings/f-000", 404),
        ("/findings/%2e%2e", 422),
        ("/graph?limit=0", 422),
        ("/graph?limit=100000", 422),
        ("/graph?seed=host:nope", 404),
        ("/hosts?from=yesterday", 200),
        ("/sessions?from=yesterday", 422),
        ("/sessions?from=9999-12-31", 422),
        ("/sessions?src=user:bob", 422),
        ("/reach?host=ws2&window=never", 422),
        ("/hosts?cursor=bm9uc2Vuc2U=", 400),
        ("/hosts?cursor=WyJvbGQiLCAxXQ==", 410),
        ("/events?at=nowhere", 422),
        ("/figures/chain", 422),
        ("/nothing", 404),
    ],
)
def test_a_wrong_question_gets_a_problem_that_says_so(api: httpx.Client, path: str, status: int) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status
        assert told["detail"]


def test_an_answer_that_is_known_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get("/graph")
    tag = first.headers["etag"]
    again = api.get("/graph", headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert api.get("/graph?limit=3", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_answers_are_packed_as_the_client_takes_them(api: httpx.Client, coding: str) -> None:
    plain = api.get("/graph", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = api.get("/graph", headers={"accept-encoding": coding})
    assert packed.headers["content-encoding"] == coding
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.content == plain.content  # httpx unpacks it
    assert packed.headers["etag"] == plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    again = api.get("/graph", headers={"accept-encoding": coding, "if-none-match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    small = api.get("/me", headers={"accept-encoding": coding})
    assert "content-encoding" not in small.headers


def test_health_needs_no_token(server: Server, api: httpx.Client) -> None:
    assert api.get(f"{server.base}/api/v1/health", headers={"authorization": ""}).json() == {"status": "ok"}
