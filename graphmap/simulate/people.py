"""What people do in a day: habits, some curiosity, and ways that leave no session at the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmap.simulate.company import CORE, DMZ, MGMT, NAMES, POOL, SLOTS, VERSIONS
from graphmap.simulate.moves import COMMAND, JUMP, NO_KEY, SCP, SFTP, SHELL, joined, moves
from graphmap.simulate.options import DAY, EPOCH, HOUR, MINUTE, SECOND, Habits

if TYPE_CHECKING:
    import polars as pl

    from graphmap.simulate.company import Company, Ids, Ints
    from graphmap.simulate.options import Options

CURIOSITY = {Habits.STEADY: 0.6, Habits.USUAL: 1.0, Habits.RESTLESS: 1.7}
DIRECT, THROUGH_SHELL, THROUGH_JUMP = range(3)
"""How people reach servers: from their desk, over a shell on a bastion, or by ProxyJump."""


class People:
    """All people of a company.

    `habit` has the destinations that each goes to, the most usual first, `onward` where each goes on to from there.
    """

    def __init__(self, company: Company, options: Options, rng: np.random.Generator) -> None:
        self.company, self.rng = company, rng
        self.curiosity = CURIOSITY[options.habits]
        number = company.people
        self.team = company.team.copy()
        self.pools = company.servers_of.copy()
        self.servers = rng.permutation(np.flatnonzero(company.role != 0)).astype(np.int32)
        weight = 1 / (np.arange(len(self.servers)) + 5) ** 0.5
        self._cumulated = np.cumsum(weight / weight.sum())
        known = np.concatenate([self.pools[self.team], self.anywhere((number, SLOTS))], axis=1)
        liking = rng.random((number, POOL + SLOTS)) + np.r_[np.zeros(POOL), np.full(SLOTS, 0.6)]
        self.habit = np.take_along_axis(known, np.argsort(liking, axis=1)[:, :SLOTS], axis=1)
        self.onward = rng.permuted(self.habit, axis=1)
        self.rate = np.minimum(rng.lognormal(2.05, 0.6, number), 40)
        self.zone = rng.choice([0, 0, 0, -6, 5], number) * HOUR
        self.route = rng.choice(3, number, p=[0.4, 0.3, 0.3])
        self.exempt = rng.random(number) < 0.06
        self.mosh = rng.random(number) < 0.05
        self.bastion = rng.choice(company.of_role("jump"), number)
        self.version = np.zeros(len(company.accounts), dtype=np.int32)
        late = rng.random(number) < 0.04
        self.joined = np.where(late, rng.integers(1, max(2, options.days), number), 0)
        usual = 1 / (np.arange(SLOTS) + 1.0)
        self._usual = np.cumsum(usual / usual.sum())

    def anywhere(self, size: int | tuple[int, ...]) -> Ids:
        """Servers of the company, the well-known more often."""
        places = np.searchsorted(self._cumulated, self.rng.random(size)).clip(max=len(self.servers) - 1)
        found: Ids = self.servers[places]
        return found

    def key_of(self, person: Ids, account: Ids) -> Ids:
        """The key with which a person opens an account; NO_KEY where the account has a password."""
        own = person * VERSIONS + self.version[person]
        by_password = self.company.passwords[person] & (
            (account == person) | (account == self.company.admin_account[person])
        )
        return np.where(by_password, NO_KEY, own).astype(np.int32)

    def account_for(self, person: Ids, dst: Ids) -> Ids:
        """The account that a person is on a host by habit: their own, an administrator's second, or a shared one."""
        company = self.company
        role = company.role[dst]
        lot = (person.astype(np.int64) * 7919 + dst.astype(np.int64) * 104_729) % 100
        lot = np.where(self.rng.random(len(person)) < 0.01, self.rng.integers(0, 100, len(person)), lot)
        is_ = {name: role == NAMES.index(name) for name in NAMES}
        account = person.astype(np.int32)
        account = np.where(
            (is_["app"] | is_["dev"] | is_["web"]) & (lot < 14), company.team_account[self.team[person]], account
        )
        account = np.where((is_["web"] | is_["build"]) & (lot >= 88), company.shared["deploy"], account)
        account = np.where(is_["db"] & (lot < 30), company.shared["postgres"], account)
        account = np.where(
            company.admin[person] & (company.segment[dst] >= CORE) & ~is_["jump"],
            company.admin_account[person],
            account,
        )
        account = np.where((is_["hv"] | is_["bkp"]) & (lot < 50), company.shared["root"], account)
        account = np.where(is_["vcs"] & (lot < 90), company.robots["git"], account)
        return np.where(company.windows[dst], person, account).astype(np.int32)

    def day(self, day: int) -> pl.DataFrame:
        """What people do on a day."""
        who, start, dst = self._plans(day)
        company, rng = self.company, self.rng
        kind, length = self._sessions(dst)
        account = self.account_for(who, dst)
        desk = self._desks(who, day)
        route = self._routes(who, dst, desk)
        last = np.where(route == DIRECT, desk, self.bastion[who])
        ended = (self.mosh[who] & (kind == SHELL) & (rng.random(len(who)) < 0.7)) | (rng.random(len(who)) < 0.012)
        shown = np.where(ended, rng.integers(SECOND, 4 * SECOND, len(who)), length)
        main = moves(
            start=start, length=shown, src=last, dst=dst, account=account, key=self._keys(who, account, dst), kind=kind,
            refused=self._mistyped(who), sent=self.bytes(kind),
        )  # fmt: skip
        person_of = who
        parts = [main, self._jumps(who, desk, start, shown, route), self._shells(who, desk, start, length, route)]
        further = (kind == SHELL) & ~company.windows[dst] & (rng.random(len(who)) < 0.17)
        for _ in range(2):
            person, begin, here, time = (array[further] for array in (who, start, dst, length))
            step, follow = self._on(person, begin, here, time)
            parts.append(step)
            who, start, dst, length = person, step["start"].to_numpy(), step["dst"].to_numpy(), follow
            further = (step["kind"].to_numpy() == SHELL) & ~company.windows[dst] & (rng.random(len(who)) < 0.25)
        parts.append(self._left_running(person_of, main))
        return joined(part.filter(part["src"] != part["dst"]) for part in parts)

    def _plans(self, day: int) -> tuple[Ids, Ints, Ids]:
        company, rng = self.company, self.rng
        weekday = day % 7 < 5
        there = (self.joined <= day) & (rng.random(company.people) < (0.88 if weekday else 0.08))
        who = np.repeat(
            np.arange(company.people, dtype=np.int32),
            np.where(there, rng.poisson(self.rate * (1 if weekday else 0.4)), 0),
        )
        size = len(who)
        slot = np.searchsorted(self._usual, rng.random(size)).clip(max=SLOTS - 1)
        dst = self.habit[who, slot]
        lot = rng.random(size) / self.curiosity
        dst = np.where(lot < 0.05, self.pools[self.team[who], rng.integers(0, POOL, size)], dst)
        curious = lot < 0.034
        dst = np.where(curious, self.anywhere(size), dst)
        keeps = curious & (rng.random(size) < 0.3)
        self.habit[who[keeps], rng.integers(5, SLOTS, int(keeps.sum()))] = dst[keeps]
        alive = company.born[dst] <= day
        who, dst = who[alive], dst[alive]
        hour = np.clip(rng.normal(13, 2.4, len(who)), 0.2, 23.5)
        hour = np.where(rng.random(len(who)) < 0.03, rng.uniform(0, 24, len(who)), hour)
        clock = ((hour * HOUR).astype(np.int64) + self.zone[who] + rng.integers(0, SECOND, len(who))) % DAY
        start = EPOCH + day * DAY + clock
        order = np.argsort(start, kind="stable")
        return who[order], start[order], dst[order].astype(np.int32)

    def _sessions(self, dst: Ids) -> tuple[Ids, Ints]:
        size, rng = len(dst), self.rng
        kind = rng.choice([SHELL, COMMAND, SFTP, SCP], size, p=[0.55, 0.33, 0.06, 0.06])
        kind = np.where(self.company.role[dst] == NAMES.index("vcs"), COMMAND, kind)
        minutes = np.where(kind == SHELL, rng.lognormal(2.6, 1.1, size), rng.lognormal(-2.5, 1.2, size))
        return kind.astype(np.int32), (np.minimum(minutes, 600) * MINUTE).astype(np.int64)

    def bytes(self, kind: Ids) -> Ints:
        """How much is sent to the destination."""
        base = np.where((kind == SFTP) | (kind == SCP), 13.0, 8.5)
        return self.rng.lognormal(base, 1.6).clip(max=5e9).astype(np.int64)

    def _keys(self, who: Ids, account: Ids, dst: Ids) -> Ids:
        return np.where(self.company.windows[dst], NO_KEY, self.key_of(who, account)).astype(np.int32)

    def _mistyped(self, who: Ids) -> Ids:
        typed = self.company.passwords[who] & (self.rng.random(len(who)) < 0.06)
        return np.where(typed, self.rng.integers(1, 4, len(who)), 0).astype(np.int32)

    def _desks(self, who: Ids, day: int) -> Ids:
        """From where each works that day: the desk, a colleague's, or the VPN."""
        company = self.company
        lot = np.random.default_rng([day, company.hosts]).random((company.people, 3))
        remote = lot[:, 0] < np.where(self.route == DIRECT, 0.04, 0.14)
        slot = (
            np.where(lot[:, 1] < 0.75, np.arange(company.people) * 31, (lot[:, 2] * 1e6).astype(np.int64))
            % company.pool
        )
        place = np.where(remote, company.hosts + slot, np.arange(company.people)).astype(np.int32)
        here = place[who]
        borrowed = (self.rng.random(len(who)) < 0.005) & ~remote[who]
        return np.where(borrowed, self.rng.permutation(company.people)[who], here).astype(np.int32)

    def _routes(self, who: Ids, dst: Ids, desk: Ids) -> Ids:
        company = self.company
        inside = np.isin(company.segment[dst], (CORE, DMZ, MGMT))
        must = (desk >= company.hosts) | (inside & ~self.exempt[who])
        route = np.where(must & (self.route[who] == DIRECT), THROUGH_JUMP, self.route[who])
        local = company.windows[dst] | (company.role[dst] == NAMES.index("jump"))
        return np.where(local, DIRECT, route).astype(np.int32)

    def _jumps(self, who: Ids, desk: Ids, start: Ints, length: Ints, route: Ids) -> pl.DataFrame:
        """What a bastion sees of ProxyJump: a connection in which nothing is started."""
        on = route == THROUGH_JUMP
        who, size = who[on], int(on.sum())
        return moves(
            start=start[on] - self.rng.integers(SECOND // 5, 2 * SECOND, size), length=length[on] + 3 * SECOND,
            src=desk[on], dst=self.bastion[who], account=who, key=self.key_of(who, who), kind=JUMP,
        )  # fmt: skip

    def _shells(self, who: Ids, desk: Ids, start: Ints, length: Ints, route: Ids) -> pl.DataFrame:
        """Shells on bastions: one for all that a person does within a few hours, some of which break off early."""
        on = route == THROUGH_SHELL
        who, desk, start, end = who[on], desk[on], start[on], (start + length)[on]
        order = np.lexsort((start, who))
        who, desk, start, end = who[order], desk[order], start[order], end[order]
        fresh = np.r_[True, (np.diff(who) != 0) | (np.diff(start) > 3 * HOUR)][: len(who)]
        first = np.flatnonzero(fresh)
        if not len(first):
            return moves(start=start, src=desk, dst=desk, account=who)
        last = np.maximum.reduceat(end, first)
        begin = start[first] - self.rng.integers(5 * SECOND, 4 * MINUTE, len(first))
        whole = last - begin + self.rng.integers(MINUTE, HOUR, len(first))
        broken = self.rng.random(len(first)) < 0.12
        return moves(
            start=begin, length=np.where(broken, whole // 3, whole), src=desk[first], dst=self.bastion[who[first]],
            account=who[first], key=self.key_of(who[first], who[first]), kind=SHELL, refused=self._mistyped(who[first]),
        )  # fmt: skip

    def _on(self, who: Ids, start: Ints, here: Ids, length: Ints) -> tuple[pl.DataFrame, Ints]:
        """Go on from a server while the shell on it is open, mostly where one always goes from there."""
        rng, size = self.rng, len(who)
        slot = (here.astype(np.int64) * 31 + who) % 3
        dst = self.onward[who, slot]
        dst = np.where(
            rng.random(size) < 0.08 * self.curiosity, self.pools[self.team[who], rng.integers(0, POOL, size)], dst
        )
        dst = np.where(self.company.windows[dst], here, dst)  # nobody reaches a share from a shell
        kind, lasts = self._sessions(dst)
        account = self.account_for(who, dst)
        step = moves(
            start=start + (rng.uniform(0.05, 0.9, size) * length).astype(np.int64), length=np.minimum(lasts, length),
            src=here, dst=dst, account=account, key=self._keys(who, account, dst), kind=kind, sent=self.bytes(kind),
        )  # fmt: skip
        return step, np.minimum(lasts, length)

    def _left_running(self, who: Ids, main: pl.DataFrame) -> pl.DataFrame:
        """Scripts in tmux and shells of mosh: they go on to other hosts hours after the session was closed."""
        rng = self.rng
        rows = np.flatnonzero((main["kind"] == SHELL).to_numpy() & (rng.random(main.height) < 0.035))
        rows = rows[~self.company.windows[main["dst"].to_numpy()[rows]]]
        here, start, who = main["dst"].to_numpy()[rows], main["start"].to_numpy()[rows], who[rows]
        repeat = np.repeat(np.arange(len(who)), rng.geometric(0.6, len(who)))
        here, start, who = here[repeat], start[repeat], who[repeat]
        slot = (here.astype(np.int64) * 31 + who) % 3
        dst = self.onward[who, slot]
        dst = np.where(self.company.windows[dst], here, dst)
        account = self.account_for(who, dst)
        kind = np.full(len(who), COMMAND)
        later, length = rng.uniform(1, 10, len(who)) * HOUR, rng.lognormal(1, 1.2, len(who)) * SECOND
        return moves(
            start=start + later.astype(np.int64), length=length.astype(np.int64), src=here, dst=dst, account=account,
            key=self._keys(who, account, dst), kind=kind, sent=self.bytes(kind),
        )  # fmt: skip
