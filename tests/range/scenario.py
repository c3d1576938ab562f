"""Who does what and when: rounds of legitimate work, then attacks, then work again. Depends on the seed.

Work that could be mistaken for a chain is never done at one time: while a session into a host is open, nothing else
leaves that host, and between waves of work all connections end and another second begins. So a chain is in the log
exactly where someone went from host to host.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tests.range.actions import COPIES, Leg, Place, Player

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.range.topology import Person, Topology

FORGED = "root from 10.9.9.9 port 22 ssh2"
"""A user name in the grammar of sshd's own messages."""

LONGEST = 1.2
"""Seconds that anybody stays on a host before they go on, at most: enough for the next whole second to begin."""

UNKNOWN = ("oracle", "admin", "test", "ubnt")


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do, with the hosts that connections leave and those that they enter."""

    leaves: frozenset[str]
    enters: frozenset[str]
    do: Callable[[], None]

    def disturbs(self, other: Work) -> bool:
        """Whether the two at one time would look like a chain that nobody walked."""
        return bool(self.leaves & other.enters or self.enters & other.leaves)


def waves(work: Iterable[Work]) -> list[list[Work]]:
    """Share out work so that nothing in a wave disturbs anything else in it; each goes into the first wave it can."""
    shared: list[list[Work]] = []
    for item in work:
        place = next((wave for wave in shared if not any(item.disturbs(other) for other in wave)), None)
        if place is None:
            shared.append([item])
        else:
            place.append(item)
    return shared


class Scenario:
    """The play of one seed.

    Parameters
    ----------
    player
        Who does it.
    rounds
        Rounds of legitimate work before the attacks: the history that tells a rare edge from a common one.
    """

    def __init__(self, player: Player, rounds: int) -> None:
        self.player = player
        self.topology: Topology = player.estate.topology
        self.rounds = rounds
        self.rng = random.Random(f"scenario {self.topology.seed}")

    def play(self) -> None:
        """All of it."""
        for number in range(self.rounds):
            self.work(number)
        attacks = [self.same_key, self.switch, self.proxy_jump, self.agent, self.spread, self.stage]
        self.rng.shuffle(attacks)
        for attack in attacks:
            attack()
            self.player.estate.settle()
        self.work(self.rounds)

    def work(self, number: int) -> None:
        """One round of what people and programs do every day."""
        for wave in waves([*self._automation(), *self._people(number)]):
            with ThreadPoolExecutor(len(wave)) as pool:
                for task in [pool.submit(item.do) for item in wave]:
                    task.result()
            self.player.estate.settle()

    def _automation(self) -> Iterable[Work]:
        """Deployment from the version control server, backup from the database."""
        deploy, backup = self.topology.person("deploy"), self.topology.person("backup")
        for target in self.topology.named("app"):
            yield self._one(deploy, target, partial(self.player.login))
        tool = self.rng.choice(list(COPIES))
        yield self._one(deploy, self._any("web"), partial(self.player.copy, tool=tool))
        yield self._one(backup, self._any("vcs"), partial(self.player.copy, tool="sftp"))

    def _people(self, number: int) -> Iterable[Work]:
        """Everyone fetches code; one works on the bastion, one administers the restricted segment through it."""
        for person in self.topology.humans:
            yield self._one(person, self._any("vcs"), self._errand(person))
        first, admin, *_ = self.topology.humans
        yield self._one(first, self._any("jump"), partial(self.player.login, shell=True))
        if number % 2 == 0:
            yield self._administration(admin)

    def _errand(self, person: Person) -> Callable[[Place, Leg], None]:
        if person.keyed and self.rng.random() < 0.3:
            return partial(self.player.share, sessions=self.rng.randrange(2, 4))
        return self._clumsy if not person.keyed and self.rng.random() < 0.2 else self.player.login

    def _clumsy(self, start: Place, leg: Leg) -> None:
        """A typing mistake, then the right password."""
        self.player.guess(start, leg.dst, leg.user, method=leg.by)
        self.player.login(start, leg)

    def _one(self, person: Person, target: str, do: Callable[[Place, Leg], None]) -> Work:
        start = Place(person.home, person.name)
        return Work(frozenset([start.host]), frozenset([target]), partial(do, start, self._leg(person, target)))

    def _leg(self, person: Person, target: str) -> Leg:
        return Leg(target, person.name, "key" if person.keyed else person.method)

    def _administration(self, admin: Person) -> Work:
        bastion, target = self._any("jump"), self._any("db")
        start = Place(admin.home, admin.name)
        legs = [Leg(bastion, admin.name), Leg(target, admin.admin or admin.name)]
        do = partial(self.player.jump, start, legs, "administration through the bastion", attack=False)
        return Work(frozenset([start.host, bastion]), frozenset([bastion, target]), do)

    def same_key(self) -> None:
        """A: a person's key, left on every server, is walked into the restricted segment.

        At times another person is logged in on the first host of the way: the one case in which the open sessions
        alone do not tell who went on. The key does, and the truth names the bystander. The thief then waits on that
        host until stamps of whole seconds show too that they were there before they went on.
        """
        thief, *others = self.topology.humans
        hosts = [*self._some(2, "web", "app", "vcs", "jump"), self._any("db", "hv")]
        legs = [Leg(host, thief.name, dwell=self._dwell()) for host in hosts]
        go = partial(self.player.walk, Place(thief.home, thief.name), legs, "same key into the restricted segment")
        if self.rng.random() < 0.5:
            person = self.rng.choice(others)
            bystander = Place(person.home, person.name), self._leg(person, hosts[0])
            legs[0] = replace(legs[0], dwell=LONGEST)
            with self.player.staying(*bystander):
                go(attack=True, beside=[bystander])
        else:
            go(attack=True)

    def switch(self) -> None:
        """B: passwords are guessed until one is right, and at each host another account is used."""
        insider, *others = self.topology.humans
        start = Place(insider.home, insider.name)
        first, *beyond = [self._any("web"), *self._some(1, "app", "vcs"), self._any("db", "hv")]
        users = self.rng.sample([*(person.name for person in others), "deploy"], k=3)
        self._brute_force(start, first, users[0])
        methods = self.rng.choices(("password", "password", "keyboard-interactive"), k=3)
        legs = [
            Leg(host, user, by, self._dwell()) for host, user, by in zip([first, *beyond], users, methods, strict=True)
        ]
        self.player.walk(start, legs, "guessed password, another account at each hop", attack=True)

    def _brute_force(self, start: Place, target: str, user: str) -> None:
        for unknown in self.rng.sample(UNKNOWN, k=2):
            self.player.guess(start, target, unknown)
        self.player.guess(start, target, FORGED)
        self.player.guess(start, target, "root", tries=self.rng.randrange(1, 4))
        self.player.guess(start, target, user, method="keyboard-interactive")
        for tries in self.rng.choice(((1, 3, 1), (3, 3), (2, 2, 1), (1, 1, 1, 1, 1, 1))):
            self.player.guess(start, target, user, tries=tries)

    def proxy_jump(self) -> None:
        """C: through the bastion, and at times one more host, without a session on them."""
        person = self.rng.choice([person for person in self.topology.humans[1:] if person.keyed])
        middle = [self._any("jump"), *(self._some(1, "app", "web") if self.rng.random() < 0.5 else [])]
        legs = [Leg(host, person.name) for host in [*middle, self._any("db", "hv")]]
        stdio = len(legs) == 2 and self.rng.random() < 0.5
        start = Place(person.home, person.name)
        self.player.jump(start, legs, "ProxyJump, no session between", attack=True, stdio=stdio)

    def agent(self) -> None:
        """D: a forwarded agent carries a key that lies on no server."""
        person = self.rng.choice([person for person in self.topology.humans[1:] if person.keyed])
        hosts = [self._any("jump"), *self._some(1, "app", "vcs", "web"), self._any("db", "hv")]
        legs = [Leg(host, person.name, "agent", self._dwell()) for host in hosts]
        self.player.walk(Place(person.home, person.name), legs, "forwarded agent", attack=True)

    def spread(self) -> None:
        """E: the deployment account goes from an application server to every host."""
        source = self.topology.named("app")[0]
        targets = [host.name for host in self.topology.hosts if host.name != source]
        self.rng.shuffle(targets)
        self.player.fan_out(Place(source, "deploy"), targets)

    def stage(self) -> None:
        """F: tools are copied to other servers, and one connection is used for several sessions."""
        source = Place(self.topology.named("app")[0], "deploy")
        for tool in COPIES:
            self.player.copy(source, Leg(self._any("web", "vcs", "jump"), "deploy"), tool)
        self.player.share(source, Leg(self._any("web", "vcs", "jump"), "deploy"), self.rng.randrange(2, 5))

    def _any(self, *kinds: str) -> str:
        return self.rng.choice(self.topology.named(*kinds))

    def _some(self, count: int, *kinds: str) -> Sequence[str]:
        return self.rng.sample(self.topology.named(*kinds), k=count)

    def _dwell(self) -> float:
        return self.rng.choice((0.0, 0.3, 0.8, LONGEST))
