"""Whatever a log says, it is only shown: no terminal, spreadsheet or markup takes it for an order."""

from __future__ import annotations

import csv
import os
import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import HERE, Program
from tests.cli.terminal import on_terminal

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u2066\u200b\x85\u2028\x7f[red]x[/red]"
"""Clear the screen, set the title, the C1 form of a colour, turn the direction, hide, break the line, rich's markup."""

SHOWN = r"\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u2066\u200b\x85\u2028\x7f[red]x[/red]"

LOG = (
    "Mar 10 08:00:00 web sshd[1]: Server listening on 0.0.0.0 port 22.\n"
    f"Mar 10 08:00:01 web sshd[2]: Accepted password for {ORDERS} from 192.0.2.7 port 4001 ssh2\n"
    f"Mar 10 08:00:02 web sshd[3]: Accepted {ORDERS}\n"
    '=HYPERLINK("http://192.0.2.9") sshd[4]: Accepted nothing at all\n'
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def _hidden(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}} - {"\n"}


def test_parse_shows_orders_as_text(program: Program, log: Path) -> None:
    answer = program.ok("parse", "--year", "2026", log)
    assert (
        answer.out == f"2026-03-10 08:00:01Z  web  accepted  success  {SHOWN}  from 192.0.2.7 port 4001  password  -\n"
    )
    assert _hidden(answer.out + answer.err) == set()


def test_tables_and_answers_show_orders_as_text(program: Program, log: Path) -> None:
    program.ok("ingest", "--year", "2026", log)
    for words in (["sessions"], ["hops"], ["chains", "--min-hops", "1", "--lines"], ["rare"], ["status", "--rejects"]):
        answer = program.ok(*words)
        assert SHOWN in answer.out
        assert _hidden(answer.out + answer.err) == set()


def test_json_gives_the_text_back_and_is_inert_itself(program: Program, log: Path) -> None:
    answer = program.ok("parse", "--json", "--year", "2026", log)
    assert answer.document()["user"] == ORDERS
    assert _hidden(answer.out) == set()


def test_csv_of_rejects_holds_no_formula_and_no_order(program: Program, log: Path, tmp_path: Path) -> None:
    program.ok("parse", "--year", "2026", log, "--rejects", tmp_path / "rejects.csv")
    text = (tmp_path / "rejects.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines())
    assert header == ["file", "line", "reason", "text"]
    assert [row[:2] + row[3:] for row in rows] == [
        [str(log), "3", f"Mar 10 08:00:02 web sshd[3]: Accepted {SHOWN}"],
        [str(log), "4", '\'=HYPERLINK("http://192.0.2.9") sshd[4]: Accepted nothing at all'],
    ]
    assert _hidden(text) <= {"\r"}


def test_names_of_files_are_shown_as_text_too(program: Program, tmp_path: Path) -> None:
    name = "a\x1b[2J[red]\n.log"
    (tmp_path / name).write_text(LOG, encoding="utf-8")
    answer = program("parse", tmp_path, "--year", "2026")
    assert _hidden(answer.out + answer.err) == set()
    missing = program("parse", "gone\x1b]0;owned\x07")
    assert missing.err.startswith(r"graphmap: gone\x1b]0;owned\x07 does not exist")


def test_a_file_name_need_not_be_text(program: Program, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.log")
    path.write_bytes((HERE / "logs/ws1/auth.log").read_bytes())
    parsed = program.ok("parse", "--json", path)
    assert {event["file"] for event in parsed.documents()} == {rf"{tmp_path}/caf\xe9.log"}
    assert program.ok("ingest", path).out.startswith("1 file: 1 added\n")
    assert program.ok("chains", "--min-hops", "1", "--lines").out


def test_progress_and_tables_on_a_terminal_carry_no_order_of_the_log(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "x\x1b[2J\x1b]0;owned\x07"
    folder.mkdir()
    (folder / "a.log").write_text(LOG, encoding="utf-8")
    screen = on_terminal(program, "ingest", "--year", "2026", str(folder), errors=True)
    assert "read" in screen
    assert "\x1b]0;" not in screen
    assert "\x1b[2J" not in screen
    screen = on_terminal(program, "sessions", errors=True)
    assert "\x1b]0;" not in screen
    assert "\x1b[2J" not in screen
