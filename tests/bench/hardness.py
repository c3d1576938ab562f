"""Whether an invented enterprise is as hard as a real one: what the plain rules make of it (docs/detection.md).

The logons go straight into hops, without logs. Usage: ``python -m tests.bench.hardness [--hosts 600] [--days 60]
[--seed 11 ...] [--habits usual]``. Ends with 1 where a figure is out of its bounds.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.graph.hops import build_hops
from graphmap.graph.index import build_index
from graphmap.identity import Identity
from graphmap.model import Basis
from graphmap.simulate import rivals
from graphmap.simulate.company import VERSIONS
from graphmap.simulate.enterprise import Enterprise
from graphmap.simulate.evaluate import alerts_of
from graphmap.simulate.metrics import Figures, Known, Span, measure
from graphmap.simulate.options import DAY, EPOCH, Habits, Options
from graphmap.tables import SESSIONS, TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

BOUNDS = {
    "first-seen of 100 logons of people": (4.0, 6.0),
    "alerts a day of the novelty rule, for 600 hosts": (100.0, 400.0),
    "attacks found by the novelty rule": (0.0, 0.25),
    "attacks found by the sessionless rule": (0.0, 0.6),
    "attacks found by Hopper's rule": (0.0, 0.6),
    "share of programs in all logons": (0.7, 0.8),
}
"""What comes out at real companies, with attacks at 5 false alerts a day."""


def figures(options: Options) -> Iterator[tuple[str, float]]:
    """The figures of BOUNDS for an enterprise."""
    enterprise = Enterprise(options)
    moves = pl.concat(list(enterprise.days()))
    hops = build_hops(sessions(enterprise, moves))
    index = build_index(hops)
    told = hops["command"].str.split(" ")
    attack = told.list.get(0).cast(pl.Int32).to_numpy()
    robot = (told.list.get(1) == "true").to_numpy()
    caused = {row: (f"a{attack[row]}", int(index.earliest[row])) for row in np.flatnonzero(attack >= 0).tolist()}
    begin, clean, end = (
        EPOCH + n * DAY for n in (options.history, options.days - options.clean, options.days)
    )  # fmt: skip
    identity = Identity(enterprise.addresses.inventory(options.days, np.random.default_rng(0)))
    alone = hops["basis"].is_in([Basis.START, Basis.OPEN]).to_numpy()
    rules = {
        "novelty": rivals.novelty(index),
        "sessionless": rivals.sessionless(index, alone),
        "hopper": rivals.hopper(index, identity, begin),
    }
    known = [Known(f"a{a.number}", a.family, a.stealth, int(a.moves["start"][0])) for a in enterprise.attacks]
    found: dict[str, Figures] = {
        name: measure(name, alerts_of(name, rule, index.earliest, caused), known, Span(begin, clean, end))
        for name, rule in rules.items()
    }
    fresh = np.zeros(len(index), dtype=np.bool_)
    fresh[rules["novelty"].rows] = True
    people = (index.earliest >= begin) & ~robot & (attack < 0)
    values = (
        100 * float(fresh[people].mean()), found["novelty"].alerts * 600 / options.hosts,
        *(found[name].at[5].detection for name in ("novelty", "sessionless", "hopper")), float(robot.mean()),
    )  # fmt: skip
    return zip(BOUNDS, values, strict=True)


def sessions(enterprise: Enterprise, moves: pl.DataFrame) -> pl.DataFrame:
    """The logons that a log or a sensor tells of, as SESSIONS; `command` has the attack's number and whether a robot."""
    company = enterprise.company
    seen = pl.Series(~company.silent[moves["dst"].to_numpy()])
    kept = moves.filter(pl.col("accepted") & seen)
    src, dst, account = (kept[name].to_numpy() for name in ("src", "dst", "account"))
    person = np.arange(len(company.accounts))
    person[company.admin_account] = np.arange(company.people)
    addresses = enterprise.addresses.texts.gather(src)
    is_host = pl.Series(src < company.hosts)
    start = kept["start"].cast(TIME)
    frame = kept.select(
        start=start,
        end=(pl.col("start") + pl.col("length")).cast(TIME),
        last=(pl.col("start") + pl.col("length")).cast(TIME),
        host=company.names.gather(dst),
        src=pl.when(is_host).then(company.names.gather(np.where(src < company.hosts, src, 0))).otherwise(addresses),
        src_known=is_host,
        user=company.accounts.gather(account),
        account=company.accounts.gather(person[account]),
        service=pl.lit("ssh"),
        key=pl.when(pl.col("key") >= 0).then(pl.format("{}", pl.col("key") // VERSIONS)),
        command=pl.format("{} {}", "attack", "robot"),
    )
    return frame.match_to_schema(SESSIONS, missing_columns="insert")


def main() -> int:
    """Print the figures of enterprises beside their bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=600)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--habits", type=Habits, default=Habits.USUAL)
    given = parser.parse_args()
    wrong = 0
    for seed in given.seed or [11]:
        options = Options(hosts=given.hosts, days=given.days, seed=seed, habits=given.habits)
        for name, value in figures(options):
            low, high = BOUNDS[name]
            good = low <= value <= high
            wrong += not good
            print(f"seed {seed}: {name}: {value:.2f} ({low:g} to {high:g}){'' if good else '  OUT OF BOUNDS'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
