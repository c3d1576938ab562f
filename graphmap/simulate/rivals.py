"""The plain rules that a hunt is compared with, as rankers of hops.

- **novelty**: somebody reaches a host for the first time, or a host is reached from there for the first time;
- **sessionless**: an account leaves, for the first time, a host on which it has no session;
- **hopper**: the two properties of Ho et al., "Hopper: Modeling and Detecting Lateral Movement" (USENIX Security 2021).

Each says which hops alert and how much; a higher score comes first. All of them look at the past of a hop alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphmap.graph.index import HopIndex
    from graphmap.identity import Identity

    Ints = NDArray[np.int64]
    Scores = NDArray[np.float64]

DAY = 86_400_000_000


class Alerts(NamedTuple):
    """Hops that a rule speaks of; those with one `group` are one alert, whose score is the highest of theirs."""

    rows: Ints
    scores: Scores
    groups: Ints


def novelty(index: HopIndex) -> Alerts:
    """First-seen account to host, first-seen source to host; both at once come first."""
    fresh = _first(index.account, index.dst).astype(np.int64) + _first(index.src, index.dst)
    rows = np.flatnonzero(fresh)
    return Alerts(rows, fresh[rows].astype(np.float64), rows)


def sessionless(index: HopIndex, alone: NDArray[np.bool_]) -> Alerts:
    """First hop of an account from a source on which it has no session; `alone` tells the hops that have none."""
    candidates = np.flatnonzero(alone)
    rows = candidates[_first(index.src[candidates], index.account[candidates])]
    return Alerts(rows, np.ones(len(rows)), rows)


def _first(*columns: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which rows have a pair of values for the first time."""
    pair = columns[0].astype(np.int64) << 32 | columns[1]
    fresh = np.zeros(len(pair), dtype=np.bool_)
    fresh[np.unique(pair, return_index=True)[1]] = True
    return fresh


class _Suspect(NamedTuple):
    """A hop that has, or may have, both properties. `features` are days on which the like was seen before."""

    row: int
    cause: int
    day: int
    clear: bool
    features: tuple[int, int, int]


class _Causes:
    """Who is behind each hop, as far as Hopper can tell, in the order of time."""

    def __init__(self, index: HopIndex, owners: dict[int, int]) -> None:
        self.index, self.owners = index, owners
        self.arrived: defaultdict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
        self.reached: set[tuple[int, int]] = set()
        self.days: dict[tuple[str, int, int], tuple[int, int]] = {}

    def walk(self) -> Iterator[_Suspect]:
        """The hops that have both properties, or may."""
        columns = (self.index.src, self.index.dst, self.index.account, self.index.earliest)
        for row, (src, dst, account, time) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
            causes, sure = self._causes(src, account, time)
            day = time // DAY
            bad = [cause for cause in causes if cause != account and (cause, dst) not in self.reached]
            if bad:
                features = min(self._features(cause, src, dst, account) for cause in bad)
                yield _Suspect(row, bad[0], day, sure, features)
            self._learn(causes[0], src, dst, account, day)
            here = self.arrived[dst]
            here.pop(account, None)  # the last to arrive stands last
            here[account] = (time, causes[0])

    def _causes(self, src: int, account: int, time: int) -> tuple[list[int], bool]:
        """Who may be behind a hop, the latest to arrive first, and whether there is no doubt."""
        came = self.arrived.get(src)
        if came:
            same = came.get(account)
            if same and time - same[0] <= DAY:
                return [same[1]], True
            recent = list(takewhile(lambda one: time - one[0] <= DAY, reversed(came.values())))
            if recent:
                return list(dict.fromkeys(cause for _, cause in recent)), len(recent) == 1
        return [self.owners.get(src, account)], True

    def _features(self, cause: int, src: int, dst: int, account: int) -> tuple[int, int, int]:
        keys = (("edge", src, dst), ("switch", cause, account), ("reach", cause, dst))
        edge, switch, reach = (self.days.get(key, (0, 0))[0] for key in keys)
        return edge, switch, reach

    def _learn(self, cause: int, src: int, dst: int, account: int, day: int) -> None:
        self.reached.update(((cause, dst), (account, dst)))
        for key in (("edge", src, dst), ("switch", cause, account), ("reach", cause, dst)):
            number, last = self.days.get(key, (0, -1))
            if last != day:
                self.days[key] = (number + 1, day)


def hopper(index: HopIndex, identity: Identity, until: int) -> Alerts:
    """Hops under an account that is not the causal user's to a host that the causal user never reached.

    One alert for each causal user, account, destination and day. Those with both properties for sure come first, and
    in either group those whose features are rarer among the hops of the history, which ends at `until` (us since 1970).
    """
    found = list(_Causes(index, _owners(index, identity, until)).walk())
    rows = np.array([one.row for one in found], dtype=np.int64)
    features = np.array([one.features for one in found], dtype=np.int64).reshape(-1, 3)
    early = features[index.earliest[rows] < until] if (index.earliest[rows] < until).any() else features
    scores = np.where([one.clear for one in found], 1.0, 0.0)
    shares = np.ones(len(found))
    for column in range(3):
        history = np.sort(early[:, column])
        shares *= 1 - np.searchsorted(history, features[:, column], side="left") / max(len(history), 1)
    keys: dict[tuple[int, int, int, int], int] = {}
    accounts, targets = index.account[rows].tolist(), index.dst[rows].tolist()
    groups = [
        keys.setdefault((one.cause, account, target, one.day), len(keys))
        for one, account, target in zip(found, accounts, targets, strict=True)
    ]
    return Alerts(rows, scores + shares, np.array(groups, dtype=np.int64))


def _owners(index: HopIndex, identity: Identity, until: int) -> dict[int, int]:
    """Who owns a host: what the inventory says, else the account that left it most often in the history."""
    codes = {name: code for code, name in enumerate(index.names.accounts)}
    known = {name: owner for name in index.names.hosts if (owner := identity.owner(name)) is not None}
    early = index.earliest < until
    left = Counter(zip(index.src[early].tolist(), index.account[early].tolist(), strict=True))
    arrives = set(np.unique(index.dst).tolist())
    owners: dict[int, int] = {}
    for (src, account), _ in sorted(left.items(), key=lambda item: (-item[1], item[0])):
        if src not in arrives:
            owners.setdefault(src, account)
    for number, name in enumerate(index.names.hosts):
        if name in known and known[name] in codes:
            owners[number] = codes[known[name]]
    return owners
