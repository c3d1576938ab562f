"""A watch that is killed at any moment, again and again, while logs grow and are rotated, ends with the lake of an ingest."""

from __future__ import annotations

import os
import random
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.logs import content, lines, reject_table, take, write
from tests.waiting import wait_for
from tests.watch.watching import Rotation, append, running

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ("--year", "2026", "--every", "1s")


KILLS = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 10


@pytest.mark.slow
def test_killed_again_and_again_under_load(tmp_path: Path) -> None:
    """It is killed within its start, within a round or at rest: at a random moment after something was written."""
    chance = random.Random(KILLS)
    home, logs = tmp_path / "home", tmp_path / "logs"
    logs.mkdir()
    hosts = {host: lines(40 * (KILLS + 2), host=host, fine=host == "a", step=0.3) for host in ("a", "b")}
    left = {host: "".join(all_lines) for host, all_lines in hosts.items()}
    rotations = {host: Rotation(logs / f"{host}.log") for host in hosts}

    def grow() -> None:
        """Write some bytes, and rotate now and then: behind a whole line, as daemons do."""
        for host, rotation in rotations.items():
            size = chance.randrange(3000)
            if chance.random() < 0.2:
                size = left[host].find("\n", size) + 1
            append(rotation.path, left[host][:size])
            left[host] = left[host][size:]
            if rotation.path.read_bytes()[-1:] == b"\n" and chance.random() < 0.3:
                getattr(rotation, chance.choice(["rename", "copytruncate", "compress"]))()

    for _ in range(KILLS):
        with running(home, logs, *WORDS) as watch:
            end = time.monotonic() + chance.uniform(0.3, 1.6)
            while time.monotonic() < end:
                grow()
                with_pause = chance.uniform(0.01, 0.2)
                try:
                    assert watch.process.wait(with_pause) is None, watch.error()
                except subprocess.TimeoutExpired:
                    continue
    for host, rotation in rotations.items():
        append(rotation.path, left[host])
    with running(home, logs, *WORDS) as watch:
        size = sum(path.stat().st_size for path in logs.iterdir())
        wait_for(lambda: watch.follows(size), "all is read")
        assert watch.terminate() == 0, watch.error()
    for host, all_lines in hosts.items():
        write(tmp_path / "plain" / f"{host}.log", all_lines)
    take(tmp_path / "undisturbed", tmp_path / "plain")
    assert content(home) == content(tmp_path / "undisturbed")
    assert [row[:2] for row in reject_table(home)] == [row[:2] for row in reject_table(tmp_path / "undisturbed")]


@pytest.mark.parametrize("poll", [(), ("--poll",)], ids=["told by the system", "polling"])
def test_a_line_is_in_the_lake_soon_and_a_signal_ends_it_cleanly(tmp_path: Path, poll: tuple[str, ...]) -> None:
    log = write(tmp_path / "logs" / "auth.log", lines(10))
    with running(tmp_path / "home", log.parent, *WORDS, *poll) as watch:
        wait_for(lambda: watch.follows(log.stat().st_size), "the first lines")
        append(log, "".join(lines(20)[10:]))
        wait_for(lambda: watch.follows(log.stat().st_size), "the next lines")
        assert watch.terminate() == 0
        assert watch.standing()["state"] == "stopped"
        assert watch.error() == "20 lines: 18 events (18 new, 0 known), 2 not understood\n"
    take(tmp_path / "plain", log)
    assert content(tmp_path / "home") == content(tmp_path / "plain")


def test_what_is_there_when_it_is_stopped_is_written_first(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", lines(10))
    with running(tmp_path / "home", log, "--year", "2026", "--every", "1h") as watch:
        wait_for(lambda: watch.follows(log.stat().st_size), "the first lines")
        append(log, "".join(lines(20)[10:]))
        wait_for(lambda: watch.standing()["behind"] > 0, "the next lines are seen")
        assert watch.standing()["state"] == "reading"
        assert watch.terminate() == 0
    take(tmp_path / "plain", log)
    assert content(tmp_path / "home") == content(tmp_path / "plain")


def test_two_watches_of_one_name(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", lines(10))
    with running(tmp_path / "home", log, *WORDS) as first:
        wait_for(lambda: first.follows(1), "it runs")
        with running(tmp_path / "home", log, *WORDS) as second:
            assert second.process.wait(60) == 1
            assert "a watch named watch runs already" in second.error()
        with running(tmp_path / "home", log, "--name", "other", *WORDS) as third:
            wait_for(lambda: third.standing("other").get("state") == "following", "another one runs")
            assert third.terminate() == 0
        assert first.terminate() == 0
    take(tmp_path / "plain", log)
    assert content(tmp_path / "home") == content(tmp_path / "plain")
