"""How fast sshd text becomes EVENTS, beside what else reads the same file: ``make bench``.

Every round runs each job once, in an order that changes from round to round, on one file that is in memory by then; a
job's figure is the median over the rounds of its time divided by that of `grep -c Accepted` in the same round, so that
a busy machine slows both. Usage: ``python -m tests.bench.scan [--megabytes 300] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.readers.base import ReadOptions, Source
from graphmap.readers.sshd import SshdReader
from tests.bench.ingest import write_logs

if TYPE_CHECKING:
    from collections.abc import Callable

YARDSTICK = "grep -c Accepted"
LINE_BYTES = 118
"""About what a line of the generated log takes."""

ACCEPTED = r"^(\S+) (\S+) sshd\[(\d+)\]: Accepted (\S+) for (\S+) from (\S+) port (\d+) ssh2(?:: \S+ (\S+))?$"


class Job(NamedTuple):
    """Something that reads the log and says how many accepted logons it saw."""

    name: str
    run: Callable[[Path], int]


def counted(*command: str) -> Callable[[Path], int]:
    """A program that prints a number first."""

    def run(log: Path) -> int:
        output = subprocess.run([*command, str(log)], check=True, capture_output=True, text=True).stdout
        return int(output.split()[0])

    return run


def events(*, compiled: bool) -> Callable[[Path], int]:
    """graphmap's reader: every kind of line, all columns, checks on."""

    def run(log: Path) -> int:
        source = Source(str(log), lambda: log.open("rb"), modified=datetime(2026, 12, 31, tzinfo=UTC))
        reader = SshdReader(compiled=compiled)
        return sum(int((b.events["kind"] == "accepted").sum()) for b in reader.read(source, ReadOptions()))

    return run


def python_re(log: Path) -> int:
    """One regular expression for one kind of line, the fields in tuples."""
    match = re.compile(ACCEPTED).match
    with log.open(encoding="utf-8") as lines:
        return len([found.groups() for line in lines if (found := match(line.rstrip("\n")))])


def polars_regex(log: Path) -> int:
    """The same regular expression on all cores, the fields in columns."""
    lines = pl.scan_csv(log, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
    groups = pl.col("line").str.extract_groups(ACCEPTED).struct.unnest()
    return int(lines.select(groups).filter(pl.col("1").is_not_null()).collect().height)


JOBS = (
    Job("wc -l", counted("wc", "-l")),
    Job(YARDSTICK, counted("grep", "-c", "Accepted")),
    Job("graphmap, compiled", events(compiled=True)),
    Job("graphmap, careful", events(compiled=False)),
    Job("Polars, one regex", polars_regex),
    Job("Python re, one regex", python_re),
)


def measure(log: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of each job in each round; fails where two jobs that look for the same thing see different numbers."""
    seconds: dict[str, list[float]] = {job.name: [] for job in JOBS}
    for number in range(rounds):
        seen = {}
        for job in JOBS[number % len(JOBS) :] + JOBS[: number % len(JOBS)]:
            start = time.perf_counter()
            seen[job.name] = job.run(log)
            seconds[job.name].append(time.perf_counter() - start)
        if len({count for name, count in seen.items() if name != "wc -l"}) != 1:
            raise SystemExit(f"the jobs disagree: {seen}")
    return seconds


def report(seconds: dict[str, list[float]], megabytes: float) -> None:
    """Print speed and ratio of each job: median, and the lowest and highest of the rounds."""
    print(f"{'job':22} {'MB/s':>8}   times the speed of {YARDSTICK} (lowest, highest)")
    for name, times in seconds.items():
        ratios = sorted(mine / own for mine, own in zip(seconds[YARDSTICK], times, strict=True))
        speed = megabytes / statistics.median(times)
        print(f"{name:22} {speed:8,.0f}   {statistics.median(ratios):.3f} ({ratios[0]:.3f}, {ratios[-1]:.3f})")


def main() -> None:
    """Make the log, warm up, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_logs(Path(folder), 1, options.megabytes * 1_000_000 // LINE_BYTES)
        log = next(Path(folder).iterdir())
        megabytes = log.stat().st_size / 1e6
        print(f"{megabytes:,.0f} MB of sshd text, {options.rounds} rounds")
        events(compiled=True)(log)
        report(measure(log, options.rounds), megabytes)


if __name__ == "__main__":
    main()
