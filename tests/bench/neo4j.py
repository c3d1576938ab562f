"""How fast a graph of 1 M sessions and more than 1 M relationships loads into Neo4j, and how fast paths are found there.

Usage: ``python -m tests.bench.neo4j [--size 1M] [--origins 50] [--pushes 2] [--batch 5000] [--writers 2] [--questions 60]``.
The server is the one of ``GRAPHMAP_NEO4J_URI``, whose database has to be empty, else one is started. Prints the rate of
each table, what a row took of the processors' time here and in the server, the peak memory of both, and the p50 and p95
of paths between two hosts within 24 hours beside those of the kernels in memory, which agree where ``--origins`` leaves
no LED_TO out. ``--questions 0`` asks none.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.graph.index import build_index
from graphmap.graph.links import MOST_ORIGINS
from graphmap.graph.pivots import paths_between
from graphmap.graph.property_graph import build_property_graph
from graphmap.graph.walks import Walks
from graphmap.identity import Identity
from graphmap.store.graph import tables_of
from graphmap.store.neo4j import BATCH, WRITERS, Neo4jStore
from tests import servers
from tests.bench.estate import make_estate
from tests.bench.rounds import read_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.graph.property_graph import PropertyGraph

HOURS = timedelta(hours=24)
LIMIT = 10
LEAST_ROWS = 1000
"""Tables with fewer rows say nothing of the speed."""


def main() -> None:
    """Load, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=read_size, default=1_000_000)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--origins", type=int, default=MOST_ORIGINS)
    parser.add_argument("--pushes", type=int, default=2)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--writers", type=int, default=WRITERS)
    asked = parser.parse_args()
    walks, graph = _make(asked.size, asked.origins)
    with tempfile.TemporaryDirectory() as folder:
        server = servers.begin(
            Path(folder) / "home", NEO4J_HEAP="1g", NEO4J_PAGES="1g", NEO4J_JAVA="-XX:+UseParallelGC"
        )
        try:
            with Neo4jStore(server.connection, batch=asked.batch, writers=asked.writers) as store:
                for number in range(asked.pushes):
                    _load(f"push {number + 1}", store, graph, server)
                if asked.questions:
                    _ask(store, walks, asked.questions)
                start = time.perf_counter()
                print(f"cleared {store.clear():,} in {time.perf_counter() - start:.1f} s")
        finally:
            server.stop()


def _make(size: int, origins: int) -> tuple[Walks, PropertyGraph]:
    start = time.perf_counter()
    made = make_estate(size)
    hops = made.table().collect()
    walks = Walks.over(build_index(hops))
    identity = Identity(seen_hosts=[*walks.index.names.hosts])
    graph = build_property_graph(hops.lazy(), made.refused(), identity, walks, most_origins=origins)
    print(f"made the tables in {time.perf_counter() - start:.1f} s; {graph.unlisted:,} origins beyond the first ones")
    for name, table in tables_of(graph):
        print(f"  {name:18} {table.height:10,}")
    return walks, graph


class Spent(NamedTuple):
    """Seconds by the clock, and of processor time here and in the server."""

    clock: float
    here: float
    there: float


def _load(title: str, store: Neo4jStore, graph: PropertyGraph, server: servers.Server) -> None:
    """Push, and say what each table of some size took."""
    begun = before = _spent(server)
    heights = {name: table.height for name, table in tables_of(graph)}
    print(f"{title:18} {'rows':>9} {'seconds':>8} {'rows/s':>8}   us of a processor a row: here, server")

    def progress(name: str, rows: int) -> None:
        nonlocal before
        if rows == heights[name]:
            after = _spent(server)
            if rows >= LEAST_ROWS:
                print(_rate(name, rows, before, after), flush=True)
            before = after

    pushed = store.push(graph, progress=progress)
    print(_rate("all", pushed.nodes + pushed.relationships, begun, _spent(server)))
    print(f"  removed {pushed.removed:,}; load average {os.getloadavg()[0]:.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  peak: this process {peak:,} MB, the server {_peak(server):,} MB", flush=True)


def _rate(name: str, rows: int, before: Spent, after: Spent) -> str:
    clock, here, there = (b - a for a, b in zip(before, after, strict=True))
    return (
        f"  {name:16} {rows:9,} {clock:8.1f} {rows / clock:8,.0f}   {1e6 * here / rows:.0f}, {1e6 * there / rows:.0f}"
    )


def _spent(server: servers.Server) -> Spent:
    there = 0.0
    if server.home is not None:
        fields = _process(server.home, "stat").rpartition(")")[2].split()
        there = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return Spent(time.perf_counter(), time.process_time(), there)


def _ask(store: Neo4jStore, walks: Walks, number: int) -> None:
    """Paths from where a session came from to where a later one went, in the day that begins there."""
    rng = np.random.default_rng(7)
    index = walks.index
    questions: list[tuple[int, int, int]] = []
    while len(questions) < number:
        row = int(rng.integers(len(index)))
        src, begin = int(index.src[row]), int(index.earliest[row])
        reached = walks.reach(begin, begin + int(HOURS.total_seconds() * 1e6), hosts=[src])
        if len(reached.rows):
            questions.append((src, int(index.dst[int(rng.choice(reached.rows))]), begin))
    names = index.names.name
    end = int(HOURS.total_seconds() * 1e6)

    def there(src: int, dst: int, begin: int) -> int:
        times = {"begin": _moment(begin), "end": _moment(begin + end)}
        return len(store.ask("read/paths", src=names(src), dst=names(dst), limit=LIMIT, **times))

    def here(src: int, dst: int, begin: int) -> int:
        return len(paths_between(index, src, [dst], begin, begin + end, limit=LIMIT, max_hops=6).paths)

    for title, answer in (("Neo4j", there), ("in memory", here)):
        _timed(title, answer, questions)


def _timed(title: str, answer: Callable[[int, int, int], int], questions: list[tuple[int, int, int]]) -> None:
    answer(*questions[0])
    times, found = [], 0
    for question in questions:
        start = time.perf_counter()
        found += answer(*question)
        times.append(1000 * (time.perf_counter() - start))
    parts = statistics.quantiles(times, n=20)
    print(
        f"paths, {title}: {found:,} in {len(times)} questions; p50 {parts[9]:.1f} ms, p95 {parts[18]:.1f} ms, worst {max(times):.1f} ms"
    )


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)


def _peak(server: servers.Server) -> int:
    return 0 if server.home is None else int(_process(server.home, "status").split("VmHWM:")[1].split()[0]) // 1024


def _process(home: Path, file: str) -> str:
    return Path("/proc", (home / "pid").read_text().strip(), file).read_text()


if __name__ == "__main__":
    main()
