"""What a new day costs: the cache of a lake of 30 days is extended by the next one, and made anew from all 31.

The events of invented hops (``tests.bench.estate``) are put into a lake: a logon each, the line that ends it, and a
refused try now and then. Each making is a process of its own; its processor time is what counts, since a shared
machine's clock says little. The tables of both caches are compared; where they differ, the run ends with an error.

Usage: ``python -m tests.bench.days [--hops 1M] [--rounds 3] [--folder FOLDER]``. With a folder, the lakes stay there.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import polars as pl
from polars.testing import assert_frame_equal

from graphmap.config import Settings
from graphmap.pipeline.estate import load_estate
from graphmap.store.lake import Lake
from graphmap.tables import EVENTS, TIME
from tests.bench.estate import BEGIN, DAY, DAYS, make_estate
from tests.bench.rounds import read_size

if TYPE_CHECKING:
    from tests.bench.estate import Estate

ROOT = Path(__file__).resolve().parents[2]
LAST_DAY = DAYS - 1
"""What comes before it is there first."""


def events_of(estate: Estate) -> pl.DataFrame:
    """EVENTS of which the hops of an estate are made, in order of time."""
    hops = estate.table().with_row_index("number").collect()
    port = (pl.col("number") % 60_000 + 1_024).cast(pl.Int32)
    logons = hops.select(
        "start", "end", "src", "user", "method", "key", dst_host="dst", src_port=port,
        pid=pl.col("number").cast(pl.Int64) % 4_000_000 + 1_000, session=pl.format("{}:{}", "src", port),
    )  # fmt: skip
    refused = logons.gather_every(10).select(
        pl.col("start").alias("time") - pl.duration(seconds=3), pl.exclude("start", "end"),
        action=pl.lit("logon"), outcome=pl.lit("failure"), kind=pl.lit("failed"),
    )  # fmt: skip
    accepted = logons.select(
        pl.exclude("start", "end"), time="start",
        action=pl.lit("logon"), outcome=pl.lit("success"), kind=pl.lit("accepted"),
    )  # fmt: skip
    ends = logons.filter(pl.col("end").is_not_null()).select(
        pl.exclude("start", "end", "method", "key"), time="end",
        action=pl.lit("logoff"), outcome=pl.lit("unknown"), kind=pl.lit("disconnected"),
    )  # fmt: skip
    joined = pl.concat([accepted, ends, refused], how="diagonal").with_columns(
        service=pl.lit("ssh"), src_host="src", witness=pl.lit("server"), repeat=pl.lit(0, pl.Int32), reader=pl.lit("sshd"),
        file=pl.col("dst_host") + ".log", line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )  # fmt: skip
    return joined.drop("src").match_to_schema(EVENTS, missing_columns="insert").sort("time", "dst_host")


def fill(home: Path, hops: int) -> None:
    """Make the lake of all but the last day, open it, and make a copy that has the last day, too."""
    events = events_of(make_estate(hops))
    last = pl.lit(BEGIN + LAST_DAY * DAY).cast(TIME)
    lake = Lake(home / "lake")
    lake.append_events(events.filter(pl.col("time") < last))
    make(home)
    lake.append_events(events.filter(pl.col("time") >= last))


def make(home: Path) -> float:
    """Make or extend the cache in a process of its own; give its processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "tests.bench.days", "--make", str(home)], check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(one: Path, other: Path) -> None:
    """End with an error where two homes' tables differ."""
    estates = [load_estate(Settings(home=home)) for home in (one, other)]
    for name in ("sessions", "failures", "hops"):
        assert_frame_equal(*(getattr(estate, name) for estate in estates))


def measure(home: Path, rounds: int) -> None:
    """Extend and rebuild in turns."""
    extended, anew = home / "extended", home / "anew"
    times: list[tuple[float, float]] = []
    for _ in range(rounds):
        for target in (extended, anew):
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            (target / "lake").symlink_to(home / "lake")
        shutil.copytree(home / "cache", extended / "cache", copy_function=shutil.copy2)
        times.append((make(extended), make(anew)))
        print(f"extended {times[-1][0]:.1f} s, made anew {times[-1][1]:.1f} s of processor time", flush=True)
    compare(extended, anew)
    ratios = sorted(a / b for a, b in times)
    print(f"extended / made anew: {median(ratios):.3f} ({ratios[0]:.3f}, {ratios[-1]:.3f}), {rounds} rounds")


def main() -> None:
    """Make the lake, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hops", default="1M")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        load_estate(Settings(home=options.make))
        return
    with tempfile.TemporaryDirectory() as temporary:
        home = options.folder or Path(temporary)
        if not (home / "lake").exists():
            fill(home, read_size(options.hops))
        measure(home, options.rounds)


if __name__ == "__main__":
    main()
