"""What programs do: three quarters of all logons, on the dot, and changing all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphmap.simulate.company import NAMES, VERSIONS
from graphmap.simulate.moves import COMMAND, SFTP, moves
from graphmap.simulate.options import DAY, EPOCH, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from graphmap.simulate.company import Ids
    from graphmap.simulate.people import People

SHARE = 3.0
"""Logons of programs for each of a person's."""

PERSONAL = 9
"""Version of the key, without a passphrase, that a person's own cron jobs use."""

JOBS = pl.Schema({
    "src": pl.Int32, "dst": pl.Int32, "account": pl.Int32, "key": pl.Int32, "period": pl.Int64, "phase": pl.Int64,
    "jitter": pl.Int64, "kind": pl.Int8, "first": pl.Int32, "last": pl.Int32, "length": pl.Int64,
})  # fmt: skip


class Automation:
    """All jobs of a company; `first` and `last` are days."""

    def __init__(self, people: People, rng: np.random.Generator, logons_of_people: float) -> None:
        self.company, self.people, self.rng = people.company, people, rng
        self.jobs = self._standing(logons_of_people)

    def day(self, day: int) -> pl.DataFrame:
        """What programs do on a day, after some jobs were set up anew."""
        self._change(day)
        begin, end = day * DAY, (day + 1) * DAY
        jobs = self.jobs.filter(pl.col("first") <= day, pl.col("last") >= day)
        period, phase = jobs["period"].to_numpy(), jobs["phase"].to_numpy()
        before, until = -(-(begin - phase) // period), -(-(end - phase) // period)
        counts = np.maximum(until - before, 0)
        row = np.repeat(np.arange(jobs.height), counts)
        turn = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + before[row]
        late = self.rng.random(len(row)) * jobs["jitter"].to_numpy()[row]
        done = self.rng.random(len(row)) > 0.01
        row, start = row[done], (EPOCH + turn * period[row] + phase[row] + late.astype(np.int64))[done]
        frame = jobs[row]
        return moves(
            start=start,
            length=(self.rng.exponential(1, len(row)) * frame["length"].to_numpy()).astype(np.int64) + SECOND // 4,
            **{name: frame[name].to_numpy() for name in ("src", "dst", "account", "key", "kind")},
            sent=self.rng.lognormal(8, 1, len(row)).astype(np.int64),
            robot=True,
        )

    def _standing(self, logons_of_people: float) -> pl.DataFrame:
        company, rng = self.company, self.rng
        linux = np.flatnonzero((company.role != 0) & ~company.windows).astype(np.int32)
        by = {name: company.of_role(name) for name in NAMES}
        served = linux[~np.isin(company.role[linux], [NAMES.index("ctl")])]
        robots = company.robots

        def at(host: Ids, targets: Ids) -> Ids:
            """The controller that serves each target."""
            return host[targets % len(host)]

        apps = np.concatenate([by["app"], by["web"]])
        builds = rng.choice(by["build"], 2 * len(apps)).astype(np.int32)
        databases = rng.choice(by["db"], len(by["app"]))
        keeps = np.concatenate([by["db"], by["app"], by["vcs"]])
        parts = [
            self._jobs(at(by["ctl"], served), served, robots["ansible"], 6 * HOUR, jitter=20 * MINUTE),
            self._jobs(at(by["bkp"], keeps), keeps, robots["svc-backup"], DAY, length=10 * MINUTE, jitter=HOUR),
            self._jobs(builds, rng.choice(apps, len(builds)), robots["svc-ci"], DAY, jitter=9 * HOUR),
            self._jobs(by["app"], databases, robots["svc-etl"], 2 * HOUR, jitter=5 * MINUTE, kind=SFTP),
            self._jobs(apps, at(by["vcs"], apps), robots["git"], 4 * HOUR, jitter=MINUTE),
            self._jobs(np.full_like(served, by["ctl"][-1]), served, robots["svc-scan"], 7 * DAY, jitter=4 * HOUR),
            self._jobs(np.full_like(by["web"], by["ctl"][0]), by["web"], robots["svc-cert"], 30 * DAY, jitter=HOUR),
        ]
        # standing exceptions to the policy: the DMZ reaches into the core
        some = rng.choice(by["web"], max(1, len(by["web"]) // 10), replace=False)
        parts.append(self._jobs(some, rng.choice(by["db"], len(some)), company.shared["deploy"], 7 * DAY, jitter=HOUR))
        forgotten = max(2, company.hosts // 15)
        parts.append(
            self._jobs(rng.choice(linux, forgotten), rng.choice(linux, forgotten), robots["svc-etl"], 30 * DAY)
        )
        parts.append(self.personal(company.people // 4, 0))
        daily = sum(float((DAY / part["period"]).sum()) for part in parts)
        left = max(1.0, SHARE * logons_of_people - daily) / len(served)
        period = int(DAY / left)
        parts.append(
            self._jobs(at(by["ctl"][::-1], served), served, robots["svc-monitor"], period, jitter=period // 20)
        )
        return pl.concat(parts).filter(pl.col("src") != pl.col("dst"))

    def _jobs(self, src: Ids, dst: Ids, account: int, period: int, **columns: int) -> pl.DataFrame:
        """Jobs of a program that begin when their hosts do."""
        first = np.maximum(self.company.born[src], self.company.born[dst])
        usual = {"jitter": 10 * SECOND, "kind": COMMAND, "length": 4 * SECOND, "first": first, "last": 1 << 30}
        key = account * VERSIONS
        return self._table(**usual | columns, src=src, dst=dst, account=account, key=key, period=period)

    def _table(self, **columns: Any) -> pl.DataFrame:
        """Rows of schema JOBS; a single value is that of all rows."""
        size = len(columns["src"])
        full = {name: np.broadcast_to(value, size) for name, value in columns.items()}
        phase = (self.rng.random(size) * full["period"]).astype(np.int64)
        return pl.DataFrame(full | {"phase": phase}).select(pl.col(n).cast(kind) for n, kind in JOBS.items())

    def personal(self, number: int, day: int) -> pl.DataFrame:
        """Cron jobs of people, from a server on which they work, as themselves or as their team."""
        people, rng, company = self.people, self.rng, self.company
        who = rng.choice(company.people, number).astype(np.int32)
        src = people.habit[who, rng.integers(0, 6, number)]
        dst = people.onward[who, rng.integers(0, 8, number)]
        good = ~company.windows[src] & ~company.windows[dst] & (company.born[src] <= day) & (company.born[dst] <= day)
        who, src, dst = who[good], src[good], dst[good]
        size = len(who)
        own = rng.random(size) < 0.6
        account = np.where(own, who, people.account_for(who, dst))
        key = who * VERSIONS + PERSONAL
        period = rng.choice([HOUR, 6 * HOUR, DAY, DAY, 7 * DAY, 30 * DAY], size)
        last = day + rng.geometric(1 / 40, size)
        return self._table(
            src=src, dst=dst, account=account, key=key, period=period, jitter=MINUTE, kind=COMMAND, length=10 * SECOND,
            first=day, last=last,
        )  # fmt: skip

    def _change(self, day: int) -> None:
        """Every day people set up cron jobs, and a few programs get a new destination."""
        rng, company = self.rng, self.company
        parts = [self.jobs.filter(pl.col("last") >= day), self.personal(int(rng.poisson(company.people * 0.02)), day)]
        number = int(rng.poisson(company.hosts * 0.004))
        some = self.jobs.filter(pl.col("first") <= day, pl.col("period") <= DAY)
        if number and some.height:
            new = some[rng.integers(0, some.height, number)].with_columns(
                dst=pl.Series(self.people.anywhere(number), dtype=pl.Int32), first=pl.lit(day, pl.Int32)
            )
            fine = (new["src"] != new["dst"]) & pl.Series(~company.windows[new["dst"].to_numpy()])
            parts.append(new.filter(fine))
        self.jobs = pl.concat(parts)
