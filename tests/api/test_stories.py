"""Stories and the list of findings over HTTP: what the command line tells, narrowed down by what people ask for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.pipeline.cases import load_cases
from graphmap.pipeline.stories import described, load_stories
from tests.api.serving import JUDGED, serving
from tests.api.test_answers import ask, every
from tests.faint import FIRST, ROOT, hunted

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.api.serving import Server

STORED = "ledger.sqlite"


def test_stories_are_those_of_the_command_line_in_its_order(api: httpx.Client, server: Server) -> None:
    told = [described(story) for story in load_stories(server.home / STORED)]
    listed = every(api, "/stories", limit=2)
    same = ("id", "severity", "score", "past", "p_value", "title", "techniques", "continues")
    assert [[one[name] for name in same] for one in listed] == [[one[name] for name in same] for one in told]
    for one in told:
        whole = ask(api, f"/stories/{one['id']}")
        assert whole["words"] == one["words"]
        assert [part["id"] for part in whole["parts"]] == [part["id"] for part in one["parts"]]
        assert {part["story"] for part in whole["parts"]} == {one["id"]}
        assert len(whole["hops"]) == whole["all_hops"] == len(one["hops"])
        along = whole["route"]
        assert " -> ".join([along[0]["src"], *(hop["dst"] for hop in along)]) in one["words"]["way"]
        assert [(line["file"], line["line"]) for line in whole["lines"]] == [
            (line["file"], line["line"]) for line in one["lines"]
        ]
        assert all(line["text"] for line in whole["lines"])


def test_a_story_is_found_by_each_of_its_findings(api: httpx.Client) -> None:
    for finding in every(api, "/findings"):
        assert ask(api, f"/stories/{finding['id']}")["id"] == finding["story"]
        assert ask(api, f"/findings/{finding['id']}")["story"] == finding["story"]
    assert api.get("/stories/s-000000000000").status_code == 404
    assert api.get("/stories/%3Cb%3E").status_code == 422


def test_what_is_hidden_is_in_no_story(api: httpx.Client, server: Server) -> None:
    hidden = [case.finding.id for case in load_cases(server.home / STORED) if case.hidden_by is not None]
    assert hidden
    assert api.get(f"/stories/{hidden[0]}").status_code == 404
    assert ask(api, f"/findings/{hidden[0]}")["story"] is None


@pytest.mark.parametrize("path", ["/findings", "/stories"])
def test_a_facet_says_how_many_there_are_when_it_is_chosen(api: httpx.Client, path: str) -> None:
    whole = ask(api, path)["facets"]
    assert whole["severity"]
    for name, values in whole.items():
        for value, count in values.items():
            found = ask(api, path, **{name: value})
            assert (found["total"], found["facets"][name]) == (count, values), (name, value)
    both = ask(api, path, severity="high", state="open")
    assert both["total"] == both["facets"]["severity"]["high"] == both["facets"]["state"]["open"]


def test_findings_are_narrowed_down_by_what_people_said(api: httpx.Client) -> None:
    said = ask(api, "/findings", assignee="ann")["items"]
    assert [(one["detector"], one["state"], one["marked"]) for one in said] == [(JUDGED, "investigating", True)]
    assert ask(api, "/findings", marked=True)["items"] == said
    assert ask(api, "/findings", state=["benign", "confirmed"])["items"] == []
    assert ask(api, "/findings", assignee=["", "ann"])["total"] == ask(api, "/findings")["total"]


def test_findings_are_sorted_as_asked(api: httpx.Client) -> None:
    best = [one["id"] for one in every(api, "/findings")]
    assert sorted(best) == sorted(one["id"] for one in every(api, "/findings", sort="first", order="asc", limit=5))
    for sort in ("first", "last", "title", "score"):
        for order in ("asc", "desc"):
            found = [one[sort] for one in every(api, "/findings", sort=sort, order=order)]
            known = [_value(value) for value in found if value is not None]
            assert [_value(value) for value in found[: len(known)]] == sorted(known, reverse=order == "desc")
    ranks = [one["severity"] for one in every(api, "/findings", sort="severity")]
    assert ranks == sorted(ranks, key=["critical", "high", "medium", "low", "info"].index)


def _value(value: str | float) -> Any:
    """A moment, where a text is one: with and without a fraction they sort as texts in another order."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return value


def test_a_text_is_looked_for_in_titles_and_names(api: httpx.Client) -> None:
    def names(one: dict[str, Any]) -> str:
        return " ".join([one["id"], one["title"], *one["hosts"], *one["users"]]).lower()

    listed = every(api, "/findings")
    assert every(api, "/findings", q=" DB1 ") == [one for one in listed if "db1" in names(one)] != listed


def test_stories_of_a_day_and_of_a_time(api: httpx.Client) -> None:
    whole = every(api, "/stories")
    day = whole[0]["day"]
    assert every(api, "/stories", day=day) == whole
    assert every(api, "/stories", per_day=1) == whole[:1]
    assert ask(api, "/stories", day="2026-01-01", **{"from": day})["total"] == 0
    assert ask(api, "/stories", to="2026-01-01")["total"] == 0
    early = [_value(one["first"]) for one in every(api, "/stories", sort="first", order="asc")]
    assert early == sorted(early)


def test_what_weighs_little_is_counted_and_told_when_asked_for(tmp_path: Path) -> None:
    with serving(hunted(tmp_path)) as server, server.client() as api:
        by_default = ask(api, "/stories")
        assert [(one["hosts"][0], one["past"]) for one in by_default["items"]] == [(ROOT, 20), (FIRST, 0)]
        assert (by_default["total"], by_default["faint"], by_default["least_bits"]) == (2, 20, 4)
        assert by_default["facets"]["detector"] == {"brute-force-success": 1, "root-logon": 1}
        whole = ask(api, "/stories", least_bits=0)
        assert (whole["total"], whole["faint"], whole["least_bits"]) == (22, 0, 0)
        assert ask(api, "/stories", least_bits=0, per_day=1)["total"] == 21
        assert {one["id"] for one in every(api, "/stories", least_bits=0, limit=5)} == {
            one["id"] for one in whole["items"]
        }
        assert ask(api, f"/stories/{whole['items'][-1]['id']}")["score"] == 0
        assert api.get("/stories", params={"least_bits": -1}).status_code == 422


def test_a_story_is_drawn(api: httpx.Client) -> None:
    story = ask(api, "/stories", limit=1)["items"][0]
    assert ask(api, "/figures/chain", story=story["id"])["figure"]["data"]
    assert api.get("/figures/chain", params={"story": story["id"], "chain": "c-1"}).status_code == 422
