"""Watch and daemon, killed again and again while logs grow: the lake, the findings and what was told are those of a calm run."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.config import Settings
from graphmap.pipeline.estate import keep_inventory, read_inventory
from graphmap.store.ledger import DeliveryState, Ledger
from tests.alerts.receivers import Web, web_server
from tests.cli.program import HERE, Program
from tests.pipeline.logs import content
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 8
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONFIG = """
[jobs.hunt]
every = "1s"
detectors = ["restricted-segment"]
outputs = ["hook"]

[jobs.alerts]
every = "1s"

[alerts.hook]
kind = "webhook"
url = "{url}"
timeout = "1s"
"""


def line(number: int) -> str:
    """A logon into the restricted segment that no policy permits, each by another account: a finding of its own."""
    moment = START + timedelta(seconds=7 * number)
    return f"{moment.isoformat()} vault sshd[{number + 1}]: Accepted password for u{number} from 10.9.1.11 port {2000 + number} ssh2\n"


def home(program: Program, url: str) -> Program:
    """The program, with an inventory, a job and an output."""
    program.home.mkdir()
    keep_inventory(Settings(program.home), read_inventory(HERE / "inventory.yaml"))
    (program.home / "graphmap.toml").write_text(CONFIG.format(url=url))
    return program


@contextmanager
def started(program: Program, *words: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that stays; it and the runs that it began are killed at the end."""
    with (program.home.with_name("said")).open("ab") as said:
        process = subprocess.Popen(
            program.command(*words), env=program.environment(), cwd=HERE, stderr=said, stdout=said, process_group=0
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, 9)
            process.wait()


def told(web: Web) -> dict[str, Any]:
    """What a receiver knows of findings that goes by the idempotency key: their documents by their ids."""
    bodies: dict[str, Any] = {}
    for request in web.requests:
        body = json.loads(request.body)
        assert bodies.setdefault(request.headers["Idempotency-Key"], body) == body
    parts = [part["finding"] for body in bodies.values() for part in body["findings"]]
    found = {finding["id"]: finding for finding in parts}
    assert len(found) == len(parts)  # none was told twice under two keys
    return found


def pending(program: Program) -> int:
    with Ledger(Settings(program.home).ledger) as ledger:
        return sum(one.state is DeliveryState.PENDING for one in ledger.deliveries())


@pytest.mark.slow
def test_kills_change_nothing(tmp_path: Path) -> None:
    chance = random.Random(KILLS)
    log = tmp_path / "vault.log"
    log.touch()
    number = 0
    with web_server() as web, web_server() as other:
        program = home(Program(tmp_path / "home"), web.url)
        for _ in range(KILLS):
            with started(program, "watch", log, "--every", "1s"), started(program, "jobs", "daemon"):
                end = time.monotonic() + chance.uniform(0.5, 8.0)
                while (now := time.monotonic()) < end:
                    with log.open("a") as file:
                        file.write(line(number))
                    number += 1
                    following = now + chance.uniform(0.1, 0.6)
                    wait_for(lambda moment=following: time.monotonic() >= moment, "a while")  # type: ignore[misc] # a default
        with started(program, "watch", log, "--every", "1s"), started(program, "jobs", "daemon"):
            wait_for(lambda: len(content(program.home)) == number, "every line is in the lake", seconds=180)
            wait_for(lambda: len(told(web)) == number, "every finding is told", seconds=300)
            wait_for(lambda: not pending(program), "nothing is left to be told", seconds=180)
        calm = home(Program(tmp_path / "calm"), other.url)
        calm.ok("ingest", log)
        calm.ok("jobs", "run", "hunt")
        assert content(program.home) == content(calm.home)
        words = ("findings", "list", "--json")
        assert program.ok(*words).documents() == calm.ok(*words).documents()
        assert set(told(web)) == set(told(other))
        assert len(told(other)) == number
