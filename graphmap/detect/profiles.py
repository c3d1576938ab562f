"""Logons on hosts of a class in which something differs from what these hosts knew before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.classes import CLASSES, AssetClass
from graphmap.detect.judged import rows_of
from graphmap.detect.needs import Learns, Whose
from graphmap.documents import number_of
from graphmap.graph.columns import Column, marks
from graphmap.graph.conformal import earlier
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from graphmap.graph.index import Flags, Ids, Moments
    from graphmap.graph.table import Rows

    Counts = NDArray[np.int32]
    Weights = NDArray[np.float64]

WIDER = {"source": "segment", "key": "account"}
"""Dimensions whose values change by themselves, as an address or a key does, and the one that then stays."""

KNOWN = 0.5
"""What such a change weighs while the wider dimension has its old value."""

NEVER = np.iinfo(np.int64).max
"""A moment that never comes, us since 1970."""

GRAVE = 2.0
"""Weight from which a finding is of high severity: two dimensions that nobody of the class knew."""


class _Dimension(NamedTuple):
    """One thing that a profile learns, of the logons on the hosts of a class."""

    name: str
    values: Column
    """Of each logon; the empty name is no value."""
    new: Flags
    """Whether its host never had the value before."""
    peers: Counts
    """Where it is new: how many other hosts of the class had it before."""


class _Profile(NamedTuple):
    """What the hosts of a class knew before each logon on them, one element a logon."""

    asset: AssetClass
    rows: NDArray[np.int64]
    past: Counts
    """Earlier logons on the host."""
    others: Counts
    """Other hosts of the class with earlier logons."""
    learned: Flags
    """Whether the past of the host, or of its class, says enough."""
    dimensions: list[_Dimension]


@dataclass(frozen=True, slots=True)
class Profiles:
    """A logon on a host of a class whose account, source, method, key or service the host did not know.

    Profiles are learned from the past of each logon alone. A new value weighs 1 less the share of the other hosts of
    the class that had it before; a new source in a segment that the host knows, and a new key of an account that it
    knows, half of that. A finding has at least `min_weight`. A host is judged once `min_logons` in at least `history`
    were seen on it, a newer one by the hosts of its class alone. What a finding shows is not known to the class for
    `guarded`, unless people judge it benign; what they confirm never is.
    """

    min_weight: float = 1.0
    min_logons: int = 10
    history: timedelta = timedelta(days=7)
    guarded: timedelta = timedelta(days=14)
    name: str = "asset-profile"
    title: str = "Logon unlike the profile of its class of hosts"
    technique: str = "T1078"

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.HOST, self.history, self.min_logons)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        confirmed, benign = (
            rows_of(said, evidence.hops) for said in (evidence.judged.confirmed, evidence.judged.benign)
        )
        for asset in CLASSES:
            known_from = evidence.index.earliest.copy()
            known_from[confirmed] = NEVER
            profile = self._profile(evidence, asset, known_from)
            if profile is None:
                continue
            shown = profile.rows[_total(profile) >= self.min_weight]
            known_from[np.setdiff1d(shown, np.union1d(confirmed, benign))] += self.guarded // timedelta(microseconds=1)
            profile = self._profile(evidence, asset, known_from) or profile
            weights = _weights(profile)
            places = np.flatnonzero(_total(profile) >= self.min_weight).tolist()
            for place, hops in evidence.hops.each(places, _row_of(profile.rows)):
                yield self._finding(profile, place, [float(weight[place]) for weight in weights], hops)

    def _profile(self, evidence: Evidence, asset: AssetClass, known_from: Moments) -> _Profile | None:
        """What the hosts of a class knew; `known_from` says from when on they know of each hop of another."""
        index, identity = evidence.index, evidence.identity
        member = marks(index.names.hosts, lambda host: not asset.roles.isdisjoint(identity.roles(host)))
        if not member.any():
            return None
        service = evidence.hops.column("service")
        over = service.marks(lambda name: not asset.services or name in asset.services)
        rows = np.flatnonzero(member[index.dst] & (index.src != index.dst) & over[service.codes])
        if not len(rows):
            return None
        time, host = index.earliest[rows], index.dst[rows].astype(np.int64)
        past = earlier(host, time)
        begin = np.full(len(index.names.hosts), np.iinfo(np.int64).max)
        np.minimum.at(begin, host, time)
        first = np.flatnonzero(past == 0)
        first = first[np.unique(host[first], return_index=True)[1]]
        others = np.searchsorted(np.sort(time[first]), time, side="left") - (past > 0)
        span = int(self.history.total_seconds() * 1_000_000)
        learned = (past >= self.min_logons) & (time - begin[host] >= span)
        all_past = np.searchsorted(time, time, side="left")
        by_class = (others > 0) & (all_past - past >= self.min_logons) & (time - time[0] >= span)
        columns = _columns(evidence, rows)
        dimensions = [_learn(name, values, host, time, known_from[rows]) for name, values in columns]
        owned = _owned(evidence, rows)
        dimensions[0].new[owned] = False
        # a host without a past of its own is judged by its class: what any other host had is not new to it
        young = by_class & ~learned
        for dimension in dimensions:
            dimension.new[young & (dimension.peers > 0)] = False
        return _Profile(asset, rows, past, others.astype(np.int32), learned | young, dimensions)

    def _finding(self, profile: _Profile, place: int, weights: Sequence[float], hops: Rows) -> Finding:
        row = int(profile.rows[place])
        hop, account = hop_at(hops, row), hops[row]["account"]
        differing = [one for one, weight in zip(profile.dimensions, weights, strict=True) if weight]
        named = {one.name: one.values.names[one.values.codes[place]] for one in differing}
        past = number_of(int(profile.past[place]), "earlier logon")
        others = number_of(int(profile.others[place]), f"other {profile.asset.name}")
        return finding(
            self,
            (profile.asset.name, hop.src, account, hop.dst, *named.items()),
            severity=Severity.HIGH if sum(weights) >= GRAVE else Severity.MEDIUM,
            score=sum(weights),
            title=f"{hop.user} on {profile.asset.name} {hop.dst} from {hop.src}: new {', '.join(named)}",
            why=(
                *(
                    f"{one.name} {named[one.name]}: in none of {past} on {hop.dst};"
                    f" {int(one.peers[place])} of {others} had it (weight {weight:.2f})"
                    for one, weight in zip(profile.dimensions, weights, strict=True)
                    if weight
                ),
                *steps([hop]),
            ),
            hops=[hop],
        )


def _row_of(rows: NDArray[np.int64]) -> Callable[[int], list[int]]:
    return lambda place: [int(rows[place])]


def _columns(evidence: Evidence, rows: NDArray[np.int64]) -> Iterator[tuple[str, Column]]:
    """What profiles learn, of some hops; the account first."""
    index, names = evidence.index, evidence.index.names
    yield "account", Column(names.accounts, index.account[rows])
    nodes = (*names.hosts, *names.sources)
    yield "source", Column(nodes, index.src[rows])
    used = np.unique(index.src[rows])
    segment = Column.numbered(evidence.identity.segment(nodes[node]) or "" for node in used)
    yield "segment", Column(segment.names, segment.codes[np.searchsorted(used, index.src[rows])])
    for name in ("method", "service"):
        column = evidence.hops.column(name)
        yield name, Column(column.names, column.codes[rows])
    yield "key", Column((*names.keys, ""), np.where(index.key[rows] < 0, len(names.keys), index.key[rows]))


def _learn(name: str, values: Column, host: NDArray[np.int64], time: Moments, known_from: Moments) -> _Dimension:
    """Which values are new to their host, and how many peers had them."""
    pair = host * (len(values.names) + 1) + values.codes
    new = (earlier(pair, time) == 0) & values.marks(bool)[values.codes]
    # of several logons of one moment with one new value, the first stands for all
    first = np.zeros(len(pair), np.bool_)
    first[np.unique(pair, return_index=True)[1]] = True
    new &= first
    peers = np.zeros(len(pair), np.int32)
    peers[new] = _known(values.codes[new], time[new], known_from[new])
    return _Dimension(name, values, new, peers)


def _known(value: Ids, time: Moments, known_from: Moments) -> Counts:
    """For each row, how many rows of its value are known at its time."""
    moments = np.unique(np.concatenate([time, known_from]))
    group = value.astype(np.int64) * (len(moments) + 1)
    known = np.sort(group + np.searchsorted(moments, known_from))
    found: Counts = np.searchsorted(known, group + np.searchsorted(moments, time)) - np.searchsorted(known, group)
    return found


def _owned(evidence: Evidence, rows: NDArray[np.int64]) -> Flags:
    """Which of some hops are of the account of the person to whom the host belongs."""
    index, identity = evidence.index, evidence.identity
    numbers = {name: number for number, name in enumerate(index.names.accounts)}
    owners: Ids = np.full(len(index.names.hosts), -1, np.int32)
    for host in np.unique(index.dst[rows]).tolist():
        owner = identity.owner(index.names.hosts[host])
        if owner is not None:
            owners[host] = numbers.get(identity.account_of(owner), -1)
    found: Flags = owners[index.dst[rows]] == index.account[rows]
    return found


def _weights(profile: _Profile) -> list[Weights]:
    """What each dimension weighs in each logon."""
    return [_weight(profile, place) for place in range(len(profile.dimensions))]


def _total(profile: _Profile) -> Weights:
    """What the logons weigh that can be judged; 0 for others."""
    total: Weights = np.sum(_weights(profile), axis=0) * profile.learned
    return total


def _weight(profile: _Profile, place: int) -> Weights:
    """What the values of a dimension weigh."""
    dimension = profile.dimensions[place]
    weight = dimension.new * (1.0 - dimension.peers / np.maximum(profile.others, 1))
    wider = WIDER.get(dimension.name)
    if wider is not None:
        same = next(one for one in profile.dimensions if one.name == wider)
        weight = np.where(same.new, weight, weight * KNOWN)
    return weight
