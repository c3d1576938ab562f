"""The graph on a real server, from the command line; docs/neo4j.md says what the program says."""

from __future__ import annotations

import doctest
import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graphmap.store.connection import PASSWORD, PASSWORD_FILE, URI, find_connection
from graphmap.store.neo4j import Neo4jStore
from tests.cli.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Server


@pytest.fixture
def served(hunted: Program, neo4j_server: Server) -> Iterator[Program]:
    """The program with the test logs, and an empty server."""
    with Neo4jStore(neo4j_server.connection) as store:
        store.clear()
        yield replace(hunted, environ=neo4j_server.environ)
        store.clear()


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[tuple[str, str]]:
    """The examples of docs/neo4j.md, each with its language."""
    page = (root / "docs/neo4j.md").read_text()
    return re.findall(r"^```(console|pycon)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_page_say_what_the_program_says(served: Program, blocks: list[tuple[str, str]]) -> None:
    page = blocks[0][1]
    said = ""
    for words in re.findall(r"^\$ graphmap (.*)$", page, re.MULTILINE):
        answer = served.inside(*shlex.split(words))
        said += f"$ graphmap {words}\n{answer.out}{answer.err}"
    told = (line.rstrip() for line in said.splitlines() if not line.startswith(("compiling ", "in ")))
    assert "".join(f"{line}\n" for line in told) == page


def test_the_demo_is_hunted_as_the_page_says(
    program: Program, neo4j_server: Server, blocks: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (_, commands), (_, questions) = blocks[1:]
    assert re.findall(r"^\$ (.*)$", commands, re.MULTILINE)[::2] == ["graphmap demo", "graphmap graph push"]
    program.ok("demo")
    with Neo4jStore(neo4j_server.connection) as store:
        store.clear()
        demo = Program(program.home / "demo", neo4j_server.environ)
        assert demo.ok("graph", "push").out == commands.splitlines(keepends=True)[-1]
        for name, value in neo4j_server.environ.items():
            monkeypatch.setenv(name, value)
        examples = doctest.DocTestParser().get_doctest(questions, {}, "neo4j.md", None, 0)
        assert len(examples.examples) > 5
        assert doctest.DocTestRunner(verbose=False).run(examples).failed == 0
        store.clear()


def test_what_differs_is_shown(served: Program) -> None:
    assert served.inside("graph", "diff").err.startswith("graphmap: nothing was pushed to this server")
    pushed = served.inside("graph", "push", "--json").document()
    assert pushed.pop("seconds") > 0
    assert pushed == {"nodes": 40, "relationships": 52, "removed": 0, "unlisted": 0}
    counts = {one["kind"]: one["number"] for one in served.inside("graph", "stats", "--json").documents()}
    assert (counts["Session"], counts["LED_TO"], sum(counts.values())) == (8, 3, 92)
    with Neo4jStore(find_connection(None, served.environ)) as store, store._driver.session() as session:
        session.run("MATCH (u:User {name: 'root'}) SET u.service = true").consume()
        session.run("MATCH (:Session)-[l:LED_TO]->(s:Session {dst: 'vault', user: 'root'}) DELETE l").consume()
    found = [(one["how"], one["kind"]) for one in served.inside("graph", "diff", "--json").documents()]
    assert found == [("changed", "User"), ("missing", "led_to")]
    shown = served.inside("graph", "diff")
    assert (shown.code, [line.split()[:3] for line in shown.out.splitlines()[1:2]]) == (
        0,
        [["changed", "User", "root"]],
    )
    served.inside("graph", "push")
    assert served.inside("graph", "diff").err == "no difference\n"
    assert served.inside("graph", "clear").out == "removed 92 nodes and relationships\n"
    assert "nothing was pushed" in served.inside("graph", "stats").err


def test_errors_are_said_in_words_and_show_no_password(served: Program, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    uri = served.environ[URI]
    for environ, words, said in (
        ({}, ("stats",), "no graph server is named"),
        ({URI: uri, PASSWORD_FILE: str(secret)}, ("stats",), f"{uri} does not accept the user or password"),
        ({URI: "bolt://127.0.0.1:9", PASSWORD: "hunter2"}, ("push",), "no Neo4j server answers at bolt://127.0.0.1:9"),
        ({}, ("stats", "--graph", "bolt://ann:hunter2@h"), "the address of the graph server holds a user or password"),
    ):
        answer = replace(served, environ=environ)("graph", *words)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.startswith(f"graphmap: {said}")
        assert "hunter2" not in answer.err
