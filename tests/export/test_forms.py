"""What other programs read: nothing lost, nothing that they would obey."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graphmap.export.graphml import graphml
from graphmap.export.spreadsheet import csv_text

AT = datetime(2026, 3, 13, 2, 47, 29, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def test_a_table_is_csv_that_no_spreadsheet_computes() -> None:
    rows = [("=1+1", ["+a", "b"], AT, None, 2.5), (" @x", 'q"u,\u202e\n', (), -3, True)]
    assert list(csv.reader(StringIO(csv_text(("a", "b", "c", "d", "e"), rows)))) == [
        ["a", "b", "c", "d", "e"],
        ["'=1+1", "'+a; b", "2026-03-13T02:47:29Z", "", "2.5"],
        ["' @x", 'q"u,\ufffd\ufffd', "", "-3", "True"],
    ]


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_no_text_breaks_the_table_or_begins_a_formula(rows: list[tuple[str, str]]) -> None:
    read = list(csv.reader(StringIO(csv_text(("one", "two"), rows))))
    assert [len(row) for row in read] == [2] * (len(rows) + 1)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for row in read for cell in row)


def test_networkx_reads_the_graph_with_all_that_was_known() -> None:
    nodes = [
        {"id": "host:<b>&\"'\x00", "restricted": True, "count": 3, "roles": ["a", "b"], "segment": None, "first": AT},
        {"id": "user:]]>", "restricted": False, "count": 0, "roles": [], "segment": "x", "first": None},
    ]
    links = [{"src": nodes[0]["id"], "dst": nodes[1]["id"], "score": 0.5, "users": ["r\too\u202et"]}]
    text = "".join(graphml(nodes, links, about="2 of <3> nodes"))
    graph = nx.read_graphml(BytesIO(text.encode()))
    first, second = "host:<b>&\"'\ufffd", "user:]]>"
    assert dict(graph.nodes(data=True)) == {
        first: {"id": first, "restricted": True, "count": 3, "roles": "a; b", "first": "2026-03-13T02:47:29Z"},
        second: {"id": second, "restricted": False, "count": 0, "roles": "", "segment": "x"},
    }
    assert list(graph.edges(data=True)) == [
        (first, second, {"src": first, "dst": second, "score": 0.5, "users": "r\too\u202et"})
    ]
    assert "<desc>2 of &lt;3&gt; nodes</desc>" in text


@given(TEXTS)
def test_any_name_is_a_name_again(name: str) -> None:
    text = "".join(graphml([{"id": "1", "name": name + "x"}], []))
    read = nx.read_graphml(BytesIO(text.encode())).nodes["1"]["name"]
    kept = "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in name + "x")
    assert read == kept.replace("\r\n", "\n").replace("\r", "\n")
