"""What says little is kept and counted, but told to nobody who did not ask for it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Inside, Program
from tests.faint import FIRST, ROOT, hunted, lines

if TYPE_CHECKING:
    from pathlib import Path

HELD = "2 of 22 stories told: 20 below 4 bits (--least-bits 0 tells them)"


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A home that was hunted in; only to be read."""
    return Inside(hunted(tmp_path_factory.mktemp("faint")))


@pytest.fixture
def home(daily: Program, tmp_path: Path) -> Program:
    """A copy of it, to change."""
    shutil.copytree(daily.home, tmp_path / "home")
    return Inside(tmp_path / "home")


def sources(told: list[dict[str, object]]) -> list[object]:
    return [hosts[0] for story in told if isinstance(hosts := story["hosts"], list)]


def test_stories_are_told_that_weigh_enough_or_as_much_as_their_past_allows(daily: Program) -> None:
    told = daily.ok("stories", "list", "--json")
    said = [(story["hosts"][0], story["past"], story["score"]) for story in told.documents()]
    assert said == [(ROOT, 20, 4.392317), (FIRST, 0, 0.0)]
    assert told.err.splitlines() == [HELD]


@pytest.mark.parametrize(
    ("words", "told", "said"),
    [
        ("--least-bits 0", 22, None),
        ("--least-bits 4.3", 2, "2 of 22 stories told: 20 below 4.3 bits (--least-bits 0 tells them)"),
        ("--least-bits 5", 2, "2 of 22 stories told: 20 below 5 bits (--least-bits 0 tells them)"),
        ("--alerts-per-day 1", 2, HELD),
        (
            "--least-bits 0 --alerts-per-day 1",
            21,
            "21 of 22 stories told: 1 not among the best 1 of their day (--alerts-per-day)",
        ),
        ("--until 2026-03-21", 1, "1 of 20 stories told: 19 below 4 bits (--least-bits 0 tells them)"),
    ],
)
def test_what_is_not_told_is_counted(daily: Program, words: str, told: int, said: str | None) -> None:
    answer = daily.ok("stories", "list", "--json", *words.split())
    assert len(answer.documents()) == told
    assert answer.err.splitlines() == ([said] if said else [])


def test_a_hunt_tells_what_the_list_of_stories_does(home: Program) -> None:
    told = home.ok("hunt", "--json")
    assert set(sources(told.documents())) == {ROOT, FIRST}
    assert told.err.splitlines()[:2] == [HELD, "22 stories of 22 findings: 0 new, 0 changed, 22 known"]
    assert len(home.ok("hunt", "--json", "--least-bits", "0").documents()) == 22
    assert len(home.ok("findings", "list", "--json").documents()) == 22


def test_the_settings_say_what_is_told_by_default(home: Program) -> None:
    (home.home / "graphmap.toml").write_text("least_bits = 0\n")
    assert len(home.ok("stories", "list", "--json").documents()) == 22
    assert len(home.ok("stories", "list", "--json", "--least-bits", "1.5").documents()) == 2


def test_outputs_and_exit_codes_are_about_what_is_told(home: Program, tmp_path: Path) -> None:
    sent = tmp_path / "alerts.ndjson"
    (home.home / "graphmap.toml").write_text(
        f'[alerts.file]\nkind = "file"\npath = "{sent}"\n'
        '[jobs.hunt]\noutputs = ["file"]\n[jobs.every]\ntask = "hunt"\noutputs = ["file"]\nleast_bits = 0\n'
    )
    assert home.ok("hunt", "--alert").err.splitlines()[-1] == "2 alerts sent"
    counts = home.ok("jobs", "run", "hunt", "--json").document()["counts"]
    assert {name: counts[name] for name in ("stories", "told", "findings", "new", "to_read", "alerts")} == {
        "stories": 22, "told": 2, "findings": 22, "new": 0, "to_read": 0, "alerts": 0,
    }  # fmt: skip
    assert home.ok("jobs", "run", "every", "--json").document()["counts"]["alerts"] == 20
    assert len(sent.read_text().splitlines()) == 22


def test_something_new_that_says_little_is_no_exit_code(home: Program, tmp_path: Path) -> None:
    def guessed_again(day: int) -> None:
        more = tmp_path / f"{day}.log"
        more.write_text("\n".join(line.replace("-20T", f"-{day}T") for line in lines() if "-20T" in line) + "\n")
        home.ok("ingest", more)

    guessed_again(22)
    faint = home("hunt", "--exit-code")
    assert (faint.code, "1 new, 0 changed, 22 known" in faint.err) == (0, True)
    guessed_again(23)
    assert home("hunt", "--exit-code", "--least-bits", "0").code == 4
