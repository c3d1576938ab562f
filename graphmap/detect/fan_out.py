"""Bursts from one source to many hosts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import log2
from typing import TYPE_CHECKING

import numpy as np

from graphmap.detect.base import MOST_HOPS, Evidence, finding
from graphmap.documents import number_of, some_of, time_text
from graphmap.graph.explain import hop_at, moment_of
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphmap.graph.index import HopIndex, Ids
    from graphmap.model import Hop

    Row = tuple[int, int, str, bool, int]
    """Row of HOPS, start in microseconds, destination, whether the way was never taken before, account."""

MOST_USERS = 5
"""How many accounts a title names: as many as a line holds."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """One source that logs on to at least `min_hosts` other hosts within `window`, `min_new` of them by a new way.

    Automation that does so every day goes ways that it has gone before, and stays silent. Bursts that overlap are one.
    """

    min_hosts: int = 5
    min_new: int = 3
    window: timedelta = timedelta(minutes=10)
    name: str = "fan-out"
    title: str = "Fan-out burst to new hosts"
    technique: str = "T1021.004"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        bursts = (burst for rows in self._crowded(evidence) for burst in self._bursts(_rows(evidence, rows)))
        identity = evidence.identity
        restricted = cache(lambda host: identity.is_restricted(identity.segment(host)))
        for burst, rows in evidence.hops.each(bursts, _shown):
            yield self._finding(evidence.index, restricted, [hop_at(rows, row) for row in _shown(burst)], burst)

    def _crowded(self, evidence: Evidence) -> Iterator[Ids]:
        """For each source, its rows to other hosts, less those that are in no window with enough new ways."""
        index, before = evidence.index, evidence.past.before
        width, others = self._width, max(self.min_new, 1) - 1
        for source in range(len(index.leaving.offsets) - 1):
            rows = index.leaving.of(source)
            rows = rows[index.dst[rows] != source]
            times = index.earliest[rows]
            new = times[before[rows] == 0]
            first, last = new[: max(len(new) - others, 0)], new[others:]
            near = last - first <= width
            begins = np.searchsorted(times, last[near] - width, side="left")
            ends = np.searchsorted(times, first[near] + width, side="right")
            steps = [np.bincount(edge, minlength=len(rows) + 1) for edge in (begins, ends)]
            rows = rows[np.cumsum(steps[0] - steps[1])[: len(rows)] > 0]
            if len(np.unique(index.dst[rows])) >= self.min_hosts:
                yield rows

    @property
    def _width(self) -> int:
        """Microseconds of the window."""
        return int(self.window.total_seconds() * 1_000_000)

    def _bursts(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Runs of rows in which every window that is added to the run reaches enough hosts."""
        width = self._width
        reached: Counter[str] = Counter()
        new: Counter[str] = Counter()
        first = begin = end = 0
        for last, row in enumerate(rows):
            _count(row, 1, reached, new)
            while row[1] - rows[first][1] > width:
                _count(rows[first], -1, reached, new)
                first += 1
            if len(reached) < self.min_hosts or len(new) < self.min_new:
                continue
            if first >= end:  # nothing in common with the burst before
                if end:
                    yield rows[begin:end]
                begin = first
            end = last + 1
        if end:
            yield rows[begin:end]

    def _finding(
        self, index: HopIndex, restricted: Callable[[str], bool], hops: Sequence[Hop], burst: list[Row]
    ) -> Finding:
        begin, end = (moment_of(burst[place][1]) for place in (0, -1))
        reached = list(dict.fromkeys(dst for _, _, dst, *_ in burst))
        new = list(dict.fromkeys(dst for _, _, dst, is_new, _ in burst if is_new))
        inside = [h for h in reached if restricted(h)]
        accounts = dict.fromkeys(account for *_, account in burst)
        users = some_of([index.names.accounts[number] for number in accounts], MOST_USERS)
        took = (end - begin).total_seconds()
        src = hops[0].src
        return finding(
            self,
            (src, begin.replace(microsecond=0).isoformat()),
            severity=Severity.HIGH if inside else Severity.MEDIUM,
            score=log2(len(new)),
            title=f"{src} logs on to {number_of(len(reached), 'host')} in {took:,.0f} s as {users}",
            why=(
                f"from {time_text(begin)} to {time_text(end)}: {some_of(reached, MOST_HOPS)}",
                f"by a way never taken before: {some_of(new, MOST_HOPS)}",
                *([f"in restricted segments: {some_of(inside, MOST_HOPS)}"] if inside else []),
                *(
                    [f"{number_of(len(burst), 'logon')}; shown is the first of each account to each host"]
                    if len(hops) < len(burst)
                    else []
                ),
            ),
            hops=hops,
        )


def _shown(burst: list[Row]) -> list[int]:
    """The rows of a burst that are proof enough: the first of each way, the new ones before the others."""
    first: dict[tuple[int, str], Row] = {}
    for row in burst:
        first.setdefault((row[4], row[2]), row)
    return sorted(row for row, *_ in sorted(first.values(), key=lambda row: not row[3])[:MOST_HOPS])


def _rows(evidence: Evidence, rows: Ids) -> list[Row]:
    index, names = evidence.index, evidence.index.names
    new = evidence.past.before[rows] == 0
    hosts = map(names.name, index.dst[rows].tolist())
    starts, accounts = (array[rows].tolist() for array in (index.earliest, index.account))
    return list(zip(rows.tolist(), starts, hosts, new.tolist(), accounts, strict=True))


def _count(row: Row, step: int, reached: Counter[str], new: Counter[str]) -> None:
    """Take a row into a window, or out of it; hosts that are no longer reached leave the counters."""
    for counter in (reached, new) if row[3] else (reached,):
        counter[row[2]] += step
        if not counter[row[2]]:
            del counter[row[2]]
