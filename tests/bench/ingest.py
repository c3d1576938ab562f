"""Ingest many hosts' logs as a process of its own; print lines a second and the peak of its memory.

Usage: ``python -m tests.bench.ingest [--hosts 500] [--lines 20000] [--home FOLDER]``. The logs are those of `logs`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.logs import write_logs

ROOT = Path(__file__).resolve().parents[2]
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
            if result.lines:
                print(
                    f"{result.events / result.lines:.2f} events a line, {result.other / result.lines:.2f} of other programs"
                )


if __name__ == "__main__":
    main()
