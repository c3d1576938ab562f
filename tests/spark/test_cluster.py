"""A real cluster: what it is sent, and ingests whose executor or driver is killed in the middle."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from graphmap.store.lake import Lake
from tests.cli.program import CODE, Program
from tests.pipeline.logs import lines, reject_table, table, write
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.clusters import Cluster

pytestmark = pytest.mark.slow

SECONDS = 600
"""A run that takes longer hangs."""

FILES, LINES = 8, 6_000
"""Enough that a kill falls into the reading; answers are compared wherever it falls."""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for number in range(FILES):
        write(folder / f"{number}.log", lines(LINES, host=f"h{number // 2}", fine=number % 2 == 0, step=0.3))
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, logs: Path) -> tuple[object, ...]:
    """What one machine makes of them."""
    home = tmp_path_factory.mktemp("one")
    Program(home).ok("ingest", logs)
    return state(home)


@pytest.fixture
def ingest(spark_cluster: Cluster, tmp_path: Path, logs: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An ingest by the cluster, which has begun to read."""
    process = start(tmp_path, spark_cluster, logs)
    staged = tmp_path / "home" / "staging"
    try:
        wait_for(lambda: process.poll() is not None or any(staged.glob("*/events-*.parquet")), "rows", seconds=SECONDS)
        yield process
    finally:
        process.kill()
        process.wait()


def start(folder: Path, cluster: Cluster, logs: Path) -> subprocess.Popen[bytes]:
    """The program, at work; what it says goes to a file beside the home."""
    program = Program(folder / "home", cluster.environ)
    command = program.command("ingest", logs, "--engine", cluster.address)
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=CODE, env=program.environment()
        )


def state(home: Path) -> tuple[object, ...]:
    """The tables of a home."""
    return table(home), reject_table(home), Lake(home / "lake").summary()


def test_a_killed_executor_changes_nothing(
    ingest: subprocess.Popen[bytes], spark_cluster: Cluster, tmp_path: Path, undisturbed: tuple[object, ...]
) -> None:
    spark_cluster.kill_an_executor()
    assert ingest.wait(SECONDS) == 0, (tmp_path / "said").read_text()
    assert state(tmp_path / "home") == undisturbed
    assert list((tmp_path / "home" / "staging").iterdir()) == []


def test_a_killed_driver_leaves_what_the_next_run_completes(
    ingest: subprocess.Popen[bytes], spark_cluster: Cluster, tmp_path: Path, logs: Path, undisturbed: tuple[object, ...]
) -> None:
    ingest.kill()
    assert ingest.wait() == -signal.SIGKILL
    home = tmp_path / "home"
    assert start(tmp_path, spark_cluster, logs).wait(SECONDS) == 0, (tmp_path / "said").read_text()
    assert state(home) == undisturbed
    assert list((home / "staging").iterdir()) == []
