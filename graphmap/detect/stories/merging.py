"""Findings become stories: those about one logon, or about logons that led to each other, belong together.

Whoever is everywhere (a bastion, an account of automation) must not glue all findings into one story, and no intruder
should be able to bury a path in a large one. So a finding joins one story at most and never joins two stories to one;
hosts on which many come and go link nothing; what lasts for weeks is a story of its own; and a story ends at a number
of parts, logons and days. Findings about a path and those about a set of logons (all that a burst reached) join their
own kind only: else one burst would make one story of everybody whose way it crossed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from graphmap.graph.hops import GAP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphmap.model import Finding, Hop

BEGINNING = datetime.min.replace(tzinfo=UTC)
"""When a finding was of which nothing says when."""

LATEST = 200
"""How many of the latest visits to a busy host are looked at, so that a flood costs no more than its length."""

BRANCHES = 3
"""How many hops of a path leave one host at most; where more do, it is a burst."""

Logon = tuple[datetime, str, str, str, str]
"""What makes a hop the same in two findings: certainty and basis depend on the chain that it is shown in."""


class Group(NamedTuple):
    """Findings that belong together, in order, and the group that was full when these came, if one was."""

    members: tuple[int, ...]
    continues: int | None


class _Visit(NamedTuple):
    """Somebody came to a host, or left it, by a hop of a finding, which was open `until` then."""

    moment: datetime
    until: datetime
    src: str
    user: str
    group: int


@dataclass(slots=True)
class _Open:
    """A group that still grows."""

    began: datetime
    members: list[int]
    logons: set[Logon]
    continues: int | None = None


@dataclass(frozen=True, slots=True)
class Merging:
    """How findings are joined.

    Parameters
    ----------
    within
        After somebody came to a host, for how long what leaves it may belong to that.
    share
        A hop that leaves a host belongs to one that was open then, if it was of its account or one of so few (sources
        and accounts) that each has at least this share of them. Where none was open, it belongs to one of its account;
        what is no logon (a log that was cleared) to any of so few.
    lasting
        From the beginning of a story, for how long it takes findings that begin. A finding whose hops lie farther apart
        (one key on many hosts over weeks) is about no path: it is a story of its own.
    parts
        How many findings a story has at most.
    logons
        With so many logons a story is full, too.
    """

    within: timedelta = timedelta(hours=24)
    share: float = 0.3
    lasting: timedelta = timedelta(days=3)
    parts: int = 50
    logons: int = 30

    def groups(self, findings: Sequence[Finding]) -> list[Group]:
        """Join findings.

        Parameters
        ----------
        findings
            In any order.

        Returns
        -------
        Groups of their places, each in order of time, by the beginning of the first; every finding is in one.

        Notes
        -----
        Findings are taken in the order of their beginnings, and each sees those before it only: one that begins later
        than all others changes no group but the one it joins. Among equals the order is that of ids. Cost: linear in
        the hops; of each host the latest 200 visits are looked at.
        """
        walk = _Walk(self)
        for place in sorted(range(len(findings)), key=lambda place: order(findings[place])):
            walk.add(place, findings[place])
        return [Group(tuple(one.members), one.continues) for one in walk.groups]


def order(finding: Finding) -> tuple[datetime, int, str]:
    """By what findings are sorted: their beginning, then those with the most hops, then ids."""
    return finding.first or BEGINNING, -len(finding.hops), finding.id


def logon(hop: Hop) -> Logon:
    """What makes it the same logon in two findings."""
    return hop.start, hop.src, hop.dst, hop.user, hop.service


def is_path(hops: Sequence[Hop]) -> bool:
    """Whether hops go on from each other, with a few branches at most; else they are a set: all that one host went to.

    With branches each hop leaves a host to which an earlier one came, or which one left; some hop goes on from where
    another came; and no host is left by more than `BRANCHES`.
    """
    if all(before.dst == after.src for before, after in pairwise(hops)):
        return True
    known = {hops[0].src}
    for hop in hops:
        if hop.src not in known:
            return False
        known.add(hop.dst)
    left = Counter(hop.src for hop in hops)
    return max(left.values()) <= BRANCHES and not left.keys().isdisjoint(hop.dst for hop in hops)


@dataclass(slots=True)
class _Walk:
    """The groups so far, and where and when their hops came and went."""

    merging: Merging
    groups: list[_Open] = field(default_factory=list)
    logons: dict[Logon, int] = field(default_factory=dict)
    """Those of paths."""
    bursts: dict[Logon, int] = field(default_factory=dict)
    """Those of sets."""
    arrived: defaultdict[str, list[_Visit]] = field(default_factory=lambda: defaultdict(list))
    left: defaultdict[str, list[_Visit]] = field(default_factory=lambda: defaultdict(list))

    def add(self, place: int, finding: Finding) -> None:
        """Put a finding where it belongs."""
        began = finding.first or BEGINNING
        logons = {logon(hop) for hop in finding.hops}
        if logons and max(logons)[0] - min(logons)[0] > self.merging.lasting:
            self.groups.append(_Open(began, [place], logons))
            return
        full = None
        for group in self._candidates(finding):
            if self._takes(group, began):
                self.groups[group].members.append(place)
                self.groups[group].logons |= logons
                break
            full = group if full is None else full
        else:
            group = len(self.groups)
            self.groups.append(_Open(began, [place], logons, full))
        self._note(finding, group)

    def _takes(self, group: int, began: datetime) -> bool:
        one, most = self.groups[group], self.merging
        return began - one.began <= most.lasting and len(one.members) < most.parts and len(one.logons) < most.logons

    def _candidates(self, finding: Finding) -> list[int]:
        """The groups to which a finding may belong: those that share the most logons, then those that led to it."""
        path = is_path(finding.hops)
        known = self.logons if path else self.bursts
        same = Counter(group for hop in finding.hops if (group := known.get(logon(hop))) is not None)
        led: defaultdict[int, float] = defaultdict(float)
        for group, part in self._origins(finding) if path else ():
            led[group] = max(led[group], part)
        return sorted({*same, *led}, key=lambda group: (-same[group], -led.get(group, 0.0), -group))

    def _origins(self, finding: Finding) -> Iterator[tuple[int, float]]:
        """The groups whose hops led to a finding, each with its share in what came to that host."""
        for host, moment, user in _departures(finding):
            came = _recent(self.arrived[host], moment, self.merging.within)
            still = [visit for visit in came if visit.until >= moment]
            came = still or [visit for visit in came if user in {None, visit.user}]
            parties = len({(visit.src, visit.user) for visit in came})
            for visit in came:
                part = 1.0 if visit.user == user else 1.0 / parties
                if part >= self.merging.share:
                    yield visit.group, part
            for visit in _recent(self.left[host], moment, self.merging.within):
                if visit.user == user:
                    yield visit.group, 1.0

    def _note(self, finding: Finding, group: int) -> None:
        if not is_path(finding.hops):
            for hop in finding.hops:
                self.bursts.setdefault(logon(hop), group)
            return
        for hop in finding.hops:
            if self.logons.setdefault(logon(hop), group) == group:
                visit = _Visit(hop.start, hop.end or hop.start + GAP, hop.src, hop.user, group)
                insort(self.arrived[hop.dst], visit)
                insort(self.left[hop.src], visit)


def _recent(visits: list[_Visit], moment: datetime, within: timedelta) -> list[_Visit]:
    """The visits of the time before a moment."""
    end = bisect_right(visits, moment, key=_moment)
    begin = bisect_left(visits, moment - within, hi=end, key=_moment) if moment - BEGINNING >= within else 0
    return visits[max(begin, end - LATEST) : end]


def _moment(visit: _Visit) -> datetime:
    return visit.moment


def _departures(finding: Finding) -> Iterator[tuple[str, datetime, str | None]]:
    """From where, when and as whom something went on; what is about one host without a hop went on there."""
    yield from ((hop.src, hop.start, hop.user) for hop in finding.hops)
    if not finding.hops and len(finding.hosts) == 1 and finding.first is not None:
        yield finding.hosts[0], finding.first, None
