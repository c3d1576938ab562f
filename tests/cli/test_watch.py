"""`graphmap watch` as people and programs see it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.program import Program

LINE = b"2026-03-01T10:00:00Z db1 sshd[7]: Accepted password for bob from 10.0.0.1 port 5000 ssh2\n"
NONSENSE = b"2026-03-01T10:00:01Z db1 sshd[7]: Accepted nonsense from nowhere\n"
STANDING = (
    "name pid started updated state problem note behind lag rate lines events added duplicates rejects written caught_up"
    " listeners files"
)


def test_one_document_a_batch(program: Program) -> None:
    (batch,) = program.ok("watch", "-", "--json", stdin=LINE + NONSENSE).documents()
    assert list(batch) == [
        "time",
        "files",
        "lines",
        "events",
        "added",
        "duplicates",
        "rejects",
        "behind",
        "lag",
        "rate",
    ]
    assert [batch[name] for name in ("files", "lines", "events", "added", "duplicates", "rejects", "behind")] == [
        1, 2, 1, 1, 0, 1, 0,
    ]  # fmt: skip
    assert datetime.fromisoformat(batch["time"]).utcoffset() == timedelta(0)


def test_people_are_told_the_sums_and_where_it_stood(program: Program) -> None:
    assert program.ok("watch", "--status").err == "no watch has run in this home\n"
    done = program.ok("watch", "-", stdin=LINE + NONSENSE)
    assert (done.out, done.err) == ("", "2 lines: 1 event (1 new, 0 known), 1 not understood\n")
    header, row, *_ = program.ok("watch", "--status").out.splitlines()
    assert header.split() == ["watch", "state", "since", "lines", "new", "lines/s", "behind", "lag", "files"]
    assert row.split()[:2] == ["watch", "stopped"]
    assert [row.split()[place] for place in (4, 5, 7, 9)] == ["2", "1", "0", "1"]
    document = program.ok("watch", "--status", "--json").document()
    assert list(document) == STANDING.split()
    assert (document["state"], document["lines"], document["added"]) == ("stopped", 2, 1)
    assert [listener["messages"] for listener in document["listeners"]] == [2]


def test_a_watch_that_did_not_say_goodbye_is_gone(program: Program) -> None:
    program.ok("watch", "-", stdin=LINE)
    place = program.home / "watch" / "watch.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"state": "following"}))
    assert program.ok("watch", "--status", "--json").document()["state"] == "gone"


def test_a_file_names_what_to_watch_and_the_command_line_has_the_last_word(program: Program) -> None:
    program.home.mkdir()
    (program.home / "graphmap.toml").write_text('[watch.pipe]\npaths = ["-"]\nyear = 2024\n')
    line = b"Mar  1 10:00:00 db1 sshd[7]: Accepted password for bob from 10.0.0.1 port 5000 ssh2\n"
    program.ok("watch", stdin=line)
    program.ok("watch", "--name", "pipe", "--year", "2025", stdin=line)
    assert program.ok("watch", "--status", "--json").document()["name"] == "pipe"
    status = program.ok("status", "--json").document()
    assert (status["first"], status["last"]) == ("2024-03-01T10:00:00Z", "2025-03-01T10:00:00Z")


def test_what_cannot_be_done_is_said(program: Program) -> None:
    for words, message in (
        ((), "graphmap: nothing to watch"),
        (("--name", "x"), "no [watch.x]"),
        (("--syslog", "5514"), "graphmap: '5514' is no place to listen at"),
        (("--syslog", "tls://127.0.0.1:0"), "graphmap: a tls:// or https:// listener needs a certificate"),
        (("x", "--name", "../x"), "graphmap: '../x' cannot be a name"),
    ):
        answer = program("watch", *words)
        assert answer.code == 1
        assert message in answer.err
