from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program


def test_a_dry_run_over_the_test_logs(hunted: Program) -> None:
    shown = [
        (one["src_zones"], one["dst_zones"], one["account"], one["verdict"], one["count"], one["why"])
        for one in hunted.ok("policy", "dry-run", "policy.yaml", "--json").documents()
    ]
    assert shown == [
        (
            ["jump", "segment dmz"],
            ["segment servers", "servers"],
            "anna",
            "violation",
            1,
            "zone servers (policy.yaml:5): rule 'by way of the jump host' (policy.yaml:13) is over since 2026-03-10T00:00:00Z",
        ),
        (
            ["segment servers", "servers"],
            ["safe", "segment safe"],
            "root",
            "violation",
            1,
            "segment safe: no rule permits logons from segment servers; zone safe (policy.yaml:4): no rule permits logons from servers",
        ),
    ]


def test_a_policy_is_in_force_until_another_is(program: Program, tmp_path: Path) -> None:
    program.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")

    def policies() -> list[str]:
        return [one["policy"] for one in program.ok("rare", "--segment", "servers", "--json").documents()]

    assert policies() == ["not covered"]
    program.ok("policy", "use", "policy.yaml")
    assert policies() == ["violation"]
    bad = tmp_path / "bad.yaml"
    bad.write_text("zones: [{name: a}]")
    assert program("policy", "use", bad).code == 1
    assert policies() == ["violation"]
    (tmp_path / "none.yaml").write_text("")
    program.ok("policy", "use", tmp_path / "none.yaml")
    assert policies() == ["not covered"]


@pytest.mark.parametrize("words", ["check", "dry-run", "use"])
def test_mistakes_are_named_by_place(program: Program, tmp_path: Path, words: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("zones:\n  - {name: a, host: [h]}\n")
    answer = program("policy", words, file)
    assert (answer.code, answer.out) == (1, "")
    assert f"{file}:2:5: zone 'a' holds nothing" in answer.err
    assert "at 2:15" in answer.err
    assert program("policy", words, tmp_path / "absent.yaml").err.startswith(
        f"graphmap: {tmp_path / 'absent.yaml'}: No"
    )
