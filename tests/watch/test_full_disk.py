"""A disk that is full for real: the watch says so, waits, and goes on by itself when there is room; nothing is lost."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.logs import content, lines, take, write
from tests.waiting import wait_for
from tests.watch.watching import Process, append, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = lines(4000, step=0.2)
WORDS = ("--year", "2026", "--every", "1s")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MiB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a disk; the limit of a process stands in for it in another test")
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def waits(watch: Process) -> bool:
    standing = watch.standing()
    return standing.get("state") == "waiting" and "free some space" in standing["problem"]


def test_files_wait_for_room(tmp_path: Path, small_disk: Path) -> None:
    log = write(tmp_path / "auth.log", LINES[:100])
    home = small_disk / "home"  # what it writes to standard error goes to that disk, too
    with running(home, log, *WORDS) as watch:
        wait_for(lambda: watch.follows(log.stat().st_size), "the first lines")
        _fill(small_disk)
        append(log, "".join(LINES[100:]))
        wait_for(lambda: waits(watch), "it says that the disk is full")
        (small_disk / "filler").unlink()
        wait_for(lambda: watch.follows(log.stat().st_size), "it goes on")
        assert watch.standing()["problem"] is None
        assert watch.terminate() == 0
    take(tmp_path / "plain", log)
    assert content(home) == content(tmp_path / "plain")


def test_a_sender_waits_for_room(tmp_path: Path, small_disk: Path) -> None:
    home = small_disk / "home"
    sent = "".join(LINES).encode()
    with running(home, "--syslog", "tcp://127.0.0.1:0", *WORDS) as watch:
        url = wait_for(lambda: watch.standing().get("listeners"), "it listens")[0]["url"]
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as sender:
            sender.sendall(sent[:1000])
            wait_for(lambda: watch.follows(1), "the first lines")
            _fill(small_disk)
            sender.sendall(sent[1000:])
            wait_for(lambda: watch.standing().get("state") == "waiting", "it says that the disk is full")
            (small_disk / "filler").unlink()
        wait_for(lambda: watch.follows(len(sent)), "it goes on")
        assert watch.terminate() == 0
    shutil.copytree(home / "received", tmp_path / "received")
    spooled = b"".join(path.read_bytes() for path in sorted((tmp_path / "received").rglob("*.log")))
    assert spooled == sent
    take(tmp_path / "plain", write(tmp_path / "auth.log", LINES))
    assert content(home) == content(tmp_path / "plain")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the system sets no limits of other processes")
def test_a_limit_of_the_process_stands_in_for_a_full_disk(tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", LINES[:100])
    home = tmp_path / "home"
    with running(home, log, *WORDS) as watch:
        wait_for(lambda: watch.follows(log.stat().st_size), "the first lines")
        resource.prlimit(watch.process.pid, resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        append(log, "".join(LINES[100:]))
        wait_for(lambda: waits(watch), "it says that no more can be written")
        resource.prlimit(watch.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_for(lambda: watch.follows(log.stat().st_size), "it goes on")
        assert watch.terminate() == 0
    take(tmp_path / "plain", log)
    assert content(home) == content(tmp_path / "plain")


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        size = 1 << 16
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
