"""Figures show what they are given, and log text in them is only text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.figures.chain import Lanes, lanes
from graphmap.figures.firsts import first_seen
from graphmap.figures.heatmap import heatmap
from graphmap.figures.network import View, network
from graphmap.figures.text import inert, label, length
from graphmap.figures.theme import DARK
from graphmap.figures.timeline import timeline
from graphmap.graph.subgraph import LINKS
from graphmap.model import Basis, Hop

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVIL = "<a href=javascript:1>&lt;b\u202e\nx"


def link(src: str, dst: str, count: int = 1, failures: int = 0) -> dict[str, Any]:
    return {
        "src": src, "dst": dst, "kind": "MOVED_TO", "users": [EVIL], "services": ["ssh"], "methods": [],
        "count": count, "failures": failures, "first": NOON, "last": NOON,
    }  # fmt: skip


def node(kind: str, name: str, segment: str | None = None, *, restricted: bool = False) -> dict[str, Any]:
    return {
        "id": f"{kind}:{name}", "kind": kind, "name": name, "segment": segment, "restricted": restricted, "degree": 1,
        "count": 1, "failures": 0,
    }  # fmt: skip


NODES = pl.DataFrame(
    [
        node("host", "a", "office"),
        node("host", EVIL, "vault", restricted=True),
        node("source", "192.0.2.1"),
        node("user", EVIL),
    ],
    schema_overrides={"segment": pl.String},
)
MOVES = pl.DataFrame(
    [link("source:192.0.2.1", "host:a", 5), link("host:a", f"host:{EVIL}", 0, 3), link(f"user:{EVIL}", "host:a", 1000)],
    schema=LINKS,
)


def drawn(figure: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(figure.to_json())
    return plain


def trace(figure: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in figure["data"] if one["name"] == name)
    return found


def test_a_network_has_a_point_for_each_node_and_link_with_its_id() -> None:
    figure = drawn(network(NODES, MOVES))
    assert sorted(trace(figure, "nodes")["customdata"]) == sorted([[row["id"]] for row in NODES.iter_rows(named=True)])
    assert sorted(trace(figure, "links")["customdata"]) == sorted(
        [row["src"], row["dst"]] for row in MOVES.iter_rows(named=True)
    )
    shapes = dict(
        zip(
            [i for (i,) in trace(figure, "nodes")["customdata"]],
            trace(figure, "nodes")["marker"]["symbol"],
            strict=True,
        )
    )
    assert (shapes["host:a"], shapes["source:192.0.2.1"], shapes[f"user:{EVIL}"]) == ("square", "diamond", "circle")


def test_what_was_only_refused_is_dashed() -> None:
    dashes = [
        shape["line"]["dash"] for shape in drawn(network(NODES, MOVES))["layout"]["shapes"] if shape["type"] == "path"
    ]
    assert sorted(dash != "solid" for dash in dashes) == [False, False, True]


def test_a_path_is_numbered_in_its_order() -> None:
    path = ("source:192.0.2.1", "host:a", f"host:{EVIL}")
    figure = drawn(network(NODES, MOVES, View(path=path)))
    assert sorted(trace(figure, "hops")["text"]) == ["1", "2"]


def test_labels_can_be_hidden_and_segments_stay() -> None:
    figure = drawn(network(NODES, MOVES, View(labels=False)))
    assert trace(figure, "labels")["text"] == []
    assert "vault (restricted)" in trace(figure, "segments")["text"]


def test_nothing_to_draw_is_drawn_too() -> None:
    assert trace(drawn(network(NODES.clear(), MOVES.clear(), View(theme=DARK))), "nodes")["x"] == []


HOPS = [
    Hop(NOON, None, "192.0.2.1", "a", EVIL, "ssh", None, None, 1.0, Basis.START, ()),
    Hop(NOON + timedelta(seconds=9), NOON + timedelta(minutes=3), "a", EVIL, "bob", "ssh", "publickey", None, 0.5, Basis.OPEN, ()),
]  # fmt: skip


def test_a_chain_has_a_lane_for_each_host_in_its_order() -> None:
    figure = drawn(lanes(HOPS, Lanes(restricted=lambda host: host == EVIL)))
    assert figure["layout"]["yaxis"]["ticktext"] == ["192.0.2.1", "a", inert(label(EVIL))]
    assert [one["text"] for one in figure["layout"]["annotations"] if one.get("name") == "number"] == ["1", "2"]
    assert "end not logged" in trace(figure, "hops")["hovertext"][0]
    bars = [shape for shape in figure["layout"]["shapes"] if "dash" in shape["line"]]
    assert [bar["line"]["dash"] for bar in bars] == ["dot", "solid"]


def test_the_lanes_of_a_route_are_on_top_and_refused_attempts_stand_on_theirs() -> None:
    told = Lanes(first=[EVIL, "nowhere"], refused={"a": [NOON, NOON], "nowhere": [NOON]})
    figure = drawn(lanes(HOPS, told))
    assert figure["layout"]["yaxis"]["ticktext"] == [inert(label(EVIL)), "192.0.2.1", "a"]
    assert trace(figure, "refused")["y"] == [-2, -2]


ATTEMPTS = pl.DataFrame(
    {
        "start": [NOON, NOON, NOON],
        "outcome": ["success", "failure", "failure"],
        "src": ["b", None, EVIL],
        "host": ["a", "a", EVIL],
        "user": [EVIL, "x", "x"],
        "method": ["password", None, EVIL],
    }
)


def test_a_timeline_parts_what_was_accepted_from_what_was_refused() -> None:
    figure = drawn(timeline(ATTEMPTS))
    assert (len(trace(figure, "accepted")["x"]), len(trace(figure, "refused")["x"])) == (1, 2)


WAYS = pl.DataFrame({"src": ["a", "a", EVIL], "dst": ["b", EVIL, "b"], "count": [10, 0, 2], "failures": [0, 4, 0]})


def test_a_heat_map_tells_never_from_refused_and_marks_what_is_forbidden() -> None:
    figure = heatmap(WAYS, marked=[("a", "b")])
    cells = {
        tuple(pair): text
        for line, texts in zip(figure.data[0].customdata, figure.data[0].text, strict=True)
        for pair, text in zip(line, texts, strict=True)
    }
    assert cells == {("a", "b"): "10", ("a", EVIL): "0", (EVIL, "b"): "2", (EVIL, EVIL): ""}
    assert len(figure.data[1].x) == 1


FIRSTS = pl.DataFrame(
    {
        "src": ["a", EVIL], "user": [EVIL, "x"], "dst": [EVIL, "b"], "count": [1, 3], "first": [NOON, NOON],
        "policy": ["violation", "not covered"],
    }
)  # fmt: skip


def test_the_first_time_of_a_way_looks_as_the_policy_says() -> None:
    figure = drawn(first_seen(FIRSTS))
    looks = {one["name"]: (one["marker"]["symbol"], one["customdata"]) for one in figure["data"]}
    assert looks == {
        "not covered": ("circle-open", [[EVIL, "b"]]),
        "permitted": ("circle", []),
        "violation": ("diamond", [["a", EVIL]]),
    }


@pytest.mark.parametrize(
    "figure",
    [network(NODES, MOVES), lanes(HOPS), timeline(ATTEMPTS), heatmap(WAYS), first_seen(FIRSTS)],
    ids=["network", "chain", "timeline", "heatmap", "first-seen"],
)
def test_hostile_text_is_text_in_every_figure(figure: Any) -> None:
    plain = drawn(figure)
    for one in plain["data"]:
        one.pop("customdata", None)
    plain["layout"].pop("template", None)
    text = json.dumps(plain, ensure_ascii=False).replace("<br>", "")
    assert "&lt;a href" in text
    assert "<" not in text
    assert "\u202e" not in text


@given(st.text())
def test_inert_text_has_no_tag_entity_or_control(text: str) -> None:
    shown = inert(text)
    assert not set("<>\n\r\t\x00\u202e\u200b") & set(shown)
    assert shown.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "").count("&") == 0
    assert inert("".join(filter(str.isalnum, text))).isalnum() or not any(map(str.isalnum, text))


def test_lengths_have_two_units() -> None:
    assert [length(timedelta(seconds=s)) for s in (0, 59, 389, 90_061)] == ["0 s", "59 s", "6 m 29 s", "1 d 1 h"]
