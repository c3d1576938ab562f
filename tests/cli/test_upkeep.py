"""Copies of a home folder, and what is wrong with one."""

from __future__ import annotations

import sqlite3
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.store.lake import Lake
from graphmap.watch.standing import standings
from tests.cli.program import HERE, Inside, Program
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = ("status --json", "findings list --json", "hops --json", "suppressions list --json")


@pytest.fixture
def filled(hunted: Program) -> Program:
    return Inside(hunted.home)


def test_a_restored_home_gives_the_same_answers(filled: Program, tmp_path: Path) -> None:
    file = tmp_path / "copy.tar"
    said = filled.ok("backup", file).out
    assert said.startswith(f"{file} holds 34 events and ")
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    other = Inside(tmp_path / "restored")
    assert other.ok("restore", file).out == said.replace(str(file), str(other.home))
    assert other.home.stat().st_mode & 0o777 == 0o700
    for question in QUESTIONS:
        assert other.ok(*question.split()).documents() == filled.ok(*question.split()).documents()
    assert "already" in other.ok("ingest", "--year", "2026", "logs").out


@pytest.mark.slow
def test_a_copy_made_while_others_write_loses_nothing_that_cannot_be_read_again(tmp_path: Path) -> None:
    """Whatever the moment: after a restore, the same ingest gives the same lake."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(12):
        lines = (
            f"2026-03-{day:02}T10:{number:02}:00Z h{number} sshd[{day}]: Accepted password for u from 10.0.0.1 port {day} ssh2"
            for day in range(1, 29)
        )
        (logs / f"h{number}.log").write_text("\n".join(lines) + "\n")
    source = Inside(tmp_path / "home")
    files: list[Path] = []
    writers = [
        subprocess.Popen(
            source.command("ingest", *(str(logs / f"h{number}.log") for number in range(part, 12, 2))),
            env=source.environment(), cwd=HERE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for part in range(2)
    ]  # fmt: skip
    while any(writer.poll() is None for writer in writers) or not files:
        if source.home.is_dir():
            files.append(tmp_path / f"copy{len(files)}.tar")
            source.ok("backup", files[-1])
    assert [writer.returncode for writer in writers] == [0, 0]
    expected = 12 * 28
    assert Lake(Settings(source.home).lake).summary().events == expected
    for number, file in enumerate(files[:: max(1, len(files) // 4)]):
        copy = Inside(tmp_path / f"restored{number}")
        copy.ok("restore", file)
        copy.ok("ingest", logs)
        assert Lake(Settings(copy.home).lake).summary().events == expected


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[: len(data) // 2], "is no backup of graphmap, or is damaged: "),
        (lambda _data: b"PK", "is no backup of graphmap, or is damaged: "),
        (lambda _data: b"", "is no backup of graphmap, or is damaged: "),
    ],
    ids=["cut", "other", "empty"],
)
def test_what_is_no_whole_copy_makes_no_home(filled: Program, tmp_path: Path, damage: object, said: str) -> None:
    file = tmp_path / "copy.tar"
    filled.ok("backup", file)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator] # one of the functions above
    other = Inside(tmp_path / "restored")
    answer = other("restore", file)
    assert answer.code == 1
    assert answer.err.startswith(f"graphmap: {file} {said}")
    assert list(tmp_path.iterdir()) == [file]


def test_a_copy_that_would_write_elsewhere_is_refused(filled: Program, tmp_path: Path) -> None:
    file, outside = tmp_path / "copy.tar", tmp_path / "outside"
    filled.ok("backup", file)
    with tarfile.open(file, "a") as archive:
        outside.write_text("x")
        archive.add(outside, "../outside2")
    answer = Inside(tmp_path / "restored")("restore", file)
    assert answer.code == 1
    assert not (tmp_path / "outside2").exists()


def test_a_home_that_holds_something_is_left_alone(filled: Program, tmp_path: Path) -> None:
    filled.ok("backup", tmp_path / "copy.tar")
    answer = filled("restore", tmp_path / "copy.tar")
    assert (answer.code, answer.err.splitlines()[0]) == (1, f"graphmap: {filled.home} is not empty")
    answer = filled("backup", tmp_path / "none" / "copy.tar")
    assert answer.code == 1
    assert answer.err.startswith(f"graphmap: {tmp_path}/none/copy.tar cannot be written: ")


def grades(program: Program) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for check in program("doctor", "--json").documents():
        found.setdefault(check["name"], []).append(check["grade"])
    return found


def test_the_doctor_looks_at_everything(filled: Program) -> None:
    assert grades(filled) == {
        "settings": ["ok"],
        "permissions": ["ok"],
        "disk": ["ok"],
        "ledger": ["ok"],
        "lake": ["ok"],
        "rejects": ["warning"],
        "time": ["ok"],
        "coverage": ["warning"],
        "clocks": ["ok"],
    }
    answer = filled("doctor")
    assert (answer.code, answer.err) == (0, "0 failures, 2 warnings\n")
    assert "1 host of the inventory without any event: " in answer.out


def test_the_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    program = Inside(tmp_path / "home")
    assert grades(program) == {"settings": ["ok"], "home": ["warning"]}
    program.home.mkdir(mode=0o755)
    ahead = datetime.now(UTC) + timedelta(days=300)
    log = f"{ahead:%Y-%m-%dT%H:%M:%SZ} db1 sshd[1]: Accepted password for root from 10.0.0.1 port 1 ssh2\n"
    (tmp_path / "a.log").write_text(log)
    program.ok("ingest", tmp_path / "a.log")
    (program.home / "graphmap.toml").write_text("[jobs.push]\nevery = '1h'\n")
    program("jobs", "run", "push")
    found = grades(program)
    assert (found["permissions"], found["time"]) == (["warning"], ["warning"])
    assert found["jobs"] == ["warning", "failure"]  # nothing schedules it, and by hand it failed
    assert program("doctor").code == 1
    (program.home / "graphmap.toml").write_text("[jobs.push]\nevry = '1h'\n")
    (program.home / "policy.yaml").write_text("zones: 3\n")
    found = grades(program)
    assert (found["jobs"], found["policy"]) == (["failure"], ["failure"])
    (program.home / "graphmap.toml").write_text("gap = 'soon'\n")
    assert grades(program) == {"settings": ["failure"]}


def test_the_doctor_looks_at_what_runs_by_itself(tmp_path: Path) -> None:
    program = Inside(tmp_path / "home")
    (tmp_path / "a.log").write_text(
        "2026-03-10T12:00:00Z db1 sshd[1]: Accepted password for u from 10.0.0.1 port 1 ssh2\n"
    )
    with (tmp_path / "said").open("w") as said, subprocess.Popen(
        program.command("watch", tmp_path / "a.log"), env=program.environment(), cwd=HERE,
        stdin=subprocess.DEVNULL, stdout=said, stderr=said,
    ) as watch:  # fmt: skip
        try:
            settings = Settings(program.home)
            wait_for(
                lambda: watch.poll() is not None or [one for one in standings(settings) if one.state == "following"],
                "it follows",
            )
            assert watch.poll() is None, (tmp_path / "said").read_text()
            assert grades(program)["watch"] == ["ok"]
        finally:
            watch.kill()
    assert grades(program)["watch"] == ["failure"]
    (program.home / "graphmap.toml").write_text("[alerts.hook]\nkind = 'file'\npath = 'told.ndjson'\n")
    assert grades(program)["alerts"] == ["ok"]
    (program.home / "graphmap.toml").write_text("[alerts.hook]\nkind = 'pigeon'\n")
    assert grades(program)["alerts"] == ["failure"]


def test_the_doctor_names_a_ledger_that_is_damaged(tmp_path: Path) -> None:
    program = Inside(tmp_path / "home")
    program.home.mkdir(mode=0o700)
    with sqlite3.connect(program.home / "ledger.sqlite") as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    connection.close()
    assert grades(program)["ledger"] == ["failure"]
