"""What happens now and then in every company, and looks like an attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.simulate.company import POOL, SLOTS
from graphmap.simulate.moves import COMMAND, NO_KEY, SHELL, joined, moves
from graphmap.simulate.options import DAY, EPOCH, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.simulate.company import Ids, Ints
    from graphmap.simulate.people import People

GUESSES = ("admin", "test", "oracle", "ubuntu", "user", "ftpuser", "pi", "guest", "hadoop", "minecraft", "es", "nagios")
"""Names that scanners try. Their codes follow those of the accounts."""

OUTSIDE = 4_096
"""Addresses of the internet that scans come from. Their codes follow those of the VPN pool."""


class Unusual:
    """Incidents, consoles, break-glass, one-off accesses, moves between teams, new servers, rotated keys, scans."""

    def __init__(self, people: People, rng: np.random.Generator) -> None:
        self.people, self.company, self.rng = people, people.company, rng
        self.exposed = np.r_[self.company.of_role("jump"), self.company.of_role("web")[::4]]

    def day(self, day: int) -> pl.DataFrame:
        """The logons of a day that belong to no habit."""
        self._staff(day)
        self._new_servers(day)
        parts = joined([*self._incidents(day), self._consoles(day), self._one_offs(day), self._break_glass(day)])
        fine = parts.filter(
            ~np.isin(parts["dst"].to_numpy(), np.flatnonzero(self.company.windows | (self.company.born > day)))
            & (parts["src"] != parts["dst"]).to_numpy()
        )
        return joined([fine, self._scans(day), self._typing(day)])

    def _moments(self, day: int, size: int) -> Ints:
        hour = np.clip(self.rng.normal(13, 3.5, size), 0.1, 23.8)
        return EPOCH + day * DAY + (hour * HOUR).astype(np.int64) + self.rng.integers(0, SECOND, size)

    def _some_people(self, mean: float, *, admins: bool = False) -> Ids:
        among = np.flatnonzero(self.company.admin) if admins else np.arange(self.company.people)
        return self.rng.choice(among, int(self.rng.poisson(mean * self.company.people))).astype(np.int32)

    def _logons(self, who: Ids, src: Ids, dst: Ids, account: Ids, start: Ints) -> pl.DataFrame:
        size = len(who)
        kind = self.rng.choice([SHELL, COMMAND], size, p=[0.6, 0.4])
        return moves(
            start=start, length=(self.rng.lognormal(2, 1.2, size) * MINUTE).astype(np.int64).clip(max=8 * HOUR),
            src=src, dst=dst, account=account, key=self.people.key_of(who, account), kind=kind,
            sent=self.people.bytes(kind),
        )  # fmt: skip

    def _incidents(self, day: int) -> Iterator[pl.DataFrame]:
        """A few people look at many hosts in a hurry, some of them for the first time, and go on from host to host."""
        people, company, rng = self.people, self.company, self.rng
        for _ in range(int(rng.poisson(company.people / 3_000))):
            begin = EPOCH + day * DAY + int(rng.uniform(0, 20) * HOUR)
            where = people.anywhere(int(rng.integers(6, 21)))
            for person in rng.choice(company.people, min(company.people, int(rng.integers(3, 9)))):
                hosts = rng.permutation(where)[: int(rng.integers(3, 12))]
                hosts = hosts[~company.windows[hosts]]
                who = np.full(len(hosts), person, dtype=np.int32)
                start = begin + np.sort(rng.integers(0, 3 * HOUR, len(hosts)))
                from_host = rng.random(len(hosts)) < 0.3
                src = np.where(
                    from_host, np.r_[people.bastion[person], hosts[:-1]][: len(hosts)], people.bastion[person]
                )
                account = np.where(rng.random(len(hosts)) < 0.3, company.shared["root"], people.account_for(who, hosts))
                yield self._logons(who, src, hosts, account.astype(np.int32), start)

    def _consoles(self, day: int) -> pl.DataFrame:
        """Somebody at a console, of which sshd knows nothing, goes on from there to a few hosts."""
        people, company, rng = self.people, self.company, self.rng
        who = np.repeat(self._some_people(0.04), 2)
        here = np.where(
            rng.random(len(who)) < 0.8, people.habit[who, rng.integers(0, SLOTS, len(who))], people.anywhere(len(who))
        )
        here[1::2] = here[::2]
        here = np.where(company.windows[here], people.bastion[who], here)
        dst = people.habit[who, rng.integers(0, SLOTS, len(who))]
        start = self._moments(day, len(who))
        start[1::2] = start[::2] + rng.integers(MINUTE, HOUR, len(who) // 2)
        return self._logons(who, here, dst, people.account_for(who, dst), start)

    def _one_offs(self, day: int) -> pl.DataFrame:
        """Accesses that somebody approved for one time."""
        people, rng = self.people, self.rng
        who = self._some_people(0.012)
        dst = people.anywhere(len(who))
        account = np.where(rng.random(len(who)) < 0.4, self.company.shared["deploy"], people.account_for(who, dst))
        return self._logons(who, people.bastion[who], dst, account.astype(np.int32), self._moments(day, len(who)))

    def _break_glass(self, day: int) -> pl.DataFrame:
        """The account that lies in the safe."""
        who = self._some_people(0.001, admins=True)
        dst = self.rng.choice(self.company.of_role("db", "hv", "bkp", "vcs"), len(who)).astype(np.int32)
        account = np.full(len(who), self.company.shared["emergency"], dtype=np.int32)
        start = self._moments(day, len(who))
        found = self._logons(who, self.people.bastion[who], dst, account, start)
        return found.with_columns(key=NO_KEY).cast(found.schema)

    def _staff(self, day: int) -> None:
        """People change teams or join projects, and keys are rotated."""
        people, rng = self.people, self.rng
        for person in self._some_people(0.0008):
            people.team[person] = rng.integers(0, self.company.teams)
            people.habit[person, 2:9] = rng.permutation(people.pools[people.team[person]])[:7]
        for person in self._some_people(0.004):
            other = rng.integers(0, self.company.teams)
            people.habit[person, 3:6] = people.pools[other, rng.integers(0, POOL, 3)]
        for person in self._some_people(1 / 180):
            people.version[person] = min(people.version[person] + 1, 8)
        del day

    def _new_servers(self, day: int) -> None:
        """A new server belongs to a team or two from its first day, and most of them look at it."""
        people, rng = self.people, self.rng
        for host in np.flatnonzero(self.company.born == day) if day else ():
            for team in rng.integers(0, self.company.teams, int(rng.integers(1, 3))):
                people.pools[team, rng.integers(2, POOL)] = host
                members = np.flatnonzero((people.team == team) & (rng.random(self.company.people) < 0.6))
                people.habit[members, rng.integers(1, 7, len(members))] = host

    def _scans(self, day: int) -> pl.DataFrame:
        """The internet tries names and passwords on what it can reach."""
        rng, company = self.rng, self.company
        size = int(rng.poisson(25 * len(self.exposed)))
        known = rng.random(size) < 0.25
        account = np.where(known, company.shared["root"], len(company.accounts) + rng.integers(0, len(GUESSES), size))
        source = company.hosts + company.pool + (rng.pareto(0.7, size) * 7).astype(np.int64) % OUTSIDE
        return moves(
            start=EPOCH + day * DAY + rng.integers(0, DAY, size), src=source, dst=rng.choice(self.exposed, size),
            account=account, refused=rng.integers(1, 4, size), accepted=False,
            length=rng.integers(SECOND, 9 * SECOND, size),
        )  # fmt: skip

    def _typing(self, day: int) -> pl.DataFrame:
        """People who do not remember the password, and programs whose password ran out."""
        rng, company = self.rng, self.company
        who = self._some_people(0.02)
        dst = self.people.habit[who, 0]
        times = np.repeat(np.arange(len(who)), np.where(rng.random(len(who)) < 0.1, 12, 1))
        who, dst = who[times], dst[times]
        start = self._moments(day, len(times))
        start = start[times] + np.arange(len(times)) * 20 * SECOND if len(times) else start
        return moves(
            start=start, src=who, dst=dst, account=who, refused=rng.integers(1, 4, len(who)), accepted=False,
            length=rng.integers(2 * SECOND, 20 * SECOND, len(who)),
        ).filter(pl.Series(company.born[dst] <= day))  # fmt: skip
