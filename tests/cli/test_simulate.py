"""Simulate and evaluate from the command line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program

SMALL = ("--hosts", 50, "--days", 5, "--history", 3, "--clean", 1, "--attacks", 3)


def _words(*words: object) -> list[str]:
    return [str(word) for word in words]


def test_an_enterprise_is_written_and_evaluated(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    said = program.ok("simulate", folder, "--seed", "7", *_words(*SMALL))
    assert said.out == ""
    assert said.err.startswith("50 hosts, 16 people, ")
    assert said.err.endswith(" 3 attacks\n")
    assert sorted(path.name for path in folder.iterdir()) == [
        "hosts",
        "inventory.yaml",
        "truth.json",
        "windows",
        "zeek",
    ]
    truth = json.loads((folder / "truth.json").read_text())
    rows = program.ok("evaluate", "--from", folder, "--detector", "fan-out", "--json").documents()
    assert [row["rule"] for row in rows] == ["hunt", "novelty", "sessionless", "hopper"]
    assert {row["enterprise"] for row in rows} == {"acme"}
    assert {row["attacks"] for row in rows} == {len(truth["attacks"])}
    assert set(rows[0]) == {
        "enterprise", "hops", "novel", "hidden", "rule", "attacks", "alerts", "clean", "ever", "average_precision",
        "precision_at", "at", "default", "daily", "groups",
    }  # fmt: skip
    assert set(rows[0]["at"][0]) == {
        "budget", "found", "detection", "alerts", "false", "clean", "stories", "hours", "purity"
    }  # fmt: skip
    told = program.ok("evaluate", "--from", folder)
    assert [line.split()[0] for line in told.out.splitlines()[1:5]] == ["hunt", "novelty", "sessionless", "hopper"]
    assert "acme: " in told.err


def test_only_some_attacks_and_no_inventory(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    only = ("--family", "spray", "--family", "tunnel", "--stealth", "edges", "--no-inventory", "--log-level", "no-keys")
    program.ok("simulate", folder, *only, *_words(*SMALL))
    attacks = json.loads((folder / "truth.json").read_text())["attacks"]
    assert {attack["stealth"] for attack in attacks} == {"edges"}
    assert {attack["family"] for attack in attacks} <= {"spray", "tunnel"}
    assert not (folder / "inventory.yaml").exists()
    assert not any("Accepted publickey" in line and "SHA256" in line for line in _lines(folder))


def _lines(folder: Path) -> list[str]:
    return [line for file in folder.glob("hosts/*/auth.log") for line in file.read_text().splitlines()]


def test_what_cannot_be(program: Program, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    full = program("simulate", tmp_path, *_words(*SMALL))
    assert (full.code, full.err.splitlines()[0]) == (1, f"graphmap: {tmp_path} is not empty")
    none = program("evaluate", "--from", tmp_path)
    assert none.code == 1
    assert none.err.startswith(f"graphmap: {tmp_path / 'truth.json'}: No such file or directory")
    assert program("simulate", tmp_path / "x", "--hosts", "3").code == 2
    short = program("simulate", tmp_path / "x", "--days", "10")
    assert (short.code, "10 days are no more than 30 of history" in short.err) == (1, True)
    assert program("evaluate", "--detector", "nonsense").code == 1


def test_attacks_are_put_into_a_copy_of_ones_own_logs(program: Program, tmp_path: Path) -> None:
    program.ok(
        "simulate", tmp_path / "acme", *_words("--hosts", 50, "--days", 6, "--history", 3, "--attacks", 0, "--clean", 1)
    )
    program.ok("ingest", tmp_path / "acme" / "hosts")
    out, span = tmp_path / "ours", ("--history", "3", "--clean", "1", "--attacks", "3")
    said = program.ok("simulate", out, "--into", program.home, *span)
    assert said.out == ""
    first, second = said.err.splitlines()
    attacks = len(json.loads((out / "truth.json").read_text())["attacks"])
    assert attacks > 0
    assert re.match(rf"{attacks} attacks? of \d+ logons on \d+ hosts? in a copy of ", first)
    assert second == f"graphmap evaluate --from {out}"
    rows = program.ok("evaluate", "--from", out, "--detector", "fan-out", "--json").documents()
    assert {row["attacks"] for row in rows} == {attacks}
    wrong = program("simulate", tmp_path / "other", "--into", program.home, "--log-level", "info")
    assert (wrong.code, "--log-level says what to invent" in wrong.err) == (2, True)
    assert not (tmp_path / "other").exists()
