"""The whole job with the ledger on PostgreSQL: the same answers as with a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.program import Inside, Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Postgres


def test_the_ledger_on_a_server_gives_the_same_answers(
    hunted: Program, postgres_server: Postgres, tmp_path: Path
) -> None:
    program = Inside(tmp_path / "home", {"GRAPHMAP_DATABASE": postgres_server.create()})
    program.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    assert "already" in program.ok("ingest", "--year", "2026", "logs").out
    program.ok("jobs", "run", "hunt")
    for words in ("findings list --json", "status --json"):
        assert program.ok(*words.split()).documents() == hunted.ok(*words.split()).documents()
    program.ok("suppressions", "add", "--src", "203.0.113.9", "--reason", "a drill")
    assert program.ok("suppressions", "list", "--json").document()["hides"] > 0
    assert [run["state"] for run in program.ok("jobs", "history", "--json").documents()] == ["done"]
    assert not (program.home / "ledger.sqlite").exists()


def test_a_database_that_cannot_be_used_is_said_without_its_password(program: Program) -> None:
    program.environ["GRAPHMAP_DATABASE"] = "mysql://root:secret@db/graphmap"
    answer = program("findings")
    assert answer.code == 1
    said, hint = answer.err.splitlines()
    assert said == "graphmap: GRAPHMAP_DATABASE: no address of a PostgreSQL database"
    assert hint.strip() == "write postgresql://USER@HOST/NAME"
    program.environ["GRAPHMAP_DATABASE"] = "postgresql://root:secret@127.0.0.1:1/graphmap"
    answer = program("findings")
    assert answer.code == 1
    assert answer.err.startswith("graphmap: postgresql://root:***@127.0.0.1:1/graphmap: ")
    assert "secret" not in answer.err
