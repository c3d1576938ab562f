"""How long answers over HTTP take: `graphmap serve` on a lake of many events, asked by several clients at once.

The lake is that of an invented estate (``tests.bench.estate``), its findings those of a hunt. The clients are one
process with as many connections, each of which asks the next question when it has the answer to the one before. Every
question is asked of another host, account or attack, and none says that it has the answer already. A shared machine
says little by its clock: the load before and after is printed.

Usage: ``python -m tests.bench.api [--events 10M] [--clients 1,8,32] [--requests 200] [--home FOLDER]``. With a folder,
the lake stays there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import polars as pl

from graphmap.config import Settings
from graphmap.detect import DETECTORS
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.hunt import hunt
from graphmap.store.lake import Lake
from tests.api.serving import serving
from tests.bench.days import events_of
from tests.bench.estate import BEGIN, DAY, DAYS, SECOND, Estate, make_estate
from tests.bench.rounds import read_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.api.serving import Server

EVENTS_A_HOP = 2
"""A logon and, mostly, its end; a tenth is refused first."""

VAULT = 20
"""Every so manyth host lies in the restricted segment."""

HUNTED = ("restricted-segment", "fan-out")
"""The detectors of the hunt: all of them would take longer than all else here."""

SECONDS = 60.0
"""How long a client waits for an answer."""


class Question(NamedTuple):
    """What is asked for: the path below /api/v1 and its parameters."""

    path: str
    parameters: dict[str, str | int]


class Result(NamedTuple):
    """How long answers took, in seconds, and how long all of them together."""

    kind: str
    clients: int
    seconds: tuple[float, ...]
    whole: float

    def quantile(self, share: float) -> float:
        """Milliseconds within which a share of the answers was there."""
        ordered = sorted(self.seconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1_000


def questions(estate: Estate, number: int) -> dict[str, list[Question]]:
    """So many questions of each kind, no two the same."""
    rng = random.Random(8)
    hosts = [f"h{code:07}" for code in range(estate.hosts)]
    attacks = [rng.choice(estate.attacks) for _ in range(number)]
    return {
        "search": [
            Question("search", {"q": rng.choice((f"{n % 1_000:03}", f"host:h{n:04}", f"u{n:03}", f"outside-{n:03}"))})
            for n in range(number)
        ],
        "neighbourhood": [
            Question("graph", {"seed": f"host:{rng.choice(hosts)}", "depth": 1, "limit": 100 + n % 300})
            for n in range(number)
        ],
        "paths": [
            Question(
                "paths",
                {
                    "from": hosts[attack.hosts[0]],
                    "to": hosts[attack.hosts[-1]],
                    "at": datetime.fromtimestamp(attack.begin / SECOND - 3_600, UTC).isoformat(),
                    "window": f"{8 + n % 16}h",
                },
            )
            for n, attack in enumerate(attacks)
        ],
        "findings": [Question("findings", {"limit": 20 + n % 80, "q": rng.choice(hosts)[:-1]}) for n in range(number)],
    }


def fill(home: Path, events: int) -> Estate:
    """Make the lake, an inventory and the findings where there are none yet."""
    estate = make_estate(events // EVENTS_A_HOP)
    if (home / "made").exists():
        return estate
    settings = Settings(home)
    lake = Lake(settings.lake)
    day = (pl.col("start") - BEGIN) // DAY
    for number in range(DAYS):
        codes = estate.codes.filter(day == number)
        lake.append_events(events_of(Estate(codes, estate.hosts, estate.accounts, ())))
    entries = "".join(
        f"  - {{name: h{code:07}, segment: {'vault' if code % VAULT == 0 else 'office'}}}\n"
        for code in range(estate.hosts)
    )
    settings.inventory.write_text(
        f"segments:\n  - {{name: office}}\n  - {{name: vault, restricted: true}}\nhosts:\n{entries}"
    )
    start = time.perf_counter()
    found = hunt(settings, [DETECTORS[name] for name in HUNTED])
    print(f"hunted in {time.perf_counter() - start:,.0f} s: {len(found.cases):,} findings", flush=True)
    (home / "made").touch()
    return estate


async def ask(server: Server, kind: str, asked: Sequence[Question], clients: int) -> Result:
    """Ask all questions by so many clients."""
    left = iter(asked)
    seconds: list[float] = []
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    headers = {"authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(
        base_url=f"{server.base}/api/v1/", headers=headers, limits=limits, timeout=SECONDS
    ) as http:

        async def one() -> None:
            for question in left:
                begun = time.perf_counter()
                answer = await http.get(question.path, params=question.parameters)
                seconds.append(time.perf_counter() - begun)
                answer.raise_for_status()

        begun = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(clients)))
        return Result(kind, clients, tuple(seconds), time.perf_counter() - begun)


def tell(results: Iterable[Result]) -> None:
    """Print a line for each."""
    print(f"{'':16}{'clients':>8}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'a second':>10}")
    for one in results:
        p50, p95 = statistics.median(one.seconds) * 1_000, one.quantile(0.95)
        rate = len(one.seconds) / one.whole
        print(f"{one.kind:16}{one.clients:8}{p50:9.1f}{p95:9.1f}{max(one.seconds) * 1_000:9.1f}{rate:10.1f}")


def load() -> str:
    """How busy the machine is: the mean number of processes that run or wait to, of 1, 5 and 15 minutes."""
    return f"load {', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} cores"


def main() -> None:
    """Fill, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=read_size, default=10_000_000)
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home.mkdir(parents=True, exist_ok=True)
        estate = fill(home, options.events)
        settings = Settings(home)
        size = load_estate(settings)
        print(f"{Lake(settings.lake).snapshot().events:,} events, {len(size.index):,} hops, {estate.hosts:,} hosts")
        del size
        server = stack.enter_context(serving(home))
        every = questions(estate, options.requests)
        for kind, asked in every.items():  # what is made once for a version of the data
            asyncio.run(ask(server, kind, asked[:3], 1))
        print(load(), file=sys.stdout, flush=True)
        tell(
            asyncio.run(ask(server, kind, asked, clients))
            for kind, asked in every.items()
            for clients in map(int, options.clients.split(","))
        )
        print(load())


if __name__ == "__main__":
    main()
