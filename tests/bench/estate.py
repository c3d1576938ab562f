"""Hops of an invented estate, by the million, straight as columns: always the same for the same numbers.

What it is like. Workstations, servers, a few bastions and automation controllers; what a host or an account does falls
off by a power law; the bastions share their load. Automation takes the same way every few minutes, day and night; people work in office hours on
weekdays, often through a bastion, and go on from host to host while their session is open. Some come from addresses
that are no known host. A tenth of the sessions has no logged end. A fifth of the hosts stamps whole seconds. Attackers
walk 3 to 6 hosts within hours, as whoever they can be; `Estate.attacks` says where.

How it grows. Hosts and accounts grow with the hops (HOPS_PER_HOST, HOPS_PER_ACCOUNT), so that a host is as busy in a
large estate as in a small one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.graph.hops import GAP
from graphmap.model import Basis
from graphmap.tables import FAILURES, HOPS, LINES, TIME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Codes = NDArray[np.int32]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

HOPS_PER_HOST = 2_500
HOPS_PER_ACCOUNT = 5_000
HOPS_PER_ATTACK = 20_000
DAYS = 30
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
BEGIN = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND
"""A Monday."""

AUTOMATION = 0.45
"""Share of the hops that programs make."""
PERIODS = np.array([5, 10, 15, 30, 60]) * MINUTE
WHOLE_SECONDS = 0.2
"""Share of the hosts whose stamps are whole seconds."""
NO_END = 0.1
OUTSIDE = 0.03
"""Share of people's first hops that come from an address of no known host."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A chain that was put in: the hosts it passes, when its first hop started and its last (us since 1970)."""

    hosts: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Estate:
    """Hops as codes, sorted as `build_hops` sorts them.

    `codes` has the columns src, dst, account, key (Int32), start, end, until (Int64, us since 1970). Codes from `hosts`
    on are addresses outside; `key` and `end` may be null.
    """

    codes: pl.DataFrame
    hosts: int
    accounts: int
    attacks: tuple[Attack, ...]

    def table(self) -> pl.LazyFrame:
        """The hops in the schema HOPS, names in place of codes. No origins are counted and no lines are known."""
        columns = {
            "start": pl.col("start").cast(TIME),
            "end": pl.col("end").cast(TIME),
            "until": pl.col("until").cast(TIME),
            "src": pl.when(pl.col("src") < self.hosts).then(_named("src", "h")).otherwise(_named("src", "outside-")),
            "src_known": pl.col("src") < self.hosts,
            "dst": _named("dst", "h"),
            "user": _named("account", "u"),
            "account": _named("account", "u"),
            "service": pl.lit("ssh"),
            "method": pl.when(pl.col("key").is_null()).then(pl.lit("password")).otherwise(pl.lit("publickey")),
            "key": _named("key", "SHA256:"),
            "origins": pl.lit(0, pl.Int32),
            "certainty": pl.lit(1.0),
            "basis": pl.lit(Basis.START.value),
            "lines": pl.lit([], LINES),
        }
        empty = {name: pl.lit(None, HOPS[name]) for name in HOPS if name not in columns}
        return self.codes.lazy().select(**columns, **empty).select(HOPS.names())

    def refused(self) -> pl.LazyFrame:
        """Refused logons in the schema FAILURES: a password mistyped before every tenth hop."""
        known = self.table().gather_every(10).rename({"dst": "host"})
        columns = known.select(
            pl.col("start").alias("time") - timedelta(seconds=3),
            *("host", "src", "src_known", "user", "account", "service"),
            src_ip=pl.lit(None, pl.String),
            method=pl.lit("password"),
            key=pl.lit(None, pl.String),
            line=pl.struct(file=pl.lit("auth.log"), line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)),
        )
        return columns.select(FAILURES.names())


def _named(column: str, prefix: str) -> pl.Expr:
    """Names that sort as their codes do."""
    return pl.lit(prefix) + pl.col(column).cast(pl.String).str.zfill(7)


@dataclass(slots=True)
class _Part:
    """Hops of one kind, before they are stamped and sorted."""

    src: Codes
    dst: Codes
    account: Codes
    start: Ints
    length: Ints
    keyed: Flags

    def __len__(self) -> int:
        return len(self.src)

    def where(self, chosen: Flags) -> _Part:
        """Those of the hops that are chosen."""
        return _Part(
            self.src[chosen], self.dst[chosen], self.account[chosen],
            self.start[chosen], self.length[chosen], self.keyed[chosen],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Hosts:
    """How many hosts there are of each role; the codes of a role follow each other."""

    bastions: int
    controllers: int
    servers: int
    workstations: int

    @classmethod
    def of(cls, hosts: int) -> _Hosts:
        bastions, controllers = max(2, hosts // 100), max(2, hosts // 200)
        servers = (hosts - bastions - controllers) * 2 // 5
        return cls(bastions, controllers, servers, hosts - bastions - controllers - servers)

    @property
    def all(self) -> int:
        return self.first_workstation + self.workstations

    @property
    def first_server(self) -> int:
        return self.bastions + self.controllers

    @property
    def first_workstation(self) -> int:
        return self.first_server + self.servers


def make_estate(hops: int, *, seed: int = 1, whole_seconds: float = WHOLE_SECONDS) -> Estate:
    """Make the hops of 30 days.

    Parameters
    ----------
    hops
        How many; from 1,000 on.
    seed
        Another seed, another estate.
    whole_seconds
        Share of the hosts that stamp whole seconds. With 0.0 no stamp is a whole second, so that each is a moment.

    Returns
    -------
    Estate of exactly that many hops. Cost: O(n log n), about 1 s and 150 MB a million, less at scale.
    """
    rng = np.random.default_rng(seed)
    roles = _Hosts.of(max(50, hops // HOPS_PER_HOST))
    accounts = max(20, hops // HOPS_PER_ACCOUNT)
    attacks, attackers = _attacks(rng, roles, accounts, max(3, hops // HOPS_PER_ATTACK))
    programs = _automation(rng, roles, accounts, int(hops * AUTOMATION))
    people = _people(rng, roles, accounts, hops - len(attackers) - len(programs))
    return _stamped(rng, [attackers, programs, people], roles.all, accounts, attacks, whole_seconds)


def _power(rng: np.random.Generator, size: int, number: int, exponent: float = 2.0) -> Codes:
    """Codes below `number`, the k-th as likely as k to the power of 1 / exponent - 1."""
    return (rng.random(size) ** exponent * number).astype(np.int32)


def _automation(rng: np.random.Generator, roles: _Hosts, accounts: int, hops: int) -> _Part:
    """The same way every few minutes, all the time, with a key; short sessions."""
    series = 1 + hops // int(np.mean(DAYS * DAY / PERIODS))
    period = PERIODS[rng.permutation(series) % len(PERIODS)]
    number = DAYS * DAY // period
    number = (number * (hops / number.sum())).astype(np.int64) + 1
    which = np.repeat(np.arange(series), number)[:hops]
    turn = np.arange(len(which)) - np.repeat(np.cumsum(number) - number, number)[:hops]
    src = roles.bastions + _power(rng, series, roles.controllers)
    dst = roles.first_server + _power(rng, series, roles.servers, 1.5)
    account = _power(rng, series, max(3, accounts // 10))
    step = DAYS * DAY // number
    start = BEGIN + (turn * step[which]) + rng.integers(0, MINUTE, series)[which] + rng.integers(0, SECOND, len(which))
    return _Part(
        src[which], dst[which], account[which], start,
        rng.exponential(15 * SECOND, len(which)).astype(np.int64), np.ones(len(which), dtype=np.bool_),
    )  # fmt: skip


def _people(rng: np.random.Generator, roles: _Hosts, accounts: int, hops: int) -> _Part:
    """From workstations and from outside in office hours, and on from there while the session is open."""
    parts = [_first_hops(rng, roles, accounts, int(hops * 0.6))]
    left = hops - len(parts[0])
    while left:
        onward = np.where(parts[-1].dst < roles.bastions, 0.9, 0.45)
        chosen = np.flatnonzero(rng.random(len(parts[-1])) < onward)[:left]
        if not len(chosen):
            parts.append(_first_hops(rng, roles, accounts, left))
            break
        mask = np.zeros(len(parts[-1]), dtype=np.bool_)
        mask[chosen] = True
        parts.append(_next_hops(rng, roles, accounts, parts[-1].where(mask)))
        left -= len(chosen)
    return _joined(parts)


def _first_hops(rng: np.random.Generator, roles: _Hosts, accounts: int, hops: int) -> _Part:
    src = roles.first_workstation + _power(rng, hops, roles.workstations, 1.5)
    outside = rng.random(hops) < OUTSIDE
    src[outside] = roles.all + _power(rng, int(outside.sum()), roles.all)
    server = roles.first_server + _power(rng, hops, roles.servers)
    dst = np.where(rng.random(hops) < 0.4, rng.integers(0, roles.bastions, hops, np.int32), server)
    own = (src * np.int64(2_654_435_761) % accounts).astype(np.int32)  # people keep to few workstations
    account = np.where(rng.random(hops) < 0.7, own, _power(rng, hops, accounts))
    length = rng.exponential(12 * MINUTE, hops).astype(np.int64)
    return _Part(src, dst, account, _office_hours(rng, hops), length, rng.random(hops) < 0.6)


def _next_hops(rng: np.random.Generator, roles: _Hosts, accounts: int, before: _Part) -> _Part:
    size = len(before)
    switched = rng.random(size) < 0.05
    return _Part(
        before.dst,
        roles.first_server + _power(rng, size, roles.servers),
        np.where(switched, _power(rng, size, accounts), before.account),
        before.start + (rng.random(size) * before.length).astype(np.int64),
        rng.exponential(8 * MINUTE, size).astype(np.int64),
        before.keyed & (rng.random(size) < 0.9),
    )


def _office_hours(rng: np.random.Generator, size: int) -> Ints:
    """Weekdays around noon; a little at weekends and at night."""
    weights = np.where(np.arange(DAYS) % 7 < 5, 1.0, 0.1)
    day = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(size), side="right")
    hour = np.clip(rng.normal(13, 2.5, size), 0, 23.9)
    night = rng.random(size) < 0.02
    hour[night] = rng.random(int(night.sum())) * 24
    return BEGIN + day * DAY + (hour * HOUR).astype(np.int64)


def _attacks(
    rng: np.random.Generator, roles: _Hosts, accounts: int, number: int
) -> tuple[tuple[Attack, ...], _Part]:  # fmt: skip
    """Chains of 3 to 6 hops within hours, each while the session before it is open, over hosts of every kind."""
    length = rng.integers(3, 7, number)
    path = rng.integers(0, roles.all, (number, 7), np.int32)
    path[:, 1:] += path[:, 1:] == path[:, :-1]
    path %= roles.all
    begin = BEGIN + rng.integers(0, (DAYS - 2) * DAY, number)
    start = begin[:, None] + np.cumsum(rng.integers(MINUTE, 40 * MINUTE, (number, 6)), axis=1)
    used = np.arange(6) < length[:, None]
    attacks = tuple(
        Attack(tuple(path[n, : length[n] + 1].tolist()), int(start[n, 0]), int(start[n, length[n] - 1]))
        for n in range(number)
    )
    size = int(used.sum())
    return attacks, _Part(
        path[:, :-1][used], path[:, 1:][used], rng.integers(0, accounts, size, np.int32), start[used],
        np.full(size, HOUR, dtype=np.int64), rng.random(size) < 0.3,
    )  # fmt: skip


def _joined(parts: Iterable[_Part]) -> _Part:
    every = list(parts)
    return _Part(
        *(np.concatenate([getattr(part, name) for part in every]) for name in ("src", "dst", "account")),
        *(np.concatenate([getattr(part, name) for part in every]) for name in ("start", "length", "keyed")),
    )


def _stamped(
    rng: np.random.Generator,
    parts: list[_Part],
    hosts: int,
    accounts: int,
    attacks: tuple[Attack, ...],
    whole_seconds: float,
) -> Estate:
    """Stamp starts and ends as the host that logs them does, and sort."""
    hops = _joined(parts)
    parts.clear()
    size = len(hops)
    coarse = (rng.random(hosts) < whole_seconds)[hops.dst]
    ended = rng.random(size) >= NO_END
    gap = GAP // timedelta(microseconds=1)

    def stamp(moments: Ints) -> Ints:
        """A stamp that is not meant to be a whole second must not look like one."""
        return np.where(coarse, moments - moments % SECOND, moments + (moments % SECOND == 0))

    start, end = stamp(hops.start), stamp(hops.start + hops.length)
    frame = pl.DataFrame({
        "src": hops.src,
        "dst": hops.dst,
        "account": hops.account,
        "key": pl.Series(hops.account).set(pl.Series(~hops.keyed), None),
        "start": start,
        "end": pl.Series(end).set(pl.Series(~ended), None),
        "until": np.where(ended, end, start + gap),
    })  # fmt: skip
    order = ("start", "dst", "src", "account", "end", "until", "key")
    frame = frame.sort(order, nulls_last=[name != "key" for name in order])
    return Estate(frame, hosts, accounts, attacks)
