"""What there is: segments, hosts, people, services and their credentials. A pure function of the seed."""

from __future__ import annotations

import ipaddress
import random
from dataclasses import dataclass
from typing import Any

PEOPLE = ("anna", "boris", "chen", "dina", "emil", "farah", "goran", "hana", "ivo", "j-smith")
WORDS = ("Harbour", "Copper", "Violet", "Lantern", "Meadow", "Falcon", "Timber", "Saffron")
VAULTS = ("restricted", "prod", "core", "vault")
KEY_TYPES = ("ed25519", "ecdsa", "rsa")
DOMAIN = "corp.example"

ALWAYS = ("ws", "jump", "web", "app", "vcs", "db")
"""The roles without which the scenarios cannot be played."""

SPARE = ("ws", "ws", "app", "hv")
"""What makes an estate of six a larger one, in a seeded order."""

ROLES = {
    "ws": "workstation",
    "jump": "bastion",
    "web": "server",
    "app": "server",
    "vcs": "vcs",
    "db": "database",
    "hv": "hypervisor",
}
PLACES = {"ws": "office", "jump": "mgmt", "web": "dmz", "app": "servers", "vcs": "servers"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A routed network. `allowed_from` is the policy: None where any segment may log in."""

    name: str
    prefix: str
    prefix6: str
    restricted: bool = False
    allowed_from: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """A server or a workstation. `addresses` are (segment, address): IPv4 first, then IPv6 where the estate has it."""

    name: str
    kind: str
    segment: str
    addresses: tuple[tuple[str, str], ...]
    owner: str | None
    log_level: str
    header: str
    folds: bool
    """rsyslog writes `message repeated N times` for lines that repeat."""
    family: str
    """`inet` or `inet6`: how this host's ssh clients connect."""
    uptime_pids: int
    """Process ids that were given out before sshd started."""
    max_tries: int
    """Failures on one connection after which sshd ends it."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account that a person or a program has on every host.

    Parameters
    ----------
    name
        The account.
    home
        The host that the person sits at, or the program runs on.
    method
        How it logs in: publickey, certificate, password or keyboard-interactive.
    key_type
        Type of its key; every account has a password too.
    cert_id
        Key id of its certificate; None where it has none.
    password
        Its password, the same on every host.
    admin
        A second account for administration, used with the same key; None where there is none.
    key_homes
        Hosts that hold the private key.
    service
        A program, not a person.
    """

    name: str
    home: str
    method: str
    key_type: str
    cert_id: str | None
    password: str
    admin: str | None
    key_homes: tuple[str, ...]
    service: bool = False

    @property
    def keyed(self) -> bool:
        """Whether it logs in with a key or a certificate."""
        return self.method in {"publickey", "certificate"}


@dataclass(frozen=True, slots=True)
class Topology:
    """All that a range is built from. Equal seeds give equal topologies."""

    seed: int
    segments: tuple[Segment, ...]
    hosts: tuple[Host, ...]
    people: tuple[Person, ...]
    refuses_deploy: str | None
    """The one host that does not take the deploy key; None where all do."""

    def host(self, name: str) -> Host:
        """The host of that name."""
        return next(host for host in self.hosts if host.name == name)

    def person(self, name: str) -> Person:
        """The person or service of that name."""
        return next(person for person in self.people if person.name == name)

    def named(self, *kinds: str) -> tuple[str, ...]:
        """Names of the hosts of these kinds (keys of ROLES), in order."""
        return tuple(host.name for host in self.hosts if host.kind in kinds)

    @property
    def humans(self) -> tuple[Person, ...]:
        """The people who are no services."""
        return tuple(person for person in self.people if not person.service)

    @property
    def ipv6(self) -> bool:
        """Whether the hosts have IPv6 addresses as well."""
        return any(":" in address for host in self.hosts for _, address in host.addresses)

    def inventory(self) -> dict[str, Any]:
        """The estate as its owner would write it down, in the shape of an inventory file."""
        return {
            "segments": [_segment(segment, ipv6=self.ipv6) for segment in self.segments],
            "hosts": [_host(host) for host in self.hosts],
            "accounts": [_account(person) for person in self.people],
        }


def _segment(segment: Segment, *, ipv6: bool) -> dict[str, Any]:
    policy = {"allowed_from": list(segment.allowed_from)} if segment.allowed_from is not None else {}
    return {
        "name": segment.name,
        "restricted": segment.restricted,
        "cidrs": [segment.prefix, segment.prefix6] if ipv6 else [segment.prefix],
        **policy,
    }


def _host(host: Host) -> dict[str, Any]:
    return {
        "name": host.name,
        "addresses": [address for _, address in host.addresses],
        "segment": host.segment,
        "roles": [ROLES[host.kind]],
        **({"owner": host.owner} if host.owner else {}),
        "aliases": [f"{host.name}.{DOMAIN}"],
    }


def _account(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        **({"aliases": [person.admin]} if person.admin else {}),
        **({"service": True} if person.service else {}),
    }


def _segments(rng: random.Random) -> tuple[Segment, ...]:
    first = rng.randrange(16, 240)
    vault = rng.choice(VAULTS)
    names = ("office", "mgmt", "dmz", "servers", vault)
    return tuple(
        Segment(
            name=name,
            prefix=f"10.{first + i}.{rng.randrange(1, 250)}.0/24",
            prefix6=f"fd10:{first + i:x}::/64",
            restricted=name == vault,
            allowed_from=("mgmt", vault) if name == vault else None,
        )
        for i, name in enumerate(names)
    )


def _kinds(rng: random.Random) -> list[str]:
    spare = rng.sample(SPARE, k=rng.randrange(len(SPARE) + 1))
    return sorted([*ALWAYS, *spare], key=list(ROLES).index)


def _names(rng: random.Random, kinds: list[str]) -> list[str]:
    style = rng.choice(("{kind}{n}", "{site}-{kind}-{n:02d}", "{kind}{n:02d}{site}"))
    site = rng.choice(("fra", "osl", "lis", "tll"))
    return [style.format(kind=kind, n=kinds[:i].count(kind) + 1, site=site) for i, kind in enumerate(kinds)]


def _addresses(rng: random.Random, kind: str, at: dict[str, Segment], *, ipv6: bool) -> tuple[tuple[str, str], ...]:
    """Addresses of a host; the bastion has a leg in the restricted segment too, as bastions often have."""
    vault = next(segment for segment in at.values() if segment.restricted)
    home = at.get(PLACES.get(kind, ""), vault)
    wanted = [home, vault] if kind == "jump" and rng.random() < 0.5 else [home]
    number = rng.randrange(10, 250)
    prefixes = [(segment, segment.prefix) for segment in wanted]
    prefixes += [(segment, segment.prefix6) for segment in wanted] if ipv6 else []
    return tuple((segment.name, str(ipaddress.ip_network(prefix)[number])) for segment, prefix in prefixes)


def _hosts(rng: random.Random, segments: tuple[Segment, ...], people: list[str]) -> tuple[Host, ...]:
    kinds = _kinds(rng)
    at = {segment.name: segment for segment in segments}
    owners = iter(people)
    level = rng.choice(("VERBOSE", "VERBOSE", "INFO", "mixed"))
    ipv6 = rng.random() < 0.5
    hosts: list[Host] = []
    for kind, name in zip(kinds, _names(rng, kinds), strict=True):
        addresses = _addresses(rng, kind, at, ipv6=ipv6)
        while {address for _, address in addresses} & {a for host in hosts for _, a in host.addresses}:
            addresses = _addresses(rng, kind, at, ipv6=ipv6)
        hosts.append(
            Host(
                name=name,
                kind=kind,
                segment=PLACES.get(kind, segments[-1].name),
                addresses=addresses,
                owner=next(owners) if kind == "ws" else None,
                log_level=rng.choice(("VERBOSE", "INFO")) if level == "mixed" else level,
                header=rng.choice(("rfc3164", "rfc3339")),
                folds=rng.random() < 0.5,
                family=rng.choice(("inet", "inet6")) if ipv6 else "inet",
                uptime_pids=rng.randrange(300, 30_000),
                max_tries=rng.choice((3, 6)),
            )
        )
    return tuple(hosts)


def _people(rng: random.Random, names: list[str], hosts: tuple[Host, ...]) -> tuple[Person, ...]:
    """Three or more people: one with a key on every server (careless), one with a key, the others by lot."""
    desks = [host.name for host in hosts if host.kind == "ws"]
    methods = ["publickey", "publickey", "password", "certificate", "keyboard-interactive"]
    people = []
    for i, (name, method) in enumerate(zip(names, methods, strict=False)):
        desk = desks[i % len(desks)]
        people.append(
            Person(
                name=name,
                home=desk,
                method=method,
                key_type=rng.choice(KEY_TYPES),
                cert_id=f"{name}@{DOMAIN}" if method == "certificate" else None,
                password=_password(rng),
                admin=f"adm-{name}" if i == 1 else None,
                key_homes=tuple(host.name for host in hosts) if i == 0 else (desk,),
            )
        )
    return tuple(people)


def _services(rng: random.Random, hosts: tuple[Host, ...]) -> tuple[Person, ...]:
    at = {host.kind: host.name for host in reversed(hosts)}
    return tuple(
        Person(
            name=name,
            home=at[home],
            method="publickey",
            key_type="ed25519",
            cert_id=None,
            password=_password(rng),
            admin=None,
            key_homes=tuple(at[kind] for kind in keys),
            service=True,
        )
        for name, home, keys in (("deploy", "vcs", ("vcs", "app")), ("backup", "db", ("db",)))
    )


def _password(rng: random.Random) -> str:
    return f"{rng.choice(WORDS)}-{rng.choice(WORDS)}-{rng.randrange(10, 100)}"


def build(seed: int) -> Topology:
    """The topology of a seed: 6 to 10 hosts in five segments, 4 or 5 people and two services."""
    rng = random.Random(seed)
    names = rng.sample(PEOPLE, k=rng.choice((4, 5)))
    segments = _segments(rng)
    hosts = _hosts(rng, segments, names)
    people = (*_people(rng, names, hosts), *_services(rng, hosts))
    refusing = rng.choice([None, *(host.name for host in hosts if host.kind in {"ws", "db", "hv"})])
    return Topology(seed=seed, segments=segments, hosts=hosts, people=people, refuses_deploy=refusing)
