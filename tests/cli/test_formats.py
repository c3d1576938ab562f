"""Mappings and archives as people give them to the program."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.cli.program import HERE, Program

if TYPE_CHECKING:
    from pathlib import Path

MAPPING = """
name: door
format: csv
columns: {time: when, action: {value: logon}, outcome: {value: success}, service: {value: console}, user: who}
"""


def test_a_mapping_reads_what_it_fits(program: Program, tmp_path: Path) -> None:
    mapping, log = tmp_path / "door.yaml", tmp_path / "door.csv"
    mapping.write_text(MAPPING)
    log.write_text("when,who\n2026-03-01T10:00:00Z,ann\n2026-03-01T10:00:01Z\n")
    answer = program.inside("parse", "--json", "--mapping", str(mapping), "--host", "gate", str(log))
    assert answer.code == 0
    event = answer.document()
    assert (event["user"], event["dst_host"], event["reader"], event["kind"]) == ("ann", "gate", "door", "logon")
    assert "1 x 1 cells where the header has 2" in answer.err
    assert "no log fits" not in answer.err
    taken = program.inside("ingest", "--mapping", str(mapping), str(log))
    assert (taken.code, taken.out.splitlines()[0]) == (0, "1 file: 1 added")
    mapping.write_text(MAPPING.replace("user: who", "user: who, src: {field: ip, default: ''}"))
    again = program.inside("ingest", "--mapping", str(mapping), str(log))
    assert again.out.splitlines()[0] == "1 file: 1 added"  # a changed mapping reads its logs again


def test_a_mapping_that_fits_nothing_is_named(program: Program, tmp_path: Path) -> None:
    mapping = tmp_path / "door.yaml"
    mapping.write_text(MAPPING)
    answer = program.inside("parse", "--mapping", str(mapping), "--year", "2026", "logs/vault")
    assert answer.code == 0
    assert "no log fits the mapping door" in answer.err


def test_a_wrong_mapping_is_told_with_its_place(program: Program, tmp_path: Path) -> None:
    for text, said in (
        (
            MAPPING.replace("user:", "usr:"),
            "door.yaml:4:101: 'columns' has no key 'usr'\n          did you mean 'user'?",
        ),
        (MAPPING.replace("door", "sshd"), "door.yaml: there is a reader named sshd\n"),
    ):
        (tmp_path / "door.yaml").write_text(text)
        answer = program.inside("ingest", "--mapping", str(tmp_path / "door.yaml"), "logs")
        assert (answer.code, answer.out) == (1, "")
        assert said in answer.err
    missing = program.inside("parse", "--mapping", "none.yaml", "logs")
    assert (missing.code, missing.err) == (1, "graphmap: none.yaml: No such file or directory\n")


def test_findings_in_an_archive_show_their_lines(program: Program, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "all"), "gztar", HERE / "logs")
    taken = program.inside("ingest", "--year", "2026", "--inventory", "inventory.yaml", archive)
    assert taken.out.splitlines()[0] == "4 files: 4 added"
    program.inside("hunt")
    listed = program.inside("findings", "list", "--json").documents()
    shown = program.inside("findings", "show", listed[0]["id"]).out
    line = listed[0]["lines"][0]
    assert line["file"].startswith(f"{archive}!./")
    text = (HERE / "logs" / line["file"].rpartition("!./")[2]).read_text().splitlines()[line["line"] - 1]
    assert text.partition("]: ")[2] in shown.replace("\n", " ")
