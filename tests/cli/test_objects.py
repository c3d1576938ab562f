"""The whole job with the lake in an object store: the same answers as with a folder."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.pipeline.estate import load_estate
from graphmap.store.lake import Lake
from tests.api.serving import serving
from tests.cli.program import HERE, Inside, Program, expected
from tests.objects import READER, Objects
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = {
    "sessions": "sessions",
    "hops": "hops",
    "chains": "chains",
    "rare": "rare",
    "paths": "paths --from ws1 --to vault",
    "reach": "reach ws1",
    "radius": "radius ws1",
    "status": "status",
    "rejects": "status --rejects",
    "coverage": "coverage",
    "findings": "findings list",
}


@pytest.fixture
def program(object_store: Objects, lake_url: str, tmp_path: Path) -> Program:
    """The program, whose lake is in the store."""
    return Inside(tmp_path / "home", object_store.environ() | {"GRAPHMAP_LAKE": lake_url})


def test_the_same_answers(program: Program, hunted: Program, lake_url: str, tmp_path: Path) -> None:
    program.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    assert "already" in program.ok("ingest", "--year", "2026", "logs").out
    program.ok("jobs", "run", "hunt")
    for name, words in QUESTIONS.items():
        assert program.ok(*words.split(), "--json").documents() == expected(name), name
    finding = expected("findings")[0]["id"]
    for words in (f"findings show {finding}", f"findings show --json {finding}"):
        assert program.ok(*words.split()).out == hunted.ok(*words.split()).out
    program.ok("jobs", "run", "compact")
    assert program.ok("status", "--json").documents() == expected("status")
    assert f"at {lake_url}" in program.ok("doctor").out
    assert not (program.home / "lake").exists()

    stored = load_estate(Settings(program.home, lake_url=lake_url), cached_from=0)
    here = load_estate(Settings(hunted.home))
    assert stored.hops.drop("first_log", "last_log", strict=False).equals(here.hops, null_equal=True)

    said = program.ok("backup", tmp_path / "copy.tar")
    assert said.out.startswith(f"{tmp_path / 'copy.tar'} holds 7 findings, as of ")
    assert said.err == f"the lake is at {lake_url} and not in it: copy it after this by the object store's own means\n"
    other = Inside(tmp_path / "restored", program.environ)
    assert other.ok("restore", tmp_path / "copy.tar").out.startswith(f"{other.home} holds 7 findings, as of ")
    assert other.ok("findings", "list", "--json").documents() == expected("findings")


def test_a_server_that_may_only_read(
    program: Program, object_store: Objects, monkeypatch: pytest.MonkeyPatch, lake_url: str
) -> None:
    program.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    monkeypatch.setenv("GRAPHMAP_LAKE", lake_url)
    for name, value in object_store.environ(READER).items():
        monkeypatch.setenv(name, value)
    with serving(program.home) as server, server.client() as client:
        assert client.get("/rejects").json()["total"] == len(expected("rejects"))
        session = client.get("/sessions", params={"outcome": "success", "limit": 1}).json()["items"][0]
        place = f"{session['lines'][0]['file']}:{session['lines'][0]['line']}"
        assert client.get("/events", params={"at": place}).json()["total"] == 1


def test_a_watch_and_an_ingest_write_into_one_lake(program: Program, tmp_path: Path, lake_url: str) -> None:
    """Processes with homes of their own: what both are given is there once."""
    lines = (HERE / "logs" / "jump" / "auth.log").read_bytes()
    other = Inside(tmp_path / "other", program.environ)
    watching = subprocess.Popen(
        program.command("watch", "-", "--year", "2026"), stdin=subprocess.PIPE, env=program.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    ingesting = subprocess.Popen(
        other.command("ingest", "--year", "2026", "logs"), env=other.environment(), cwd=HERE,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    watching.communicate(lines, timeout=120)
    assert (watching.returncode, ingesting.wait(120)) == (0, 0)
    alone = Inside(tmp_path / "alone")
    alone.ok("ingest", "--year", "2026", "logs")
    there, here = (Lake(place).scan().collect() for place in (lake_url, alone.home / "lake"))
    columns = ["time", "dst_host", "user", "kind", "repeat"]
    assert there[columns].sort(columns).equals(here[columns].sort(columns))


def test_a_killed_ingest_is_made_up_for(program: Program, lake_url: str) -> None:
    ingesting = subprocess.Popen(
        program.command("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml"),
        env=program.environment(), cwd=HERE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(lambda: Lake(lake_url).snapshot().version is not None, "a table")
    ingesting.kill()
    ingesting.wait(120)
    program.ok("ingest", "--year", "2026", "logs", "--inventory", "inventory.yaml")
    program.ok("hunt")
    assert program.ok("status", "--json").documents() == expected("status")
    assert program.ok("findings", "list", "--json").documents() == expected("findings")


def test_trouble_is_told_in_a_sentence(program: Program) -> None:
    program.environ["AWS_SECRET_ACCESS_KEY"] = "hunter2"
    answer = program("status")
    assert answer.code == 1
    said, *_ = answer.err.splitlines()
    assert said == (
        f"graphmap: {program.environ['GRAPHMAP_LAKE']}/events: the object store does not know these credentials"
    )
    assert "hunter2" not in answer.err


def test_files_that_went_away_are_told_in_a_sentence(program: Program, object_store: Objects, lake_url: str) -> None:
    program.ok("ingest", "--year", "2026", "logs")
    object_store.remove(f"{lake_url}/events/day=2026-03-10")
    answer = program("hops")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[0] == "graphmap: a file of the lake is not there any more"


def test_the_demo_is_in_a_home_of_its_own(program: Program) -> None:
    """Invented logons never come into the lake of a team."""
    program.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    program.ok("demo")
    assert (program.home / "demo" / "lake" / "events").is_dir()
