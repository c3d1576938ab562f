"""What people say of findings: it is kept, shown, and hides what it should from every list."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Inside, Program

if TYPE_CHECKING:
    from pathlib import Path

GUESSED, CHAIN = "f-2fefc9a61fa1", "f-9c879c4b16ee"


@pytest.fixture
def home(hunted: Program, tmp_path: Path) -> Program:
    """A home that was hunted in, to be written to."""
    shutil.copytree(hunted.home, tmp_path / "home")
    return Inside(tmp_path / "home")


def listed(home: Program, *words: str) -> set[str]:
    return {document["id"] for document in home.ok("findings", "list", "--json", *words).documents()}


def test_a_suppressed_finding_is_hidden_everywhere_counted_and_back_at_the_end(home: Program) -> None:
    every = listed(home)
    said = home.ok(
        "suppressions", "add", "--user", "deploy", "--reason", "a drill", "--author", "ann", "--json"
    ).document()
    assert (said["id"], said["user"], said["reason"], said["ended"]) == (1, "deploy", "a drill", None)
    assert listed(home) == every - {GUESSED}
    assert listed(home, "--suppressed") == every
    assert "1 more finding hidden by suppressions" in home.ok("findings").err
    assert "findings    7, of which 1 hidden by suppressions" in home.ok("status").out
    assert home.ok("suppressions", "list", "--json").document()["hides"] == 1
    again = home("hunt", "--exit-code")
    assert again.code == 0
    assert again.err.splitlines()[:2] == [
        "1 story of 6 findings: 0 new, 0 changed, 6 known",
        "1 more finding hidden by suppressions: graphmap findings list --suppressed",
    ]
    home.ok("suppressions", "end", "1", "--author", "bob")
    assert listed(home) == every
    assert home.ok("suppressions").err.splitlines() == ["nothing is suppressed"]
    (kept,) = home.ok("suppressions", "list", "--all", "--json").documents()
    assert (kept["ended_by"], kept["hides"]) == ("bob", 0)


def test_a_chain_over_a_suppressed_way_is_shown(home: Program) -> None:
    home.ok("suppressions", "add", "--dst", "jump", "--reason", "everybody goes there")
    assert CHAIN in listed(home)
    assert GUESSED not in listed(home)


def test_what_is_said_of_a_finding_is_shown_with_who_said_it(home: Program) -> None:
    home.ok("findings", "triage", "f-2f", "--state", "investigating", "--assignee", "ann", "--author", "ann")
    told = home.ok(
        "findings", "triage", "f-2f", "--mark", "--note", "\x1b[31mred", "--author", "bob", "--json"
    ).document()
    assert [told[name] for name in ("state", "assignee", "note", "marked", "judged_by")] == [
        "investigating",
        "ann",
        "\x1b[31mred",
        True,
        "bob",
    ]
    assert listed(home, "--state", "investigating") == listed(home, "--marked") == {GUESSED}
    assert GUESSED not in listed(home, "--state", "open", "--state", "benign")
    page = home.ok("findings", "show", GUESSED).out
    first, second = page.split("\nSaid\n")[1].splitlines()
    assert first.endswith("Z  ann: investigating; assigned to ann")
    assert second.endswith("Z  bob: investigating; assigned to ann; marked; \\x1b[31mred")


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ("findings triage f-2f", 2, "say something: --state, --assignee, --note or --mark"),
        ("findings triage f-2f --state done", 2, "'done' is not one of"),
        ("findings triage f-00 --mark", 1, "no finding 'f-00'"),
        ("suppressions add --reason x", 2, "say what to hide"),
        ("suppressions add --src a", 2, "Missing option '--reason'"),
        ("suppressions add --src a --reason ' '", 2, "a --reason that others understand"),
        ("suppressions add --detector none --reason x", 1, "no 'none' in graphmap.detectors"),
        ("suppressions end 7", 1, "no suppression 7"),
    ],
)
def test_mistakes_are_told(hunted: Program, words: str, code: int, problem: str) -> None:
    answer = hunted.inside(*shlex.split(words))
    assert (answer.code, problem in answer.err) == (code, True), answer.err
