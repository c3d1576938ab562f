"""A killed ingest, run again, gives what an undisturbed one gives; ingests at the same time do not disturb each other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from graphmap.store.ledger import Ledger
from tests.pipeline.logs import lines, reject_table, table, take, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 30


class Child(NamedTuple):
    """An ingest in a process of its own."""

    process: subprocess.Popen[str]

    def step(self) -> str:
        """Wait for the next step, at which it stops; empty where it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def child(root: Path, home: Path, *paths: Path, rows: int = ROWS, **environ: str) -> Iterator[Child]:
    command = [sys.executable, "-m", "tests.pipeline.stepwise", str(home), str(rows), *map(str, paths)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, cwd=root, env=os.environ | environ, stdin=pipe, stdout=pipe) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hosts, one in both formats, one appended to itself; two days; lines that nobody understands."""
    folder = tmp_path_factory.mktemp("logs")
    write(folder / "a.log", lines(60, host="a"))
    write(folder / "b.log", lines(60, host="b", fine=False))
    write(folder / "b-iso.log", lines(60, host="b"))
    write(folder / "c.log", lines(40, host="c", fine=False) * 2)
    return folder


def state(home: Path) -> tuple[object, ...]:
    """All that a home holds, sorted; without what only says how much was new in which run."""
    with Ledger(home / "ledger.sqlite") as ledger:
        files = [
            (file.fingerprint, file.name, file.lines, file.events, file.rejects, file.first, file.last)
            for file in ledger.files()
        ]
    return table(home), reject_table(home), files


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, logs: Path) -> tuple[object, ...]:
    home = tmp_path_factory.mktemp("undisturbed")
    take(home, logs, rows=ROWS)
    return state(home)


@pytest.fixture(scope="module")
def steps(root: Path, tmp_path_factory: pytest.TempPathFactory, logs: Path) -> list[str]:
    with child(root, tmp_path_factory.mktemp("steps"), logs, HOLD="0") as running:
        return list(iter(running.step, ""))


def test_there_are_many_moments_to_be_killed_at(steps: list[str]) -> None:
    assert len(steps) >= 25
    assert {"after write_deltalake", "before record_files", "after record_files"} <= set(steps)
    assert (steps[0], steps[-1]) == ("start", "end")


def test_killed_at_any_step_and_run_again(
    root: Path, tmp_path: Path, logs: Path, steps: list[str], undisturbed: tuple[object, ...]
) -> None:
    def killed_at(moment: int) -> bool:
        home = tmp_path / str(moment)
        with child(root, home, logs) as running:
            for step in steps[:moment]:
                assert running.step() == step
                running.go()
            assert running.step() == steps[moment]
            running.process.kill()
            assert running.process.wait() == -signal.SIGKILL
        take(home, logs, rows=ROWS)
        return state(home) == undisturbed

    with ThreadPoolExecutor(max_workers=3) as pool:
        results = list(pool.map(killed_at, range(len(steps))))
    assert [f"{moment}: {step}" for moment, step in enumerate(steps) if not results[moment]] == []


def test_killed_again_and_again_in_one_home(
    root: Path, tmp_path: Path, logs: Path, steps: list[str], undisturbed: tuple[object, ...]
) -> None:
    """Each run gets a little further than the one before it."""
    for moment in range(0, len(steps), 3):
        with child(root, tmp_path, logs) as running:
            for _ in range(moment):
                if not running.step():
                    break
                running.go()
    take(tmp_path, logs, rows=ROWS)
    assert state(tmp_path) == undisturbed


@pytest.mark.parametrize(
    ("step", "limit"),
    [
        *(("before __init__", limit) for limit in (0, 4096, 20_000)),
        *(("before _create", limit) for limit in (0, 1, 700)),
        *(("before write_deltalake", limit) for limit in (0, 4, 100, 700, 2000)),
        *(("before record_files", limit) for limit in (0, 4096)),
    ],
)
def test_killed_in_the_middle_of_a_file(
    root: Path, tmp_path: Path, logs: Path, undisturbed: tuple[object, ...], step: str, limit: int
) -> None:
    """The kernel kills the process within a write: that file of the lake or of the ledger is cut short there."""
    with child(root, tmp_path, logs, HOLD="0", LIMIT=str(limit), AT=step) as running:
        assert list(iter(running.step, ""))[-1] == step
        assert running.process.wait() == -signal.SIGXFSZ
    take(tmp_path, logs, rows=ROWS)
    assert state(tmp_path) == undisturbed


@pytest.mark.parametrize("apart", [False, True], ids=["the same folder", "different files"])
def test_ingests_at_the_same_time_keep_each_event_once(root: Path, tmp_path: Path, logs: Path, apart: bool) -> None:
    files = sorted(logs.iterdir())
    shares = [files[:2], files[2:]] if apart else [[logs], [logs], [logs]]
    home = tmp_path / "home"
    running = []
    for share in shares:
        command = [sys.executable, "-m", "tests.pipeline.stepwise", str(home), "7", *map(str, share)]
        running.append(subprocess.Popen(command, cwd=root, env=os.environ | {"HOLD": "0"}, stdout=subprocess.PIPE))
    for process in running:
        output, _ = process.communicate()
        assert (process.returncode, output.split()[-1]) == (0, b"end")
    take(tmp_path / "alone", logs)
    assert keys(home) == keys(tmp_path / "alone")
    assert len(reject_table(home)) == len(reject_table(tmp_path / "alone"))


def keys(home: Path) -> list[tuple[object, ...]]:
    """What tells the events apart; who comes first decides which of two formats gives the time."""
    found = table(home, "dst_host", "time", "pid", "repeat", "kind")
    return sorted((host, time.replace(microsecond=0), *rest) for host, time, *rest in found)
