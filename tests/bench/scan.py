"""How fast sshd text becomes EVENTS, beside what else reads the same file: ``make bench``.

The file is a central server's (`logs`): RFC 3339 stamps, many hosts, all programs that write to auth.log. Rivals that
are not installed (``pip install -e .[bench]``) are named and left out. Every round runs each job once, in an order that
changes from round to round, on one file that is in memory by then; a job's figure is the median over the rounds of its
time divided by that of `grep -c Accepted` in the same round, so that a busy machine slows both; and the same of processor
time, which other work disturbs less. Usage: ``python -m tests.bench.scan [--megabytes 300] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.util
import re
import resource
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from graphmap.readers.base import ReadOptions, Source
from graphmap.readers.sources import find_sources
from graphmap.readers.sshd import SshdReader
from tests.bench.logs import write_central_log

if TYPE_CHECKING:
    from collections.abc import Callable

YARDSTICK = "grep -c Accepted"
LINE_BYTES = 123
"""About what a line of the generated log takes."""

ACCEPTED = (
    r"^(\S+) (\S+) sshd(?:-session)?\[(\d+)\]: Accepted (\S+) for (\S+) from (\S+) port (\d+) ssh2(?:: \S+ (\S+).*)?$"
)
HOSTS = 300


class Job(NamedTuple):
    """Something that reads the log and says how many accepted logons it saw."""

    name: str
    run: Callable[[Path], int]
    needs: str | None = None
    """The package that it measures, where graphmap itself does not need it."""


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


def duckdb_regex(log: Path) -> int:
    """The same regular expression, with the functions that DuckDB's documentation gives for text, the fields in columns."""
    duckdb: Any = importlib.import_module("duckdb")

    names = ["stamp", "host", "pid", "method", "user", "addr", "port", "key"]
    query = f"""
        create or replace temp table logons as
        select unnest(regexp_extract(line, '{ACCEPTED}', {names}))
        from read_csv('{log}', columns = {{'line': 'varchar'}}, delim = '\x01', quote = '', escape = '', header = false,
                      auto_detect = false, max_line_size = 1048576)
        where contains(line, 'Accepted') and regexp_matches(line, '{ACCEPTED}')
    """
    with duckdb.connect() as connection:
        connection.execute(query)
        row = connection.execute("select count(*) from logons").fetchone()
    return int(row[0]) if row else 0


def pyarrow_regex(log: Path) -> int:
    """The same regular expression; RE2 wants its groups named. pyarrow.csv reads blocks on all cores."""
    pa, compute, csv = (importlib.import_module(f"pyarrow{name}") for name in ("", ".compute", ".csv"))

    names = iter(("stamp", "host", "pid", "method", "user", "addr", "port", "key"))
    pattern = re.sub(r"\((?!\?)", lambda _: f"(?P<{next(names)}>", ACCEPTED)
    table = csv.read_csv(
        log,
        read_options=csv.ReadOptions(column_names=["line"]),
        parse_options=csv.ParseOptions(delimiter="\x01", quote_char=False),
        convert_options=csv.ConvertOptions(column_types={"line": pa.string()}),
    )
    lines = table["line"].filter(compute.match_substring(table["line"], "Accepted"))
    found = compute.extract_regex(lines, pattern)
    return len(found) - int(found.null_count)


JOBS = (
    Job("wc -l", counted("wc", "-l")),
    Job(YARDSTICK, counted("grep", "-c", "Accepted")),
    Job("graphmap, compiled", events(compiled=True)),
    Job("graphmap, careful", events(compiled=False)),
    Job("Polars, one regex", polars_regex),
    Job("DuckDB, one regex", duckdb_regex, "duckdb"),
    Job("pyarrow, one regex", pyarrow_regex, "pyarrow"),
    Job("Python re, one regex", python_re),
)
COUNTS_MORE = {"wc -l", YARDSTICK}
"""They count other lines too."""


class Took(NamedTuple):
    """Seconds of one run: on the clock, and of all processors."""

    clock: float
    processors: float


def processor_time() -> float:
    """Seconds that this process and those it waited for have computed."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def measure(jobs: list[Job], log: Path, rounds: int) -> dict[str, list[Took]]:
    """What each job took in each round; fails where two jobs that look for the same thing see different numbers."""
    taken: dict[str, list[Took]] = {job.name: [] for job in jobs}
    for number in range(rounds):
        seen = {}
        for job in jobs[number % len(jobs) :] + jobs[: number % len(jobs)]:
            start, spent = time.perf_counter(), processor_time()
            seen[job.name] = job.run(log)
            taken[job.name].append(Took(time.perf_counter() - start, processor_time() - spent))
        if len({count for name, count in seen.items() if name not in COUNTS_MORE}) != 1:
            raise SystemExit(f"the jobs disagree: {seen}")
    return taken


def describe(log: Path) -> str:
    """Say what becomes of the log's lines."""
    source = Source(str(log), lambda: log.open("rb"), modified=datetime(2026, 12, 31, tzinfo=UTC))
    batches = list(SshdReader(compiled=True).read(source, ReadOptions()))
    lines, other, context = (sum(getattr(b, name) for b in batches) for name in ("lines", "other", "context"))
    rejects, rows = sum(b.rejects.height for b in batches), sum(b.events.height for b in batches)
    reporting = lines - other - context - rejects
    return (
        f"{lines:,} lines: {reporting / lines:.0%} report events ({rows:,} of them), {context / lines:.0%} are sshd's without one, "
        f"{other / lines:.0%} of other programs, {rejects:,} not understood"
    )


def report(taken: dict[str, list[Took]], megabytes: float) -> None:
    """Print speed and ratio of each job, by the clock (median, lowest and highest of the rounds) and by processor time."""
    print(f"{'job':20} {'MB/s':>6}  times the speed of {YARDSTICK} (lowest, highest); by processor time")
    for name, runs in taken.items():
        clock, processors = (
            sorted(getattr(mine, field) / getattr(own, field) for mine, own in zip(taken[YARDSTICK], runs, strict=True))
            for field in Took._fields
        )
        speed = megabytes / statistics.median(run.clock for run in runs)
        print(
            f"{name:20} {speed:6,.0f}  {statistics.median(clock):.3f} ({clock[0]:.3f}, {clock[-1]:.3f}); "
            f"{statistics.median(processors):.3f}"
        )


def main() -> None:
    """Make the log, warm up, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", action="append", default=[], help="leave out a job by the beginning of its name")
    options = parser.parse_args()
    jobs = [job for job in JOBS if not job.name.startswith(tuple(options.without))]
    for job in jobs:
        if job.needs and importlib.util.find_spec(job.needs) is None:
            print(f"{job.name}: {job.needs} is not installed")
    jobs = [job for job in jobs if job.needs is None or importlib.util.find_spec(job.needs)]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "central.log"
        write_central_log(log, HOSTS, options.megabytes * 1_000_000 // LINE_BYTES)
        megabytes = log.stat().st_size / 1e6
        print(f"{megabytes:,.0f} MB of sshd text, {options.rounds} rounds")
        print(describe(log))
        report(measure(jobs, log, options.rounds), megabytes)
        packed = log.with_suffix(".log.gz")
        packed.write_bytes(gzip.compress(log.read_bytes(), 6))
        report_packed(packed, megabytes)


def report_packed(log: Path, megabytes: float) -> None:
    """Print how fast the same log is read where it is compressed, beside unpacking it alone."""
    (source,) = find_sources([str(log)])
    start = time.perf_counter()
    with source.open() as stream:
        while stream.read(1 << 20):
            pass
    unpacked = time.perf_counter() - start
    start = time.perf_counter()
    for _ in SshdReader(compiled=True).read(source, ReadOptions()):
        pass
    read = time.perf_counter() - start
    print(f"gzip: unpacked at {megabytes / unpacked:,.0f} MB/s of text, read at {megabytes / read:,.0f}")


if __name__ == "__main__":
    main()
