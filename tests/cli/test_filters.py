"""Each filter by one case that a boundary decides."""

from __future__ import annotations

import pytest

from tests.cli.program import Inside, Program


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        ("hops --since 2026-03-10T08:12:40Z", ["08:12:40", "08:20:20"]),
        ("hops --since 2026-03-10T08:12:40.000001Z", ["08:20:20"]),
        ("hops --since 2026-03-10T10:12:40+02:00", ["08:12:40", "08:20:20"]),
        ("hops --until 2026-03-09T08:10:00Z", ["02:00:00"]),
        ("hops --until 2026-03-10", ["02:00:00", "08:10:00"]),
        ("hops --from 10.9.3.7", ["08:12:40"]),
        ("hops --from 203.0.113.9", ["08:20:20"]),
        ("hops --to APP1.corp.example", ["08:11:30.900000"]),
        ("hops --user adm-anna", ["08:11:30.900000"]),
        ("sessions --host 10.9.9.2 --user root", ["08:12:40"]),
    ],
)
def test_filters_of_rows(hunted: Program, words: str, starts: list[str]) -> None:
    found = hunted.inside(*words.split(), "--json").documents()
    assert [row["start"][11:].rstrip("Z") for row in found] == starts


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--through jump", True),
        ("--through 198.51.100.7", True),
        ("--through spare", False),
        ("--user root", True),
        ("--user deploy", False),
        ("--since 2026-03-10T08:12:40Z", True),
        ("--since 2026-03-10T08:12:41Z", False),
        ("--until 2026-03-10T08:05:00.900001Z", True),
        ("--until 2026-03-10T08:05:00.900000Z", False),
        ("--min-hops 4", True),
        ("--min-hops 5", False),
    ],
)
def test_filters_of_chains(hunted: Program, words: str, found: bool) -> None:
    assert bool(hunted.inside("chains", "--json", *words.split()).documents()) is found


@pytest.mark.parametrize(
    ("words", "hosts"),
    [
        ("reach ws1 --at 2026-03-10T08:10:00Z", ["jump", "app1", "vault"]),
        ("reach ws1 --at 2026-03-10T08:10:01Z", []),
        ("reach ws1 --at 2026-03-10T08:10:00Z --window 2m", ["jump", "app1"]),
        ("reach ws1 --at 2026-03-09T08:00:00Z --window 1h", ["jump"]),
        ("origins vault --at 2026-03-10T08:13:00Z", ["app1", "jump", "ws1", "198.51.100.7"]),
        ("origins vault --at 2026-03-10T08:12:00Z", ["jump"]),
        ("origins vault --at 2026-03-10T08:13:00Z --window 2m", ["app1", "jump"]),
    ],
)
def test_time_of_pivot_questions(hunted: Program, words: str, hosts: list[str]) -> None:
    assert [row["host"] for row in hunted.inside(*words.split(), "--json").documents()] == hosts


def test_paths_take_time_and_names(hunted: Program) -> None:
    asked = ["paths", "--from", "10.9.1.11", "--to", "APP1.corp.example", "--json", "--at"]
    (path,) = hunted.inside(*asked, "2026-03-10T08:10:00Z").documents()
    assert path["hosts"] == ["ws1", "jump", "app1"]
    assert hunted.inside(*asked, "2026-03-10T08:10:00Z", "--window", "1m").documents() == []


def test_rare_ways_by_segment_and_count(hunted: Program) -> None:
    def ways(*words: str) -> list[tuple[str, str, str]]:
        return [(w["src"], w["user"], w["dst"]) for w in hunted.inside("rare", "--json", *words).documents()]

    assert ways("--max-count", "1") == [("app1", "root", "vault")]
    assert ways("--max-count", "2") == [("app1", "root", "vault"), ("jump", "backup", "vault")]
    assert ways("--segment", "servers") == [("jump", "adm-anna", "app1")]


def test_findings_by_detector_and_time(hunted: Program) -> None:
    def detectors(*words: str) -> set[str]:
        return {f["detector"] for f in hunted.inside("findings", "list", "--json", *words).documents()}

    assert detectors("--detector", "brute-force-success") == {"brute-force-success"}
    assert detectors("--since", "2026-03-10T08:13:00Z") >= {"brute-force-success"}
    assert detectors("--until", "2026-03-10T08:05:00Z") == set()


def test_limit_cuts_tables_and_says_so_but_not_json(hunted: Program) -> None:
    answer = hunted.inside("hops", "--limit", "3")
    assert len(answer.out.splitlines()) == 4
    assert answer.err == "showing 3 of 8; --limit 0 shows all\n"
    assert len(hunted.inside("hops", "--limit", "3", "--json").documents()) == 8
    assert hunted.inside("hops", "--limit", "0").err == ""


def test_zone_and_year_are_those_of_stamps_that_have_none(program: Program) -> None:
    def first(file: str, *words: str) -> str:
        found = program.ok("parse", "--json", *words, f"logs/{file}/auth.log").documents()
        return str(found[0]["time"])

    assert first("vault", "--year", "2024", "--timezone", "Europe/Berlin") == "2024-03-09T01:00:00Z"
    assert first("vault", "--year", "2026", "--timezone", "-05:00") == "2026-03-09T07:00:00Z"
    assert first("ws1", "--timezone", "Asia/Tokyo") == "2026-03-10T08:05:00.250000Z"
    tokyo = Inside(program.home, {"GRAPHMAP_TIMEZONE": "Asia/Tokyo"})
    found = tokyo.ok("parse", "--json", "--year", "2026", "logs/vault/auth.log").documents()
    assert found[0]["time"] == "2026-03-08T17:00:00Z"


def test_host_is_that_of_lines_without_one(program: Program) -> None:
    line = b"Mar 10 08:00:00 sshd[7]: Accepted password for eve from 192.0.2.1 port 5 ssh2\n"
    (event,) = program.ok("parse", "--json", "--year", "2026", "--host", "edge", "-", stdin=line).documents()
    assert (event["dst_host"], event["file"], event["line"]) == ("edge", "-", 1)
