"""A hunt over very many hops: seconds, and the peak of the memory of a process that does nothing else.

``--hops N`` makes the cache of an invented estate of N hops (tests/bench/estate.py), as if its logs had been read, and
hunts in it. ``--logs HOSTS LINES`` writes logs, ingests them, and asks twice: the first question makes the cache, the
second opens it; then it hunts.

Usage: ``python -m tests.bench.hunt [--hops 1000000] [--logs 50 20000] [--home FOLDER]``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from graphmap.config import Settings
from graphmap.graph.hops import GAP
from graphmap.identity import EMPTY
from graphmap.pipeline.estate import StoredEstate, load_estate
from graphmap.pipeline.hunt import hunt
from graphmap.pipeline.ingest import ingest
from graphmap.pipeline.learning import Learned
from graphmap.pipeline.parts import SLICE_ROWS
from graphmap.pipeline.raw import Raw
from graphmap.store.cache import Entry
from graphmap.store.lake import Lake
from graphmap.tables import SESSIONS, TIME
from tests.bench.estate import make_estate
from tests.bench.ingest import ROOT
from tests.bench.logs import write_logs


class Result(NamedTuple):
    """What a task took. Memory in MB: the process before it began, and its peak, mapped files included."""

    task: str
    seconds: float
    before_mb: int
    peak_mb: int
    hops: int
    found: int

    @property
    def taken_mb(self) -> int:
        """What the task itself took."""
        return self.peak_mb - self.before_mb


def invent(folder: Path, hops: int) -> tuple[int, int]:
    """Make the cache of an invented estate."""
    estate = make_estate(hops)
    raw = Raw(folder)
    hosts = estate.table().select(pl.col("dst").unique()).collect(engine="streaming")["dst"].sort()
    claims = pl.DataFrame(schema={"time": TIME, "dst_host": pl.String, "dst_ip": pl.String})
    reached = pl.DataFrame(schema={"dst_ip": pl.String, "events": pl.UInt32, "accepted": pl.Boolean})
    Learned(hosts.to_frame("dst_host").with_columns(events=1), claims, reached).save(folder)
    bunches = max(1, hops // SLICE_ROWS)
    for number in range(bunches):
        own = replace(estate, codes=estate.codes.filter(pl.col("dst") % bunches == number))
        refused, table = (frame.collect(engine="streaming") for frame in (own.refused(), own.table()))
        raw.add(SESSIONS.to_frame(), refused.sort("time", "host", "src"), table.sort("start", "dst", "src"))
    raw.finish()
    return hops, 0


def open_cache(home: Path) -> tuple[int, int]:
    """Open an estate; make what is not there yet."""
    return len(load_estate(Settings(home=home)).index), 0


def ask_memory(home: Path) -> tuple[int, int]:
    """Make everything in memory, as for a small lake."""
    return len(load_estate(Settings(home=home), cached_from=sys.maxsize).index), 0


def hunt_at(home: Path) -> tuple[int, int]:
    """Hunt in a home folder."""
    return open_cache(home)[0], len(hunt(Settings(home=home)).cases)


def hunt_invented(folder: Path) -> tuple[int, int]:
    """Hunt in an invented estate."""
    entry = Entry(folder, os.open(folder, os.O_RDONLY))
    estate = StoredEstate(Lake(folder / "none").snapshot(), entry, EMPTY, GAP)
    return len(estate.index), len(estate.hunt())


TASKS = {"memory": ask_memory, "open": open_cache, "hunt": hunt_at, "invented": hunt_invented}


def peak() -> int:
    """The most memory that this process has had, MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def do(task: str, folder: Path, hops: int) -> Result:
    """Do it in this process."""
    before, start = peak(), time.perf_counter()
    number, found = invent(folder, hops) if task == "invent" else TASKS[task](folder)
    return Result(task, time.perf_counter() - start, before, peak(), number, found)


def ask(folder: Path, task: str, hops: int = 0) -> Result:
    """Do it in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.hunt", "--task", task, "--home", str(folder), "--hops", str(hops)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout
    return Result(*json.loads(output))


def tell(result: Result) -> None:
    """Print what a task took."""
    each = result.taken_mb * 2**20 / max(result.hops, 1)
    print(
        f"{result.task:9} {result.seconds:7.1f} s  {result.hops:,} hops, {result.found:,} findings;"
        f" peak {result.peak_mb:,} MB, {result.taken_mb:,} MB of it its own: {each:,.0f} bytes a hop"
    )


def main() -> None:
    """Make what is asked for, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hops", type=int, default=0)
    parser.add_argument("--logs", type=int, nargs=2, metavar=("HOSTS", "LINES"))
    parser.add_argument("--home", type=Path)
    parser.add_argument("--task", choices=[*TASKS, "invent"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(do(options.task, options.home, options.hops)))
        return
    with contextlib.ExitStack() as stack:
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if options.logs:
            logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            write_logs(logs, *options.logs)
            ingest([logs], settings=Settings(home=home))
            for task in ("memory", "open", "open", "hunt"):
                tell(ask(home, task))
        if options.hops:
            folder = home / f"invented-{options.hops}"
            if not folder.exists():
                folder.mkdir(parents=True)
                tell(ask(folder, "invent", options.hops))
            tell(ask(folder, "invented"))


if __name__ == "__main__":
    main()
