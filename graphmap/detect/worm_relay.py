"""Hosts that were reached by a burst and soon after make one themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.detect.base import MOST_HOPS, Evidence, finding, steps
from graphmap.detect.windows import bursts
from graphmap.documents import number_of, some_of
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from graphmap.graph.table import Rows


class _Relay(NamedTuple):
    """The row that arrived at a host in a burst, those of that burst, and those of the burst that left the host."""

    arrival: int
    before: NDArray[np.int64]
    after: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WormRelay:
    """A burst to new hosts from a host that a burst to new hosts had reached at most `delay` before.

    A burst is at least `min_hosts` hosts within `window` to which nobody went from that source before. One
    finding for each burst that was so caused.
    """

    min_hosts: int = 3
    window: timedelta = timedelta(minutes=10)
    delay: timedelta = timedelta(hours=1)
    name: str = "worm-relay"
    title: str = "Burst that goes on from a host it reached"
    technique: str = "T1021.004"

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        for relay, hops in evidence.hops.each(
            self._relays(evidence), lambda relay: (relay.arrival, *relay.after[:MOST_HOPS].tolist())
        ):
            yield self._finding(evidence, relay, hops)

    def _relays(self, evidence: Evidence) -> Iterator[_Relay]:
        index = evidence.index
        way = index.src.astype(np.int64) * len(index.names.hosts) + index.dst
        first = np.sort(np.unique(way, return_index=True)[1])
        first = first[index.src[first] != index.dst[first]]
        width, delay = (length // timedelta(microseconds=1) for length in (self.window, self.delay))
        runs = [first[run] for run in bursts(index.src[first], index.earliest[first], self.min_hosts, width)]
        reached: dict[int, list[tuple[int, int]]] = {}
        for number, run in enumerate(runs):
            for row in run.tolist():
                reached.setdefault(int(index.dst[row]), []).append((row, number))
        for run in runs:
            began = int(index.earliest[run[0]])
            arrivals = [
                (row, number)
                for row, number in reached.get(int(index.src[run[0]]), ())
                if began - delay <= index.earliest[row] and index.earliest[row] <= began and row != run[0]
            ]
            if arrivals:
                row, number = max(arrivals)
                yield _Relay(row, runs[number], run)

    def _finding(self, evidence: Evidence, relay: _Relay, hops: Rows) -> Finding:
        names = evidence.index.names
        arrival = hop_at(hops, relay.arrival)
        onward = [hop_at(hops, int(row)) for row in relay.after[:MOST_HOPS]]
        before, after = ([names.name(int(evidence.index.dst[row])) for row in rows] for rows in relay[1:])
        restricted = [host for host in after if evidence.identity.is_restricted(evidence.identity.segment(host))]
        later = (onward[0].start - arrival.start).total_seconds()
        return finding(
            self,
            (arrival.dst, onward[0].start.replace(microsecond=0).isoformat()),
            severity=Severity.CRITICAL if restricted else Severity.HIGH,
            score=log2(len(before) + len(after)),
            title=f"{arrival.dst}, reached by a burst from {arrival.src}, goes on to {number_of(len(after), 'host')}",
            why=(
                (
                    f"{arrival.src} went to {number_of(len(before), 'host')} where nobody had gone from there before:"
                    f" {some_of(before, MOST_HOPS)}"
                ),
                (
                    f"{later:,.0f} s after it reached {arrival.dst}, that host went on in the same manner:"
                    f" {some_of(after, MOST_HOPS)}"
                ),
                *([f"in restricted segments: {some_of(restricted, MOST_HOPS)}"] if restricted else []),
                *steps([arrival]),
            ),
            hops=[arrival, *onward[: MOST_HOPS - 1]],
        )
