"""Stories on the command line: what is told, what is not and why, and that suppressions hold."""

from __future__ import annotations

import json
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Inside, Program

if TYPE_CHECKING:
    from pathlib import Path

STORY = [
    "id", "severity", "score", "past", "p_value", "title", "techniques", "hosts", "users", "first", "last", "hops", "lines",
    "parts", "continues", "words",
]  # fmt: skip
CHAIN, GUESSED = "s-2b9a8b5a586e", "s-8eb23e1bf476"


@pytest.fixture
def home(hunted: Program, tmp_path: Path) -> Program:
    """A copy of what was hunted, to change."""
    shutil.copytree(hunted.home, tmp_path / "home")
    return Inside(tmp_path / "home")


def test_six_findings_about_one_path_are_one_story(hunted: Program) -> None:
    told = hunted.ok("stories", "list", "--json").documents()
    assert [(story["id"], len(story["parts"])) for story in told] == [(CHAIN, 6), (GUESSED, 1)]
    assert all(list(story) == STORY for story in told)
    listed = {finding["id"]: finding for finding in hunted.ok("findings", "list", "--json").documents()}
    for part in (part for story in told for part in story["parts"]):
        assert part.items() <= listed.pop(part["id"]).items()
    assert listed == {}
    assert [(hop["src"], hop["dst"], hop["user"]) for hop in told[0]["hops"]] == [
        ("198.51.100.7", "ws1", "anna"), ("ws1", "jump", "anna"), ("jump", "app1", "adm-anna"), ("app1", "vault", "root"),
    ]  # fmt: skip


def test_the_command_of_a_story_shows_its_path(hunted: Program) -> None:
    command = hunted.ok("stories", "show", CHAIN, "--json").document()["words"]["command"]
    assert "ws1 -> jump -> app1 -> vault" in hunted.ok(*shlex.split(command)[1:]).out


def test_a_story_is_found_by_the_id_of_its_parts(hunted: Program) -> None:
    assert hunted.ok("stories", "show", "f-2fef", "--json").document()["id"] == GUESSED
    assert hunted.ok("stories", "show", GUESSED[:6]).out == hunted.ok("stories", "show", "f-2fef").out
    unknown, several = hunted("stories", "show", "s-00"), hunted("stories", "show", "f-")
    assert (unknown.code, "no story 's-00'" in unknown.err) == (1, True)
    assert (several.code, "2 stories start with 'f-'" in several.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "ids", "said"),
    [
        ("--alerts-per-day 1", [CHAIN], "1 of 2 stories told: 1 not among the best 1 of their day (--alerts-per-day)"),
        ("--alerts-per-day 2", [CHAIN, GUESSED], ""),
        ("--since 2026-03-10T08:55:00Z", [CHAIN], ""),
        ("--until 2026-03-10T08:10:00Z", [CHAIN], ""),
        ("--until 2026-03-01", [], "no story matches"),
        ("--fdr 0.1", [CHAIN, GUESSED], ""),
    ],
)
def test_what_is_asked_for_is_told(hunted: Program, words: str, ids: list[str], said: str) -> None:
    answer = hunted.inside("stories", "list", "--json", *words.split())
    assert [json.loads(line)["id"] for line in answer.out.splitlines()] == ids
    assert answer.err.strip() == said


def test_what_has_no_p_value_is_told_apart(hunted: Program) -> None:
    assert (
        "2 stories without a p-value, of which --fdr says nothing:"
        in hunted.inside("stories", "list", "--fdr", "0.1").err
    )


def test_hunt_gives_the_parts_of_what_it_tells(home: Program) -> None:
    every = home.ok("hunt", "--json").documents()
    assert len(every) == 7
    assert [one["id"] for one in every] == [one["id"] for one in home.ok("findings", "list", "--json").documents()]
    best = home.ok("hunt", "--json", "--alerts-per-day", "1").documents()
    assert {one["id"] for one in every} - {one["id"] for one in best} == {"f-2fefc9a61fa1"}
    parts = home.ok("hunt", "--parts")
    assert parts.out == home.ok("findings").out
    assert parts.err.startswith("2 stories of 7 findings: 0 new, 0 changed, 7 known\n")


def test_suppressed_parts_are_in_no_story(home: Program) -> None:
    home.ok("suppressions", "add", "--detector", "restricted-segment", "--reason", "a drill")
    chain, _ = home.ok("stories", "list", "--json").documents()
    assert (chain["id"], len(chain["parts"])) == (CHAIN, 5)
    home.ok("suppressions", "add", "--user", "deploy", "--reason", "a drill")
    assert [one["id"] for one in home.ok("stories", "list", "--json").documents()] == [CHAIN]
    assert home.ok("hunt").err.startswith("1 story of 5 findings: ")


def test_logs_that_come_late_leave_a_story_its_id(program: Program) -> None:
    """Without the log of the first host, the path begins on the second; it keeps its id when that log comes in."""
    later = [f"logs/{host}" for host in ("jump", "app1", "vault")]
    program.ok("ingest", "--year", "2026", *later, "--inventory", "inventory.yaml")
    program.ok("hunt")
    before = next(one for one in program.ok("stories", "list", "--json").documents() if "vault" in one["hosts"])
    program.ok("ingest", "--year", "2026", "logs/ws1")
    program.ok("hunt")
    after = [one for one in program.ok("stories", "list", "--json").documents() if "vault" in one["hosts"]]
    assert "198.51.100.7" in after[0]["hosts"]
    assert "198.51.100.7" not in before["hosts"]
    assert [one["id"] for one in after] == [before["id"]]


def test_an_empty_home_has_no_stories(program: Program) -> None:
    assert program.ok("stories").err == "no findings stored: graphmap hunt looks for some\n"
