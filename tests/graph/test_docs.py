"""docs/graph-model.md: the notebook runs, and the tables name every attribute that there is."""

from __future__ import annotations

import doctest
import re
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.identity import parse_inventory
from graphmap.pipeline.estate import keep_inventory
from graphmap.pipeline.ingest import ingest
from tests.estates import estate

if TYPE_CHECKING:
    from pathlib import Path

INVENTORY = "hosts: [{name: web1, addresses: [10.0.0.1]}, {name: db1, addresses: [10.0.0.2]}]"


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/graph-model.md").read_text(encoding="utf-8")


def block(page: str, language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def test_the_notebook_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, log = tmp_path / "home", tmp_path / "auth.log"
    log.write_text(block(page, "log"))
    settings = Settings(home=home)
    keep_inventory(settings, parse_inventory(INVENTORY, "inventory.yaml"))
    assert ingest([log], settings=settings).total("added") == 5
    monkeypatch.setenv("GRAPHMAP_HOME", str(home))
    examples = doctest.DocTestParser().get_doctest(block(page, "pycon"), {}, "graph-model.md", None, 0)
    assert len(examples.examples) > 10
    assert doctest.DocTestRunner(verbose=False).run(examples).failed == 0


def test_attributes_are_those_of_the_graph(page: str) -> None:
    graph = estate(block(page, "log"), inventory=INVENTORY).graph()
    nodes = {node["kind"]: set(node) for _, node in graph.nodes(data=True)}
    edges = {edge["kind"]: set(edge) for *_, edge in graph.edges(data=True)}
    shared = {"kind", "count", "failures", "first", "last", "days"}
    assert edges == {kind: named | shared for kind, named in rows(page, "edge").items()}
    assert nodes == rows(page, "node")


def rows(page: str, first: str) -> dict[str, set[str]]:
    """The names in backticks of the last column of a table, by that of its first column."""
    table = page.partition(f"\n| {first} | ")[2].partition("\n\n")[0].splitlines()[2:]
    return {line.split("`")[1]: set(re.findall(r"`(\w+)`", line.split("|")[3])) for line in table}
