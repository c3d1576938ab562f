"""What can go wrong is said in words, with the exit code that the help names."""

from __future__ import annotations

import gzip
import signal
import subprocess
import time
from pathlib import Path

import pytest

from graphmap.cli import main
from graphmap.cli.app import graphmap as program_
from tests.cli.program import HERE, Inside, Program


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    """The program in this process, with nothing in its home."""
    return Inside(tmp_path / "home")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("origins vualt", "no host or source named 'vualt'\n          did you mean vault?"),
        ("chains --through 10.0.0.1", "no host or source named '10.0.0.1'\n"),
        ("hops --to zzz", "no host or source named 'zzz'\n          graphmap status lists the hosts"),
        ("reach 203.0.113.9", "203.0.113.9 is no known host\n          an address that no host owns is a source only"),
        ("rare --segment lab", "no segment 'lab' in the inventory\n          one of: office, dmz, servers, safe"),
        ("findings show f-zz", "no finding 'f-zz'\n          graphmap findings list shows them"),
        ("findings show f-", "7 findings start with 'f-'"),
        ("findings list --detector spy", "no 'spy' in graphmap.detectors\n          one of: "),
        ("hunt --detector spy", "no 'spy' in graphmap.detectors\n          one of: "),
        ("parse nowhere", "nowhere does not exist\n"),
        ("ingest nowhere/*.log", "no file fits the pattern nowhere/*.log\n"),
        ("parse logs --rejects /nowhere/x.csv", "/nowhere/x.csv: No such file or directory\n"),
        ("ingest logs --inventory none.yaml", "none.yaml: No such file or directory\n"),
        ("ingest logs --inventory logs/ws1/auth.log", "logs/ws1/auth.log is no inventory"),
    ],
)
def test_what_cannot_be_done_is_exit_code_1(hunted: Program, words: str, said: str) -> None:
    answer = hunted.inside(*words.split())
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"graphmap: {said}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("chain", "No such command 'chain'"),
        ("chains --since yesterday", "'yesterday' is no time; write 2026-03-13T02:47:29Z or 2026-03-13"),
        ("chains --until 2026-02-30", "'2026-02-30' is no time"),
        ("reach ws1 --at 9999-12-31", "no log is of the year 9999"),
        ("origins vault --at 0001-01-01", "no log is of the year 1"),
        ("reach ws1 --window soon", "'soon' is no length of time; write it like 90s, 15m, 24h, 1h30m or 7d"),
        ("reach ws1 --window 0h", "'0h' is no length of time"),
        ("parse logs --timezone Mars/Olympus", "no time zone 'Mars/Olympus'; write UTC, an offset such as +02:00"),
        ("parse logs --year 12", "12 is not in the range 1970<=x<=9999"),
        ("parse", "Missing argument 'PATH...'"),
        ("paths --from ws1", "Missing option '--to'"),
        ("hops --limit -1", "-1 is not in the range x>=0"),
        ("completion tcsh", "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
        ("status --home inventory.yaml", "Directory 'inventory.yaml' is a file"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    words: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HERE)
    monkeypatch.setattr("sys.argv", ["graphmap", *words.split()])
    with pytest.raises(SystemExit) as exit_:
        main()
    out, err = capsys.readouterr()
    assert (exit_.value.code, out) == (2, "")
    assert said in err
    assert "Usage: graphmap" in err


def test_a_mistake_in_the_inventory_is_shown_with_its_place_and_nothing_is_read(
    program: Program, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("hosts:\n  - {name: a}\n  - {name: b, colour: red}\n")
    answer = program("ingest", "logs", "--inventory", bad)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"graphmap: {bad}:3:15: ")
    assert "colour" in answer.err
    assert not program.home.exists()


def test_what_is_read_in_part_is_exit_code_3(program: Program, tmp_path: Path) -> None:
    (tmp_path / "picture.bin").write_bytes(bytes(range(256)))
    (tmp_path / "cut.log.gz").write_bytes(gzip.compress((HERE / "logs/ws1/auth.log").read_bytes())[:-30])
    beside = program("ingest", "--year", "2026", "logs", tmp_path / "picture.bin")
    assert (beside.code, beside.out.splitlines()[0]) == (0, "5 files: 4 added, 1 unrecognised")
    assert beside.err.splitlines()[0] == f"no reader knows the format of {tmp_path}/picture.bin"
    alone = program("ingest", tmp_path / "picture.bin")
    assert (alone.code, alone.out) == (3, "1 file: 1 unrecognised\n")
    torn = program("ingest", tmp_path / "cut.log.gz")
    assert (torn.code, torn.out.splitlines()[0]) == (3, "1 file: 1 partial")
    assert torn.err.splitlines()[0] == f"partial: {tmp_path}/cut.log.gz: compressed stream ends early"
    parsed = program("parse", tmp_path / "picture.bin", "--json")
    assert (parsed.code, parsed.out) == (3, "")
    assert parsed.err.endswith(f"not read: {tmp_path}/picture.bin: no reader knows this format\n")


def test_something_new_to_read_is_exit_code_4_only_when_asked(inside: Inside) -> None:
    inside.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    assert inside("hunt", "--exit-code").code == 4
    assert inside("hunt", "--exit-code").code == 0
    assert inside("hunt", "--exit-code", "--min-hops", "5").code == 0


@pytest.mark.parametrize("words", ["chains", "hops", "sessions", "rare"])
def test_an_empty_home_says_what_to_do(program: Program, words: str) -> None:
    answer = program.ok(words)
    assert answer.out == ""
    assert answer.err == "no events yet: graphmap ingest PATH... brings logs in, graphmap demo shows how\n"


def test_an_empty_home_has_no_findings_and_no_status_worth_a_name(inside: Inside) -> None:
    assert inside.ok("hunt").err == "0 stories of 0 findings: 0 new, 0 changed, 0 known\n"
    assert inside.ok("findings").err == "no findings stored: graphmap hunt looks for some\n"
    state = inside.ok("status", "--json").document()
    assert state == {
        "events": 0, "first": None, "last": None, "files": 0, "rejects": 0, "findings": 0, "inventory": "none",
        "hosts": [], "blind": [], "clocks": [], "hidden": 0,
    }  # fmt: skip
    assert inside.ok("status", "--rejects").err == "every line was understood\n"
    assert inside("origins", "db1").code == 1


def test_a_filter_that_leaves_nothing_says_so(hunted: Program) -> None:
    for words in ("sessions --user nobody", "hops --user nobody", "findings list --since 2027-01-01"):
        answer = hunted.inside(*words.split())
        assert answer.out == ""
        assert answer.err.startswith("no ")
        assert answer.err.endswith(" matches\n")
    assert hunted.inside("chains", "--min-hops", "9").err == "no chain of 9 hops or more among 8 hops matches\n"
    assert hunted.inside("paths", "--from", "vault", "--to", "ws1").err == "no path in time from vault to ws1\n"
    assert hunted.inside("reach", "spare").err == "nothing was reached from spare\n"
    assert hunted.inside("origins", "spare").err == "nothing led to spare\n"


def test_a_ledger_that_is_none_is_named(inside: Inside) -> None:
    inside.home.mkdir()
    (inside.home / "ledger.sqlite").write_bytes(b"this is no database" * 100)
    for words in (["status"], ["findings"], ["hunt"], ["ingest", "logs"]):
        answer = inside(*words)
        assert (answer.code, answer.out) == (1, "")
        assert "ledger.sqlite" in answer.err


def test_a_lake_that_is_damaged_is_named(inside: Inside) -> None:
    inside.ok("ingest", "--year", "2026", "logs")
    logs = sorted((inside.home / "lake/events/_delta_log").glob("*.json"))
    assert logs
    for log in logs:
        log.write_text("{not json\n")
    for words in (["status"], ["chains"], ["hunt"], ["ingest", "--year", "2027", "logs"]):
        answer = inside(*words)
        assert (answer.code, answer.out) == (1, ""), words
        assert str(inside.home / "lake") in answer.err


def test_an_edited_inventory_copy_is_an_error_of_that_file(inside: Inside) -> None:
    inside.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    (inside.home / "inventory.yaml").write_text("hosts: 7\n")
    answer = inside("chains")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"graphmap: {inside.home}/inventory.yaml:1:8: ")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GRAPHMAP_TIMEZONE", "Nowhere", "GRAPHMAP_TIMEZONE: no time zone 'Nowhere'"),
        ("GRAPHMAP_GAP", "long", "GRAPHMAP_GAP: 'long' is no length of time"),
    ],
)
def test_a_bad_variable_is_named(program: Program, variable: str, value: str, said: str) -> None:
    answer = Program(program.home, {variable: value})("status")
    assert (answer.code, answer.out) == (1, "")
    assert said in answer.err


def test_interruption_is_exit_code_130_and_leaves_no_trace(program: Program) -> None:
    with subprocess.Popen(
        program.command("parse", "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=program.environment(), cwd=HERE, text=True,
    ) as process:  # fmt: skip
        _wait_until_it_reads(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.strip() == "graphmap: interrupted\n          what was acknowledged is kept; run it again to go on"


def _wait_until_it_reads(pid: int) -> None:
    """Wait for the process to block on its standard input, as the kernel tells (proc(5), wchan)."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        number = Path(f"/proc/{pid}/syscall").read_text().split()[:2]
        if number == ["0", "0x0"]:
            return
    pytest.fail("it never read its standard input")


def test_a_bug_is_called_one_and_shows_its_trace_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("one by none")

    monkeypatch.setattr("sys.argv", ["graphmap", "readers"])
    monkeypatch.setattr(program_.commands["readers"], "callback", broken)
    monkeypatch.delenv("GRAPHMAP_DEBUG", raising=False)
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 1
    assert capsys.readouterr().err == (
        "graphmap: this is a bug: ZeroDivisionError: one by none\n"
        "          GRAPHMAP_DEBUG=1 shows where; please report it\n"
    )
    monkeypatch.setenv("GRAPHMAP_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main()
