"""Who works where: hosts, addresses, people, teams, accounts and keys, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmap.simulate.options import Options

    Ids = NDArray[np.int32]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

SEGMENTS = ("office", "servers", "dmz", "core", "mgmt", "vpn")
OFFICE, SERVERS, DMZ, CORE, MGMT, VPN = range(len(SEGMENTS))
ALLOWED = {CORE: (CORE, MGMT, SERVERS), DMZ: (DMZ, MGMT, SERVERS), MGMT: (OFFICE, VPN, MGMT)}
"""From where the policy lets people log in; what is not named has no policy."""


class Role(NamedTuple):
    """A kind of host: its name, where it stands, and its share of all hosts (or the least number of them)."""

    name: str
    segment: int
    share: float
    least: int
    windows: bool = False


ROLES = (
    Role("ws", OFFICE, 0.47, 8),
    Role("app", SERVERS, 0.16, 4),
    Role("dev", SERVERS, 0.09, 3),
    Role("build", SERVERS, 0.03, 1),
    Role("web", DMZ, 0.08, 2),
    Role("db", CORE, 0.06, 2),
    Role("hv", CORE, 0.03, 1),
    Role("bkp", CORE, 0.004, 1),
    Role("vcs", CORE, 0.003, 1),
    Role("jump", MGMT, 0.005, 2),
    Role("ctl", MGMT, 0.012, 3),
    Role("fs", SERVERS, 0.03, 1, windows=True),
    Role("dc", CORE, 0.005, 1, windows=True),
    Role("term", SERVERS, 0.021, 1, windows=True),
)
NAMES = tuple(role.name for role in ROLES)

FIRST = (
    "alex", "anna", "ben", "carla", "chen", "daria", "eli", "emma", "farid", "grete", "hana", "igor", "ines", "jan",
    "jo", "kemal", "lea", "li", "mara", "max", "mila", "nils", "noor", "olga", "omar", "pia", "raj", "sara", "tom",
    "uma", "vera", "wim", "yuki", "zoe",
)  # fmt: skip
LAST = (
    "adler", "baker", "costa", "diaz", "ek", "frank", "gomez", "hahn", "ito", "jensen", "kaya", "lopez", "meyer",
    "novak", "okoye", "petrov", "quinn", "rossi", "sato", "tran", "ueda", "vogel", "weiss", "xu", "young", "zeman",
)  # fmt: skip
ROLE_ACCOUNTS = ("root", "deploy", "postgres", "emergency")
ROBOTS = ("ansible", "svc-backup", "svc-monitor", "svc-ci", "git", "svc-scan", "svc-etl", "svc-cert")

SLOTS = 14
"""Destinations that a person goes to by habit."""
POOL = 12
"""Servers that a team works on."""
TEAM = 9
"""People in a team."""
LEASES = 4
"""Addresses that a host with DHCP goes round."""
VERSIONS = 16
"""Keys that an account can have in its life."""


@dataclass(frozen=True, slots=True)
class Company:
    """Codes below `hosts` are hosts; those from there on are addresses of the VPN pool.

    `dhcp` is the number of days between two leases (0 for a fixed address). `skew` is by how much a host's clock is
    ahead, in us. People and workstations have the same codes, and the account of person p is p.
    """

    hosts: int
    role: Ids
    segment: Ids
    names: pl.Series
    windows: Flags
    silent: Flags
    whole_seconds: Flags
    level: Ids
    skew: Ints
    born: Ids
    dhcp: Ids
    pool: int
    people: int
    team: Ids
    teams: int
    servers_of: Ids
    accounts: pl.Series
    admin: Flags
    admin_account: Ids
    """The second account of an administrator; the person's own where there is none."""
    team_account: Ids
    shared: dict[str, int]
    robots: dict[str, int]
    windows_client: Flags
    passwords: Flags
    """Accounts that log on by password."""

    def of_role(self, *names: str) -> Ids:
        """The hosts of some roles."""
        return np.flatnonzero(np.isin(self.role, [NAMES.index(name) for name in names])).astype(np.int32)


def make_company(options: Options, rng: np.random.Generator) -> Company:
    """Invent a company."""
    counts = [max(role.least, round(role.share * options.hosts)) for role in ROLES]
    counts[0] += options.hosts - sum(counts)  # rounding goes to the workstations
    role = np.repeat(np.arange(len(ROLES), dtype=np.int32), counts)
    hosts, people = len(role), counts[0]
    windows = np.array([r.windows for r in ROLES])[role]
    segment = np.array([r.segment for r in ROLES], dtype=np.int32)[role]
    numbers = np.concatenate([np.arange(1, count + 1) for count in counts])
    width = max(2, len(str(max(counts))))
    names = [f"{NAMES[kind]}{number:0{width}}" for kind, number in zip(role, numbers, strict=True)]
    server = role != 0
    unborn = server & (rng.random(hosts) < 0.06) & np.isin(role, [NAMES.index(n) for n in ("app", "dev", "web", "db")])
    teams = max(2, people // TEAM)
    team = rng.permutation(np.arange(people, dtype=np.int32) % teams).astype(np.int32)
    admin = team < max(1, teams // 8)
    names_of_people = _people(people)
    admins = np.flatnonzero(admin & (rng.random(people) < 0.6)).astype(np.int32)
    accounts = [
        *names_of_people,
        *(f"adm-{names_of_people[p]}" for p in admins),
        *(f"app-{number:0{width}}" for number in range(1, teams + 1)),
        *ROLE_ACCOUNTS,
        *ROBOTS,
    ]
    first_team = people + len(admins)
    first_shared = first_team + teams
    admin_account = np.arange(people, dtype=np.int32)
    admin_account[admins] = people + np.arange(len(admins), dtype=np.int32)
    levels = {"mixed": (0.6, 0.3, 0.1), "info": (1, 0, 0), "verbose": (0, 1, 0), "no-keys": (0, 0, 1)}
    passwords = rng.random(len(accounts)) < 0.2
    passwords[first_team:] = False
    return Company(
        hosts=hosts,
        role=role,
        segment=segment,
        names=pl.Series(names, dtype=pl.String),
        windows=windows,
        silent=(rng.random(hosts) < 0.05) & ~np.isin(role, [NAMES.index("jump"), NAMES.index("ctl")]),
        whole_seconds=rng.random(hosts) < 0.3,
        level=rng.choice(3, hosts, p=levels[options.logging]).astype(np.int32),
        skew=_skew(rng, hosts),
        born=np.where(unborn, rng.integers(3, max(4, options.days), hosts), 0).astype(np.int32),
        dhcp=np.where(~server & (rng.random(hosts) < 0.3), rng.integers(6, 21, hosts), 0).astype(np.int32),
        pool=max(16, people // 3),
        people=people,
        team=team,
        teams=teams,
        servers_of=_pools(rng, role, teams, max(1, teams // 8)),
        accounts=pl.Series(accounts, dtype=pl.String),
        admin=admin,
        admin_account=admin_account,
        team_account=np.arange(first_team, first_team + teams, dtype=np.int32),
        shared={name: first_shared + n for n, name in enumerate(ROLE_ACCOUNTS)},
        robots={name: first_shared + len(ROLE_ACCOUNTS) + n for n, name in enumerate(ROBOTS)},
        windows_client=rng.random(hosts) < 0.25,
        passwords=passwords,
    )


def _people(number: int) -> list[str]:
    """Names of people, the same one never twice."""
    every = [f"{first}.{last}" for last in LAST for first in FIRST]
    return [every[n % len(every)] + (str(n // len(every) + 1) if n >= len(every) else "") for n in range(number)]


def _skew(rng: np.random.Generator, hosts: int) -> Ints:
    """Most clocks are right to a fraction of a second, a few are off by up to a minute, one in a hundred by minutes."""
    kind = rng.random(hosts)
    seconds = rng.normal(0, 0.05, hosts)
    seconds = np.where(kind < 0.04, rng.uniform(-60, 60, hosts), seconds)
    seconds = np.where(kind < 0.01, rng.uniform(-400, 400, hosts), seconds)
    return (seconds * 1e6).astype(np.int64)


def _pools(rng: np.random.Generator, role: Ids, teams: int, admins: int) -> Ids:
    """The servers that each team works on: few are used by most."""

    def drawn(names: tuple[str, ...], size: tuple[int, int]) -> Ids:
        among = np.flatnonzero(np.isin(role, [NAMES.index(name) for name in names])).astype(np.int32)
        among = rng.permutation(among)
        weight = 1 / (np.arange(len(among)) + 3) ** 0.5
        return rng.choice(among, size, p=weight / weight.sum()).astype(np.int32)

    pools = drawn(("app", "dev", "web", "build", "db"), (teams, POOL))
    pools[:, 0] = drawn(("vcs",), (teams, 1))[:, 0]
    pools[:, 1] = drawn(("fs", "term"), (teams, 1))[:, 0]
    pools[:admins, 4:] = drawn(("hv", "db", "app", "web", "bkp", "dc", "ctl"), (admins, POOL - 4))
    return pools
