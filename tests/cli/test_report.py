"""The report on the test logs, whole, and where it can be written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Program


def test_the_answers_about_the_test_logs(hunted: Program) -> None:
    report = hunted.ok("report", "--format", "json").document()
    assert (report["first"], report["last"]) == ("2026-03-09T02:00:00Z", "2026-03-10T09:00:00.010000Z")
    rows = {section["name"]: [tuple(row.values()) for row in section["rows"]] for section in report["sections"]}
    assert {section["missing"] for section in report["sections"]} == {None}
    assert [(row[0], row[5]) for row in rows.pop("stories")] == [("s-2b9a8b5a586e", 6), ("s-8eb23e1bf476", 1)]
    assert rows.pop("choke_points:safe")[0] == ("host", "jump", 5, 6, pytest.approx(5 / 6))
    assert rows == {
        "blast_radius": [("ws1", 3, 1, "vault"), ("jump", 2, 1, "vault"), ("app1", 1, 1, "vault"), ("vault", 0, 0, "")],
        "exposed": [
            ("app1", "root", "vault", "safe", "password", 1, "2026-03-10T08:12:40Z", "violation"),
            ("jump", "backup", "vault", "safe", "publickey", 2, "2026-03-10T02:00:00Z", "permitted"),
        ],
        "unused_servers": [
            ("app1", "jump", 1, 0, "2026-03-10T08:11:30.900000Z"),
            ("ws1", "198.51.100.7", 1, 0, "2026-03-10T08:05:00.900000Z"),
        ],
        "passwords_into_restricted": [("root", "vault", "safe", 1, 1, "2026-03-10T08:12:40Z")],
        "password_accounts": [("deploy", 1, 1, "2026-03-10T08:20:20Z"), ("root", 1, 1, "2026-03-10T08:12:40Z")],
        "unused_accounts": [
            ("deploy", "logs on, not in the inventory", 1, 1, "2026-03-10T08:20:20Z"),
            ("root", "logs on, not in the inventory", 1, 1, "2026-03-10T08:12:40Z"),
        ],
        "not_evaluable": [
            ("planted-key, tampering, silence, client-software", 4, 4, "app1, jump, vault, ws1"),
            ("tunnel, proxy-jump, control-master, staging", 2, 4, "jump, ws1"),
            ("asset-profile: needs 7 days and 10 logons of a host", 4, 4, "app1, jump, vault, ws1"),
            ("service-account: needs 7 days and 10 logons of an account", 4, 4, "app1, jump, vault, ws1"),
            ("rare-edge: needs 1,000 logons of everybody", 4, 4, "app1, jump, vault, ws1"),
            ("key-new-source: needs 7 days and 5 logons of a key", 4, 4, "app1, jump, vault, ws1"),
            ("distant-sessions: needs 7 days of an account", 4, 4, "app1, jump, vault, ws1"),
            ("unusual-movement: needs 15 days of everybody", 4, 4, "app1, jump, vault, ws1"),
        ],
    }


@pytest.mark.parametrize(("form", "begins"), [("json", '{"first"'), ("markdown", "# graphmap"), ("html", "<!doctype")])
def test_a_report_is_written_to_a_file(hunted: Program, tmp_path: Path, form: str, begins: str) -> None:
    file = tmp_path / "report"
    answer = hunted.ok("report", "--format", form, "--out", file)
    assert (answer.out, answer.err) == ("", f"{file} is written\n")
    assert file.read_text().startswith(begins)
    if form == "json":
        assert json.loads(file.read_text()) == hunted.ok("report", "--format", "json").document()


def test_a_file_that_cannot_be_written_is_a_mistake(hunted: Program, tmp_path: Path) -> None:
    answer = hunted("report", "--format", "html", "--out", tmp_path / "none" / "report.html")
    assert (answer.code, "No such file or directory" in answer.err) == (1, True)
    assert hunted("report", "--out", tmp_path / "report.txt").code == 2


def test_an_empty_home_has_an_empty_report(program: Program) -> None:
    report = program.ok("report", "--format", "json").document()
    assert (report["first"], [row for section in report["sections"] for row in section["rows"]]) == (None, [])
    missing = {section["name"]: section["missing"] for section in report["sections"] if section["missing"]}
    assert missing == {
        "exposed": "the inventory calls no segment restricted",
        "unused_servers": "no log of an SSH server was read",
        "unused_accounts": "the inventory lists no accounts",
    }
    assert "not evaluable: no log of an SSH server was read" in program.ok("report").out
