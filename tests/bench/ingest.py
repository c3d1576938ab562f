"""Ingest many hosts' logs as a process of its own; print lines a second and the peak of its memory.

Usage: ``python tests/bench/ingest.py [--hosts 500] [--lines 20000] [--home FOLDER]``. The logs are made from a seed:
connections, password and public-key logons, failures, unknown users and disconnects, spread over two days.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 3, 1, tzinfo=UTC)
PERIOD = timedelta(days=2)
USERS = ["anna", "j-smith", "root", "deploy", "ansible", "backup", "svc-ci", "bob"]
KEYS = [hashlib.sha256(str(n).encode()).hexdigest()[:43] for n in range(200)]

_CHILD = """
import json, resource, sys, time
from pathlib import Path
from graphmap.config import Settings
from graphmap.pipeline.ingest import ingest
def peak(): return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) // 1024
before, start = peak(), time.perf_counter()
report = ingest([sys.argv[1]], settings=Settings(home=Path(sys.argv[2]), debug=True))
print(json.dumps({
    "seconds": time.perf_counter() - start, "before_mb": before, "peak_mb": peak(),
    **{name: report.total(name) for name in ("lines", "events", "added", "rejects", "other", "context")},
}))
"""


class Result(NamedTuple):
    """What one ingest took. Memory in MB: the process before it began, and its peak."""

    seconds: float
    before_mb: int
    peak_mb: int
    lines: int
    events: int
    added: int
    rejects: int
    other: int
    context: int


def write_logs(folder: Path, hosts: int, lines: int, *, seed: int = 1) -> None:
    """Make a folder with one log a host, always the same for the same numbers."""
    rng = random.Random(seed)
    for number in range(hosts):
        name = f"host{number:04}"
        step = PERIOD / lines
        with (folder / f"{name}.log").open("w") as log:
            messages = _messages(rng, hosts)
            for line in range(lines):
                stamp = (START + step * line).isoformat(timespec="microseconds")
                log.write(f"{stamp} {name} {next(messages)}\n")


def _messages(rng: random.Random, hosts: int) -> Iterator[str]:
    """What sshd writes for one connection after another."""
    while True:
        pid, port, source = rng.randrange(300, 4_000_000), rng.randrange(1024, 65536), rng.randrange(hosts)
        address = f"10.77.{source // 250}.{source % 250 + 1}"
        user, tag, tail = rng.choice(USERS), f"sshd[{pid}]: ", f"from {address} port {port}"
        yield f'{tag}Connection {tail} on 10.77.200.1 port 22 rdomain ""'
        kind = rng.random()
        if kind < 0.3:
            yield f"{tag}Failed password for {user} {tail} ssh2"
            yield f"{tag}Connection closed by authenticating user {user} {address} port {port} [preauth]"
            continue
        if kind < 0.4:
            yield f"{tag}Invalid user x{pid} {tail}"
            yield f"{tag}Failed password for invalid user x{pid} {tail} ssh2"
            continue
        method = (
            f"publickey for {user} {tail} ssh2: ED25519 SHA256:{rng.choice(KEYS)}"
            if kind < 0.9
            else f"password for {user} {tail} ssh2"
        )
        yield f"{tag}Accepted {method}"
        yield f"{tag}pam_unix(sshd:session): session opened for user {user}(uid=1000) by (uid=0)"
        yield f"{tag}Starting session: command for {user} {tail} id 0"
        yield f"{tag}Received disconnect {tail}:11: disconnected by user"
        yield f"{tag}Disconnected from user {user} {address} port {port}"
        yield f"{tag}pam_unix(sshd:session): session closed for user {user}"


def measure(logs: Path, home: Path) -> Result:
    """Ingest the logs in a process of its own."""
    command = [sys.executable, "-c", _CHILD, str(logs), str(home)]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return Result(**json.loads(output))


def main() -> None:
    """Make the logs, ingest them twice, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        start = time.perf_counter()
        write_logs(Path(folder), options.hosts, options.lines)
        print(f"made {options.hosts} x {options.lines} lines in {time.perf_counter() - start:.0f} s")
        for name in ("first", "again"):
            result = measure(Path(folder), home)
            speed = options.hosts * options.lines / result.seconds
            print(f"{name}: {result.seconds:.1f} s, {speed:,.0f} lines/s, peak {result.peak_mb} MB", result)


if __name__ == "__main__":
    main()
