"""Intruders that might be: walks with the credentials that a company's own past lets somebody take.

To know that a way is rare is half of what is needed: new staff is rare, too. The other half is how often such a way
would be taken by an intruder. Nobody has enough of them to count, so they are imagined, each day anew, from what was
logged before it: whoever holds a host has the credentials that came in there within a week (on a host to which nobody
logs in, those that left it), and can go where they were accepted within a month. That is the model of intruders of
Ho et al., "Hopper" (USENIX Security 2021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.graph.groups import numbered
from graphmap.graph.respects import DAY, EXPOSED, HOUR, MONTH, Respects, credentials, sessions_before

if TYPE_CHECKING:
    from graphmap.graph.index import HopIndex
    from graphmap.graph.respects import Flags, Numbers

WALKS = 60
"""Intruders a day."""
STEPS = 4
"""Most hops of each."""
CAREFUL = 0.5
"""Share of those that go only from a host to one to which somebody went from there within the month."""
ONWARD = 0.65
"""How often they go on from the last host, else from any that they hold (as Hopper's)."""
STAYS = 0.7
"""How often the session stays open by which they came."""
PACE, SPREAD = np.log(15 * 60e6), 0.9
"""Logarithm of the usual wait between two hops in microseconds, and its standard deviation."""


def imagine(index: HopIndex, hops: Respects) -> Respects:
    """The hops of imagined intruders, in order of days.

    Parameters
    ----------
    index, hops
        All hops there are, and the same as `graphmap.graph.oddness` looks at them.

    Returns
    -------
    Up to WALKS times STEPS hops a day, from the second day on. Those of a day depend on earlier days alone; the same
    past gives the same walks.

    Notes
    -----
    Cost: a few sorts of all hops, then for each day a look at all ways that there ever were, and the walks.
    """
    known = _Known(index, hops)
    walks = [walk for day in range(1, int(hops.day.max(initial=0)) + 1) for walk in known.walks(day)]
    steps = [step for walk in walks for step in walk]
    src, dst, account, key, day, time, came, is_open, same = np.array(steps, np.int64).reshape(-1, len(Step._fields)).T
    gone, key_gone, others_came, others_open = sessions_before(index, src, account, credentials(account, key), time)
    own = same == 1
    here = np.where(is_open == 1, 0, HOUR)
    return Respects(
        src=src,
        place=src,
        dst=dst,
        account=account,
        key=key,
        day=day,
        time=time,
        since=np.where(own, here, gone),
        key_since=np.where(own, here, key_gone),
        came=np.where(came > 0, np.minimum(time - came, others_came), others_came),
        open=others_open | (is_open == 1),
        walk=np.repeat(np.arange(len(walks)), [len(walk) for walk in walks]),
    )


class Step(NamedTuple):
    """A hop of an intruder.

    `came` is the moment at which the intruder came to the source, 0 where the walk began there; `open` whether the
    session stays open by which that was, `same` whether it was by the credential with which this hop is made.
    """

    src: int
    dst: int
    account: int
    key: int
    day: int
    time: int
    came: int
    open: bool
    same: bool


class _Arrival(NamedTuple):
    """How an intruder came to a host."""

    time: int = 0
    open: bool = False
    credential: int = -1


class _Facts:
    """Things that were seen, each a whole number, and when last."""

    def __init__(self, things: Numbers, day: Numbers) -> None:
        self.things, place = np.unique(things, return_inverse=True)
        pairs = np.unique(day << 40 | place)
        self._day, self._place = pairs >> 40, pairs & (1 << 40) - 1
        self._last = np.full(len(self.things), -MONTH - 1, np.int64)
        self._next = 0

    def recent(self, today: int, days: int) -> Numbers:
        """What was seen within so many days before `today`, in order; days are asked in order."""
        end = int(np.searchsorted(self._day, today))
        self._last[self._place[self._next : end]] = self._day[self._next : end]
        self._next = end
        return self.things[self._last >= today - days]


class _Known:
    """What could be known before each day."""

    def __init__(self, index: HopIndex, hops: Respects) -> None:
        by_key = hops.key >= 0
        credential = numbered(np.where(by_key, hops.key, -1), np.where(by_key, 0, hops.account))
        self.credentials = int(credential.max(initial=0)) + 1
        self.hosts = len(index.names.hosts)
        self.first = int(index.earliest[0]) // DAY if len(index) else 0
        way = numbered(credential, hops.dst, hops.account, hops.key)  # so that ways are in order of credentials
        _, rows = np.unique(way, return_index=True)
        self.credential_of, self.dst = credential[rows], hops.dst[rows]
        self.account, self.key = hops.account[rows], hops.key[rows]
        named = hops.src < self.hosts
        self._came = _Facts(hops.dst * self.credentials + credential, hops.day)
        self._left = _Facts((hops.src * self.credentials + credential)[named], hops.day[named])
        self._ways = _Facts(way, hops.day)
        self._edges = _Facts((hops.src * self.hosts + hops.dst)[named], hops.day[named])
        self._entered: Flags = np.zeros(self.hosts, np.bool_)

    def walks(self, day: int) -> list[list[Step]]:
        """The hops of each intruder of a day."""
        came, left = self._came.recent(day, EXPOSED), self._left.recent(day, EXPOSED)
        self._entered[came // self.credentials] = True
        left = left[~self._entered[left // self.credentials]]
        taken = self._by_host(np.concatenate([came, left]))
        ways, edges = self._ways.recent(day, MONTH), self._edges.recent(day, MONTH)
        begin = np.searchsorted(self.credential_of[ways], np.arange(self.credentials + 1))
        leading = {
            credential: ways[begin[credential] : begin[credential + 1]]
            for credential in np.flatnonzero(np.diff(begin)).tolist()
        }
        rng, starts = np.random.default_rng(day), list(taken)
        several = range(WALKS if starts else 0)
        return [self._walk(day, starts, taken, leading, edges, rng) for _ in several]

    def _by_host(self, things: Numbers) -> dict[int, Numbers]:
        things = np.sort(things)
        hosts, begin = np.unique(things // self.credentials, return_index=True)
        ends = [*begin[1:].tolist(), len(things)]
        return {
            host: things[first:end] % self.credentials
            for host, first, end in zip(hosts.tolist(), begin.tolist(), ends, strict=False)
        }

    def _marked(self, hosts: Numbers | list[int]) -> Flags:
        """A mark for each host that is named."""
        marks = np.zeros(self.hosts, np.bool_)
        marks[hosts] = True
        return marks

    def _walk(
        self,
        day: int,
        starts: list[int],
        taken: dict[int, Numbers],
        leading: dict[int, Numbers],
        edges: Numbers,
        rng: np.random.Generator,
    ) -> list[Step]:
        here = starts[rng.integers(len(starts))]
        time = (self.first + day) * DAY + int(rng.random() * DAY)
        careful = rng.random() < CAREFUL
        seen, held = [here], set(taken[here].tolist())
        came = {here: _Arrival()}
        steps: list[Step] = []
        for _ in range(STEPS):
            ways = np.concatenate([np.zeros(0, np.int64), *(leading[c] for c in sorted(held) if c in leading)])
            good = ~self._marked(seen)[self.dst[ways]]
            if careful and len(edges):
                wanted = here * self.hosts + self.dst[ways]
                good &= edges[np.minimum(np.searchsorted(edges, wanted), len(edges) - 1)] == wanted
            ways = ways[good]
            if not len(ways):
                break
            targets = np.flatnonzero(self._marked(self.dst[ways]))
            dst = int(targets[rng.integers(len(targets))])
            there = ways[self.dst[ways] == dst]
            way = int(there[rng.integers(len(there))])
            time += int(rng.lognormal(PACE, SPREAD))
            credential = int(self.credential_of[way])
            by = came[here]
            who, key = int(self.account[way]), int(self.key[way])
            steps.append(Step(here, dst, who, key, day, time, by.time, by.open, by.credential == credential))
            came[dst] = _Arrival(time, bool(rng.random() < STAYS), credential)
            seen.append(dst)
            held.update(taken.get(dst, np.zeros(0, np.int64)).tolist())
            here = dst if rng.random() < ONWARD else seen[rng.integers(len(seen))]
        return steps
