"""How fast time-respecting questions are answered, beside other tools on the same hops: ``make bench``.

For each size an estate is made (``tests.bench.estate``), and each task done by every tool that can: in rounds, the
tools in turn, in an order that changes from round to round. Answers are compared first; where two differ, the run ends
with an error. Then each job runs once more in a process of its own for its memory. At the end, the targets.

Usage: ``python -m tests.bench.paths [--sizes 1M,10M] [--rounds 3] [--folder FOLDER]``. With a folder, the files of the
estates are kept there and found again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench import duck, frames, ours, spark, walks
from tests.bench.estate import make_estate
from tests.bench.inputs import Inputs, write_inputs
from tests.bench.rounds import OURS, Job, MismatchError, find, measure, ratio, read_size, short, sized
from tests.bench.targets import Target, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tests.bench.inputs import Question
    from tests.bench.rounds import Outcome

    Asked = Callable[[Inputs], Sequence[Question]]

ROOT = Path(__file__).resolve().parents[2]
INDEX = "index of a file"
REACH = "reach of a host, 24 h"
ENDLESS = "reach, 24 h, sessions without end"
PROVENANCE = "provenance of a host, 24 h"
SCAN = "reach over 30 days"
COUNTS = "chains of 1 to 5 hops"
CHAINS = "chains of 3 hops, file to count"
ENDINGS = "best chain ending with each hop"
BEST = "1,000 best chains"
EDGES = "edge table, file to table"

DUCKDB, POLARS, PYTHON, SCANNED, MEMORY = "DuckDB", "Polars", "Python", "bare scan", "memory"
THREADS = 2
LONGEST = 5
BYTES_READ = 24
"""Of a hop, in a scan: source and destination in 4 bytes each, start and last open moment in 8."""


def each(answer: Callable[[Any, Question], object], asked: Asked) -> Callable[[Any, Inputs], object]:
    """Answer several questions one after the other."""
    return lambda state, inputs: [answer(state, question) for question in asked(inputs)]


def itself(inputs: Inputs) -> Inputs:
    """For jobs that begin with the files."""
    return inputs


def from_file(answer: Callable[[Inputs], object]) -> Callable[[Any, Inputs], object]:
    """A job that begins with the files."""
    return lambda _state, inputs: answer(inputs)


def forward(inputs: Inputs) -> Sequence[Question]:
    """What is asked of forward reach."""
    return inputs.forward


def backward(inputs: Inputs) -> Sequence[Question]:
    """What is asked of provenance."""
    return inputs.backward


def endless(inputs: Inputs) -> Sequence[Question]:
    """The first of `forward`, where the place of a hop in the order of all is its stamp."""
    return inputs.endless()[:1]


def everything(inputs: Inputs) -> Sequence[Question]:
    """One question about the whole log."""
    return [inputs.whole]


def block(inputs: Inputs) -> list[NDArray[np.int64]]:
    """As many bytes as a scan reads, a part for each thread."""
    return np.array_split(np.arange(inputs.hops * BYTES_READ // 8), THREADS)


def pass_over(parts: list[NDArray[np.int64]], _inputs: Inputs) -> int:
    """Read memory once, all threads at a time."""
    with ThreadPoolExecutor(THREADS) as threads:
        return int(max(threads.map(np.max, parts)))


M = 1_000_000
JOBS = (
    Job(INDEX, OURS, itself, from_file(ours.build), answers=False),
    Job(REACH, OURS, ours.build, each(ours.reach, forward), parts=3),
    Job(REACH, PYTHON, ours.build, each(ours.slow_reach, forward), 10 * M, parts=3),
    Job(REACH, DUCKDB, duck.load, each(duck.reach, forward), needs="duckdb", parts=3),
    Job(REACH, POLARS, frames.load, each(frames.reach, forward), parts=3),
    Job(REACH, "networkx", walks.networkx_graph, each(walks.reach, forward), M, needs="networkx", parts=3),
    Job(REACH, "rustworkx", walks.rustworkx_graph, each(walks.reach, forward), 10 * M, needs="rustworkx", parts=3),
    Job(REACH, "igraph", walks.igraph_graph, each(walks.reach, forward), 10 * M, needs="igraph", parts=3),
    Job(ENDLESS, OURS, ours.build_endless, each(ours.reached_hosts, endless), M),
    Job(ENDLESS, "Raphtory", walks.raphtory_graph, each(walks.raphtory_reach, endless), M, needs="raphtory"),
    Job(PROVENANCE, OURS, ours.build, each(ours.provenance, backward), parts=3),
    Job(PROVENANCE, PYTHON, ours.build, each(ours.slow_provenance, backward), 10 * M, parts=3),
    Job(PROVENANCE, DUCKDB, duck.load, each(duck.provenance, backward), needs="duckdb", parts=3),
    Job(SCAN, OURS, ours.build, each(ours.reach, everything)),
    Job(SCAN, MEMORY, block, pass_over, answers=False),
    Job(CHAINS, OURS, itself, from_file(ours.chains)),
    Job(CHAINS, DUCKDB, itself, from_file(duck.chains), 10 * M, needs="duckdb"),
    Job(CHAINS, POLARS, itself, from_file(frames.chains), 10 * M),
    Job(CHAINS, "Spark", spark.start, spark.chains, 10 * M, needs="pyspark"),
    Job(COUNTS, OURS, ours.build, lambda walks, _: ours.counts(walks, LONGEST)),
    Job(ENDINGS, OURS, ours.build, lambda index, _: ours.best_endings(index, LONGEST)),
    Job(BEST, OURS, ours.build, lambda index, _: ours.best_chains(index, 1_000, LONGEST)),
    Job(EDGES, OURS, itself, from_file(ours.edges)),
    Job(EDGES, POLARS, itself, from_file(frames.edges)),
    Job(EDGES, DUCKDB, itself, from_file(duck.edges), needs="duckdb"),
    Job(EDGES, SCANNED, itself, from_file(frames.scan), answers=False),
)

TARGETS = (
    Target(REACH, DUCKDB, 30),
    Target(SCAN, MEMORY, 0.35),
    Target(PROVENANCE, DUCKDB, 20),
    Target(CHAINS, DUCKDB, 3),
    Target(CHAINS, "Spark", 30),
    Target(EDGES, SCANNED, 1 / 7),
)


def run_size(inputs: Inputs, rounds: int) -> list[Outcome]:
    """All tasks at one size."""
    outcomes: list[Outcome] = []
    prepared: dict[Any, Any] = {}
    for task in dict.fromkeys(job.task for job in JOBS):
        start = time.perf_counter()
        outcomes += measure([job for job in JOBS if job.task == task], inputs, rounds, prepared)
        print(f"  {task}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    prepared.clear()
    for outcome in outcomes:
        if outcome.seconds:
            outcome.memory = memory_of(outcome.job, inputs)
    return outcomes


def memory_of(job: Job, inputs: Inputs) -> int:
    """Bytes that a process of its own takes at most to prepare a job and run it, above what it had to begin with."""
    command = [sys.executable, "-m", "tests.bench.paths", "--peak", job.task, job.tool, str(inputs.folder)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if finished.returncode:
        sys.exit(f"{job.task} by {job.tool}, in a process of its own: {finished.stderr}")
    return int(finished.stdout)


def peak(task: str, tool: str, folder: Path) -> int:
    """What `memory_of` starts. Linux only: it reads /proc."""
    job = next(j for j in JOBS if (j.task, j.tool) == (task, tool))
    if job.needs:
        import_module(job.needs)
    inputs = Inputs.of(folder)
    before = _peak()
    job.run(job.prepare(inputs), inputs)
    return _peak() - before


def _peak() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def report(outcomes: Sequence[Outcome]) -> None:
    """Print what every job of a size took."""
    size = sized(outcomes[0].hops)
    print(
        f"\n{size} hops\n{'task':34} {'tool':10} {'seconds':>9}   {'times as long as graphmap':28} {'MB':>6} bytes/hop"
    )
    for outcome in outcomes:
        job, own = outcome.job, find(outcomes, outcome.job.task, OURS)
        if outcome.without:
            print(f"{job.task:34} {job.tool:10} {outcome.without}")
            continue
        seconds = short(sorted(outcome.seconds)[len(outcome.seconds) // 2])
        compared = str(ratio(outcome, own) or "") if own else ""
        memory = outcome.memory or 0
        print(
            f"{job.task:34} {job.tool:10} {seconds:>9}   {compared:28} {memory / 1e6:6,.0f} {memory / outcome.hops:9,.0f}"
        )


def report_targets(outcomes: Sequence[Outcome]) -> None:
    """Print the last table."""
    print(f"\n{'target':72} {'measured':32} met")
    for verdict in verdicts(TARGETS, outcomes, hunt=REACH):
        print(f"{verdict.target:72} {verdict.measured:32} {verdict.met}")


def main() -> None:
    """Make the estates, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1M,10M", help="numbers of hops, as 1M,10M,50M")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files of the estates are kept")
    parser.add_argument("--peak", nargs=3, metavar=("TASK", "TOOL", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print(peak(options.peak[0], options.peak[1], Path(options.peak[2])))
        return
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as temporary:
        for hops in map(read_size, options.sizes.split(",")):
            folder = (options.folder or Path(temporary)) / sized(hops)
            start = time.perf_counter()
            inputs = (
                Inputs.of(folder) if (folder / "questions.json").exists() else write_inputs(folder, make_estate(hops))
            )
            print(
                f"{sized(hops)} hops are there after {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True
            )
            try:
                outcomes += run_size(inputs, options.rounds)
            except MismatchError as error:
                sys.exit(str(error))
            report([o for o in outcomes if o.hops == hops])
    report_targets(outcomes)


if __name__ == "__main__":
    main()
