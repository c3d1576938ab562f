"""Intruders: what they hold, where they go, and when.

After the attack generator of Hopper (Ho et al., USENIX Security 2021): goals and stealth levels as there. On arrival an
intruder takes every credential that came in on the host within 7 days, and goes only where it was accepted within 31.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import polars as pl

from graphmap.simulate.company import CORE, VERSIONS
from graphmap.simulate.moves import COMMAND, JUMP, NO_KEY, SCP, SFTP, SHELL, moves
from graphmap.simulate.options import DAY, EPOCH, HOUR, MINUTE, SECOND, Family, Stealth

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.simulate.company import Flags, Ids
    from graphmap.simulate.moves import Ways
    from graphmap.simulate.options import Options

TAKEN = 7 * DAY
ACTIVE = DAY
STARTS = 80
"""Hosts that are tried as the first foothold before an attack is given up."""
ROBOTS_WORTH = 0.2
"""How often an intruder takes a program's credential, a person's being 1: programs forward no agent."""


class Ground(Protocol):
    """What intruders must know of a company (`graphmap.simulate.company.Company` says what each is)."""

    @property
    def people(self) -> int:
        """How many there are: nodes below are their desks, accounts below theirs."""

    @property
    def role(self) -> Ids:
        """0 of a desk."""

    @property
    def segment(self) -> Ids:
        """CORE of what is restricted."""

    @property
    def windows(self) -> Flags:
        """Which nodes nobody goes on from but from where they began."""

    @property
    def born(self) -> Ids:
        """On which day each host came."""

    @property
    def robots(self) -> dict[str, int]:
        """Accounts of programs."""

    @property
    def accounts(self) -> pl.Series:
        """Their names."""


class Step(NamedTuple):
    """A logon of an intruder; `wait` is the time since the step before, in us."""

    src: int
    dst: int
    account: int
    key: int
    wait: int
    kind: int = SHELL
    sent: int = 6_000
    refused: int = 0
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack that was put in: its number, what it is, where it starts, and its logons (schema MOVES)."""

    number: int
    family: Family
    stealth: Stealth
    origin: int
    moves: pl.DataFrame


@dataclass(slots=True)
class _Foot:
    """An intruder at work."""

    origin: int
    hosts: list[int]
    credentials: set[tuple[int, int]] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)


def schedule(options: Options, rng: np.random.Generator) -> list[tuple[int, Family, Stealth]]:
    """The day of each attack, its family and stealth: all pairs in turn, in an order that the seed decides."""
    span = options.days - options.history - options.clean
    number = max(0, round(options.attacks * span))
    pairs = [(family, stealth) for family in options.families for stealth in options.stealths]
    chosen: list[tuple[Family, Stealth]] = []
    while len(chosen) < number and pairs:
        chosen += [pairs[n] for n in rng.permutation(len(pairs))]
    return [
        (options.history + place * span // number, family, stealth)
        for place, (family, stealth) in enumerate(chosen[:number])
    ]


class Intruders:
    """Plans attacks from what people and programs did before."""

    def __init__(self, company: Ground, options: Options, rng: np.random.Generator) -> None:
        self.company, self.rng = company, rng
        self.plan = schedule(options, rng)
        self._goals: dict[Family, Callable[[_Foot, Stealth], None]] = {
            Family.EXPLORATION: lambda foot, stealth: self._wander(foot, stealth, int(self.rng.integers(3, 13))),
            Family.SPREAD: self._spread,
            Family.TARGETED: lambda foot, stealth: self._aim(foot, stealth, int(self.rng.integers(3, 6))),
            Family.STOLEN_KEY: self._steal,
            Family.PLANTED_KEY: self._plant,
            Family.SPRAY: self._spray,
            Family.STAGING: self._stage,
            Family.TUNNEL: self._tunnel,
        }

    def day(self, day: int, ways: Ways) -> list[Attack]:
        """The attacks that begin on a day, by what was seen before it. One that is not possible is left out."""
        found = []
        for number, (when, family, stealth) in enumerate(self.plan):
            if when == day and (attack := self._attack(number, family, stealth, day, ways)):
                found.append(attack)
        return found

    def _attack(self, number: int, family: Family, stealth: Stealth, day: int, ways: Ways) -> Attack | None:
        rng, company = self.rng, self.company
        self._know(ways, EPOCH + day * DAY, number)
        least = 2 if family in {Family.TARGETED, Family.STAGING, Family.TUNNEL} else 3
        best: _Foot | None = None
        servers = np.flatnonzero(
            (company.role != 0) & ~company.windows & ((company.born == 0) | (company.born < day - 14))
        )
        for _ in range(STARTS):
            desk = rng.random() < 0.65 or not len(servers)
            origin = int(rng.integers(0, company.people) if desk else rng.choice(servers))
            foot = _Foot(origin, [origin])
            self._arrive(foot, origin)
            self._goals[family](foot, stealth)
            if best is None or _gained(foot) > _gained(best):
                best = foot
            if _gained(best) >= least:
                break
        if best is None or _gained(best) < 2:
            return None
        return Attack(number, family, stealth, best.origin, self._timed(best, number, family, day))

    def _know(self, ways: Ways, now: int, number: int) -> None:
        """Take down what could be known at a moment."""
        table = ways.table
        self._src, self._dst, self._account, self._key, self._last = (
            table[name].to_numpy() for name in ("src", "dst", "account", "key", "last")
        )
        self._now = now
        self._edges = np.unique(self._src.astype(np.int64) << 32 | self._dst)
        self._robots = np.array(sorted(self.company.robots.values()))
        self._planted = (len(self.company.accounts) + 64) * VERSIONS + number

    def _arrive(self, foot: _Foot, host: int) -> None:
        """Take what came in on a host, and what its owner has."""
        came = (self._dst == host) & (self._last >= self._now - TAKEN)
        if host < self.company.people:
            came |= (self._src == host) & (self._account == host) & (self._last >= self._now - TAKEN)
        foot.credentials |= set(zip(self._account[came].tolist(), self._key[came].tolist(), strict=True))

    def _ways(self, foot: _Foot, here: int, stealth: Stealth) -> Ids:
        """Ways that lead on from a host: the rows of what is known whose credential and destination can be used."""
        keys = {key for _, key in foot.credentials if key != NO_KEY}
        typed = {account for account, key in foot.credentials if key == NO_KEY}
        good: Flags = np.isin(self._key, list(keys)) | ((self._key == NO_KEY) & np.isin(self._account, list(typed)))
        good &= ~np.isin(self._dst, foot.hosts)
        if stealth in {Stealth.EDGES, Stealth.BOTH}:
            good &= np.isin(np.int64(here) << 32 | self._dst.astype(np.int64), self._edges)
        if stealth in {Stealth.ACCOUNTS, Stealth.BOTH}:
            active = self._account[(self._dst == here) & (self._last >= self._now - ACTIVE)].tolist()
            good &= np.isin(self._account, [*active, here] if here < self.company.people else active)
        robot = np.isin(self._account, self._robots)
        good &= ~robot | (self.rng.random(len(robot)) < ROBOTS_WORTH)
        return np.flatnonzero(good).astype(np.int32)

    def _step(
        self, foot: _Foot, here: int, stealth: Stealth, pace: float, *, core: bool = False, kind: int = SHELL
    ) -> int | None:  # fmt: skip
        """Go on from a host to one that is new; None where there is none. `pace` is the usual wait in minutes."""
        rows = self._ways(foot, here, stealth)
        if core and len(rows):
            inside = rows[self.company.segment[self._dst[rows]] == CORE]
            rows = inside if len(inside) else rows
        if not len(rows):
            return None
        target = self.rng.choice(np.unique(self._dst[rows]))
        row = int(self.rng.choice(rows[self._dst[rows] == target]))
        wait = int(self.rng.lognormal(np.log(pace), 0.9) * MINUTE) + SECOND
        lot = self.rng.random()
        kind = kind if kind != SHELL or lot < 0.75 else COMMAND
        self._take(foot, Step(here, int(target), int(self._account[row]), int(self._key[row]), wait, kind))
        return int(target)

    def _take(self, foot: _Foot, step: Step) -> None:
        foot.steps.append(step)
        if step.dst not in foot.hosts:
            foot.hosts.append(step.dst)
            self._arrive(foot, step.dst)

    def _footholds(self, foot: _Foot) -> list[int]:
        """Hosts from which an intruder can go on: no shares."""
        return [host for host in foot.hosts if not self.company.windows[host] or host == foot.origin]

    def _wander(self, foot: _Foot, stealth: Stealth, most: int, pace: float = 15.0) -> None:
        """Go on, mostly from the last host, else from an earlier one."""
        stuck = 0
        while len(foot.steps) < most and stuck < 4:
            hosts = self._footholds(foot)
            here = hosts[-1] if self.rng.random() < 0.65 else int(self.rng.choice(hosts))
            stuck = stuck + 1 if self._step(foot, here, stealth, pace) is None else 0

    def _spread(self, foot: _Foot, stealth: Stealth) -> None:
        """Go everywhere from everywhere, fast."""
        most = int(self.rng.integers(8, 51))
        place = 0
        while place < len(foot.hosts) and len(foot.steps) < most:
            here = foot.hosts[place]
            usable = here == foot.origin or not self.company.windows[here]
            fan = int(self.rng.integers(2, 9)) if usable else 0
            while fan and len(foot.steps) < most and self._step(foot, here, stealth, 0.6) is not None:
                fan -= 1
            place += 1

    def _aim(self, foot: _Foot, stealth: Stealth, most: int, *, kind: int = SHELL) -> None:
        """Reach a restricted host within a few hops."""
        while len(foot.steps) < most:
            here = self._footholds(foot)[-1]
            near = len(foot.steps) > 0 and self.rng.random() < 0.7
            reached = self._step(foot, here, stealth, 12.0, core=near, kind=kind)
            if reached is None or (len(foot.steps) > 1 and self.company.segment[reached] == CORE):
                return

    def _steal(self, foot: _Foot, stealth: Stealth) -> None:
        """Find somebody's key on a server and use it, from there or from the first foothold."""
        self._wander(foot, stealth, 1)
        place = foot.hosts[-1] if self.rng.random() < 0.5 else foot.origin
        for _ in range(int(self.rng.integers(2, 6))):
            self._step(foot, place, stealth, 20.0)

    def _plant(self, foot: _Foot, stealth: Stealth) -> None:
        """Write a key of one's own into an account, and come back with it hours later."""
        self._wander(foot, stealth, int(self.rng.integers(1, 3)))
        linux = [step for step in foot.steps if not self.company.windows[step.dst]]
        if not linux:
            return
        entry = linux[-1]
        wait = int(self.rng.uniform(1, 14) * HOUR)
        self._take(foot, entry._replace(key=self._planted, wait=wait, kind=SHELL))
        for _ in range(int(self.rng.integers(1, 4))):
            self._step(foot, self._footholds(foot)[-1], stealth, 20.0)

    def _spray(self, foot: _Foot, stealth: Stealth) -> None:
        """Try one password on many accounts of a few hosts until one is right, and go on from there."""
        rows = self._ways(foot, foot.origin, stealth)
        rows = rows[~self.company.windows[self._dst[rows]]]
        if not len(rows):
            return
        typed = rows[self._key[rows] == NO_KEY]
        row = int(self.rng.choice(typed if len(typed) else rows))
        target, account = int(self._dst[row]), int(self._account[row])
        hosts = np.unique(np.r_[self.rng.choice(np.unique(self._dst[rows]), min(3, len(rows))), target])
        for host in hosts:
            for name in self.rng.choice(self.company.people, int(self.rng.integers(4, 16))).tolist():
                wait = int(self.rng.exponential(8) * SECOND) + SECOND
                tries = int(self.rng.integers(1, 3))
                foot.steps.append(Step(foot.origin, int(host), name, NO_KEY, wait, refused=tries, accepted=False))
        self._take(foot, Step(foot.origin, target, account, NO_KEY, 9 * SECOND))
        self._wander(foot, stealth, len(foot.steps) + int(self.rng.integers(1, 5)))

    def _stage(self, foot: _Foot, stealth: Stealth) -> None:
        """Bring tools into a restricted segment and data out of it, by scp, sftp or pscp."""
        self._aim(foot, stealth, int(self.rng.integers(2, 5)))
        targets = [step for step in foot.steps if not self.company.windows[step.dst]][-2:]
        if not targets:
            foot.steps.clear()
        for step in targets:
            kind = SFTP if self.rng.random() < 0.5 else SCP
            sent = int(self.rng.lognormal(15, 2))
            foot.steps.append(step._replace(kind=kind, sent=sent, wait=int(self.rng.uniform(1, 40) * MINUTE)))

    def _tunnel(self, foot: _Foot, stealth: Stealth) -> None:
        """Open a connection with a tunnel and nothing else, and come out of its far end."""
        pivot = self._step(foot, foot.origin, stealth, 5.0, kind=JUMP)
        if pivot is None or self.company.windows[pivot]:
            foot.steps.clear()
            return
        for _ in range(int(self.rng.integers(1, 6))):
            if self._step(foot, pivot, stealth, 10.0) is None:
                return

    def _timed(self, foot: _Foot, number: int, family: Family, day: int) -> pl.DataFrame:
        """Give steps their moments. Seven of ten sessions stay open until what was done from their host is over."""
        rng, steps = self.rng, foot.steps
        hour = float(np.clip(rng.normal(13, 4), 0, 23)) if rng.random() < 0.6 else float(rng.uniform(0, 24))
        start = EPOCH + day * DAY + int(hour * HOUR) + np.cumsum([step.wait for step in steps])
        own = (rng.lognormal(1.5, 1, len(steps)) * MINUTE).astype(np.int64)
        if family == Family.SPREAD:
            own //= 20
        lasting = start + own
        stays = rng.random(len(steps)) < 0.7
        for place in range(len(steps) - 1, -1, -1):
            later = [n for n in range(place + 1, len(steps)) if steps[n].src == steps[place].dst]
            if later and (stays[place] or steps[place].kind == JUMP):
                lasting[place] = max(int(lasting[place]), *(int(lasting[n]) for n in later)) + SECOND
        columns = {name: np.array([getattr(step, name) for step in steps]) for name in Step._fields if name != "wait"}
        keyless = self.company.windows[columns["dst"]]
        columns["key"] = np.where(keyless, NO_KEY, columns["key"])
        length = np.where(columns["accepted"], lasting - start, 2 * SECOND)
        return moves(**columns, start=start, length=length, attack=number, step=np.arange(len(steps)))


def _gained(foot: _Foot) -> int:
    """Logons of an intruder that were accepted."""
    return sum(step.accepted for step in foot.steps)
