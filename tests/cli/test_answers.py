"""Whole answers over the test logs, field by field and in order."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from graphmap.tables import EVENTS
from tests.cli.program import HERE, Document, Program, expected

if TYPE_CHECKING:
    from pathlib import Path

HOP = [
    "start",
    "end",
    "src",
    "dst",
    "user",
    "service",
    "method",
    "key",
    "certainty",
    "basis",
    "lines",
    "witnesses",
    "missing",
]
CHAIN = ["id", "hosts", "users", "start", "end", "certainty", "score", "hops"]
FINDING = [
    "id", "detector", "technique", "severity", "score", "title", "why", "hosts", "users", "first", "last", "hops",
    "lines", "p_value", "state", "assignee", "note", "marked", "judged_by", "judged_at", "hidden_by",
]  # fmt: skip
SESSION = [
    "start", "end", "host", "src", "src_port", "user", "service", "method", "key", "cert_id", "command", "lines",
    "bytes_in", "bytes_out", "client", "witnesses", "missing",
]  # fmt: skip
WAY = [
    "src", "user", "dst", "service", "method", "count", "failures", "first", "last", "days",
    "src_segment", "dst_segment", "policy",
]  # fmt: skip
STATUS = ["events", "first", "last", "files", "rejects", "findings", "inventory", "hosts", "blind", "clocks", "hidden"]


@pytest.mark.parametrize(
    ("name", "words", "fields"),
    [
        ("sessions", "sessions", SESSION),
        ("hops", "hops", HOP),
        ("chains", "chains", CHAIN),
        ("findings", "findings list", FINDING),
        ("rare", "rare", WAY),
        ("paths", "paths --from ws1 --to vault", CHAIN),
        ("reach", "reach ws1", ["host", "segment", "arrival", "certainty", "hosts", "users", "hops"]),
        ("origins", "origins vault", ["host", "segment", "departure", "certainty", "hosts", "users", "hops"]),
        ("radius", "radius ws1", ["segment", "hosts", "first", "names"]),
        ("chokepoints", "chokepoints safe", ["kind", "name", "cut", "chains", "share"]),
        ("status", "status", STATUS),
        ("rejects", "status --rejects", ["file", "line", "reason", "text"]),
        ("readers", "readers", ["name", "title"]),
        (
            "coverage",
            "coverage",
            ["host", "first", "last", "days", "events", "answers", "not_evaluable", "detectors", "learning"],
        ),
    ],
)
def test_answer(hunted: Program, name: str, words: str, fields: list[str]) -> None:
    found = hunted.ok(*words.split(), "--json").documents()
    assert found == expected(name)
    assert all(list(document) == fields for document in found)


def test_parse_prints_every_event_with_every_column(program: Program) -> None:
    answer = program.ok("parse", "--json", "--year", "2026", "logs")
    assert answer.documents() == expected("events")
    assert all(list(document) == list(EVENTS) for document in answer.documents())
    assert answer.err.splitlines() == [
        "37 lines: 34 events, 1 without an event, 2 of other programs, 1 not understood",
        "  1 x sshd message not understood, first at logs/jump/auth.log:13",
    ]
    assert not program.home.exists()


def test_ingest_accounts_for_every_file_and_takes_none_twice(program: Program) -> None:
    again = [
        document
        | {"status": "already"}
        | dict.fromkeys(("lines", "events", "logons", "failures", "added", "context", "other", "rejects"), 0)
        for document in expected("ingest")
    ]
    assert program.ok("ingest", "--json", "--year", "2026", "logs").documents() == expected("ingest")
    assert program.ok("ingest", "--json", "--year", "2026", "logs").documents() == again
    said = program.ok("ingest", "--year", "2026", "logs")
    assert said.out == "4 files: 4 already\n"


def test_hunt_stores_what_it_prints_and_a_second_hunt_changes_nothing(program: Program) -> None:
    program.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    first, second = program.ok("hunt", "--json"), program.ok("hunt", "--json")
    assert first.documents() == second.documents() == expected("findings")
    blind = (
        "not evaluable (graphmap coverage says why): planted-key, tampering, silence, client-software on all 4 hosts;"
        " tunnel, proxy-jump, control-master, staging on jump, ws1 (2 of 4 hosts)\n"
    )
    young = (
        "too little to compare with yet: asset-profile needs 7 days and 10 logons of a host; service-account needs 7 days"
        " and 10 logons of an account; rare-edge needs 1,000 logons of everybody; key-new-source needs 7 days and 5 logons"
        " of a key; distant-sessions needs 7 days of an account; unusual-movement needs 15 days of everybody\n"
    )
    assert first.err == f"2 stories of 7 findings: 7 new, 0 changed, 0 known\n{blind}{young}"
    assert second.err == f"2 stories of 7 findings: 0 new, 0 changed, 7 known\n{blind}{young}"


def test_the_coverage_of_one_host(hunted: Program) -> None:
    answer = hunted.ok("coverage", "10.9.9.2")
    assert answer.out.splitlines() == [
        "question                first                 last                  days  events",
        "who logged on           2026-03-09 02:00:00Z  2026-03-10 08:12:40Z     2       3",
        "when sessions ended     2026-03-09 02:00:30Z  2026-03-10 02:00:30Z     2       2",
        "with which key          2026-03-09 02:00:00Z  2026-03-10 02:00:00Z     2       2",
        "what a session started  2026-03-10 08:12:40Z  2026-03-10 08:12:40Z     1       1",
    ]
    said = answer.err.splitlines()
    assert said[0].startswith("not evaluable: which clients were started: no started client was ever reported: ")
    assert said[-7:-5] == [
        "cannot look here: planted-key, tampering, silence, client-software",
        "too little to compare with yet: asset-profile needs 7 days and 10 logons of a host",
    ]


def test_one_finding_by_the_beginning_of_its_id(hunted: Program) -> None:
    finding = expected("findings")[0]
    quoted = [line | {"text": _text(line), "problem": None} for line in finding["lines"]]
    assert hunted.ok("findings", "show", "--json", finding["id"][:6]).document() == finding | {"lines": quoted}


def test_why_a_line_of_a_finding_cannot_be_shown(program: Program, tmp_path: Path) -> None:
    shutil.copytree(HERE / "logs", tmp_path / "logs")
    program.ok("ingest", "--year", "2026", tmp_path / "logs")
    finding = program.ok("hunt", "--json").documents()[0]
    shutil.rmtree(tmp_path / "logs")
    lines = program.ok("findings", "show", "--json", finding["id"]).document()["lines"]
    assert [(line["text"], line["problem"] is None) for line in lines] == [(None, False)] * len(finding["lines"])


def test_a_finding_is_shown_with_its_reasons_hops_and_lines(hunted: Program) -> None:
    (finding,) = (f for f in expected("findings") if f["detector"] == "brute-force-success")
    assert hunted.ok("findings", "show", finding["id"]).out.splitlines() == [
        "5 refused logons, then deploy got in: 203.0.113.9 -> jump",
        f"{finding['id']}  brute-force-success  T1110  score {finding['score']:.2f}  high",
        "",
        "Why",
        *(f"  {why}" for why in finding["why"]),
        "",
        "Hops",
        "  1   2026-03-10 08:20:20Z  203.0.113.9 -> jump  deploy  password  start",
        "",
        "Lines",
        *_quoted(finding),
    ]


def _text(line: Document) -> str:
    text: str = (HERE / line["file"]).read_text().splitlines()[line["line"] - 1]
    return text


def _quoted(finding: Document) -> list[str]:
    log = (HERE / "logs/jump/auth.log").read_text().splitlines()
    assert {line["file"] for line in finding["lines"]} == {"logs/jump/auth.log"}
    numbers = [line["line"] for line in finding["lines"]]
    return [text for n in numbers for text in (f"  logs/jump/auth.log:{n}", f"    {log[n - 1]}")]


def test_without_an_inventory_hosts_are_learned_from_the_logs(program: Program) -> None:
    program.ok("ingest", "--year", "2026", "logs")
    chains = program.ok("chains", "--json").documents()
    assert [chain["hosts"] for chain in chains] == [["198.51.100.7", "ws1", "jump", "app1.corp.example", "vault"]]
    assert program.ok("status", "--json").document()["inventory"] == "none"


def test_tables_say_the_same_to_people(hunted: Program) -> None:
    chains = hunted.ok("chains", "--lines").out
    (chain,) = expected("chains")
    assert chains.splitlines()[0] == f"{chain['id']}  score 4.50  certainty 1.00  {' -> '.join(chain['hosts'])}"
    assert [line.strip() for line in chains.splitlines() if line.startswith("      ")] == [
        f"{line['file']}:{line['line']}" for hop in chain["hops"] for line in hop["lines"]
    ]
    header, *rows = hunted.ok("hops").out.splitlines()
    assert " ".join(header.split()) == "start end from to user method key origins certainty basis seen by"
    assert len(rows) == len(expected("hops"))
    assert rows[6] == (
        "2026-03-10 08:12:40Z      -                         app1          vault  root      password   -          "
        "                1       1.00  open session  server"
    )
