"""Host by day: on which days the logs of a host speak, are silent, were tampered with, or tell nothing that counts."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from graphmap.model import Finding

TAMPERING = "tampering"
"""The detector that says so."""


class DayState(StrEnum):
    """What can be said of a host on a day."""

    SEEN = "seen"
    """Its own logs have events."""
    SILENT = "silent"
    """They have none, and had some before."""
    TAMPERED = "tampered"
    """A finding says that they were changed."""
    NOT_EVALUABLE = "not-evaluable"
    """They have none and never had: nothing can be said, also where others tell of the host."""


class HostDays(NamedTuple):
    """A host: for each day its state and the events that the lake has of it, by whomever."""

    host: str
    states: tuple[DayState, ...]
    events: tuple[int, ...]

    @property
    def trouble(self) -> tuple[int, int]:
        """On how many days something is wrong, and on how many nothing is known."""
        wrong = sum(state in {DayState.SILENT, DayState.TAMPERED} for state in self.states)
        return wrong, self.states.count(DayState.NOT_EVALUABLE)


def host_days(
    days: pl.DataFrame, hosts: Iterable[str], findings: Iterable[Finding], *, last: int
) -> tuple[list[date], list[HostDays]]:
    """The state of each host on the last days that the logs cover.

    Parameters
    ----------
    days
        What was seen (`graphmap.pipeline.coverage.daily`).
    hosts
        All that are known.
    findings
        Those of `TAMPERING` count, for the hosts that somebody came to, on each day from first to last.
    last
        How many days at most.

    Returns
    -------
    The UTC days without a gap, and the hosts, those with most days of trouble first; nothing where there is no event.
    """
    if days.is_empty():
        return [], []
    ends = days.select(first=pl.col("day").min(), last=pl.col("day").max()).row(0, named=True)
    begin = max(ends["first"], ends["last"] - timedelta(days=last - 1))
    shown = [begin + timedelta(days=n) for n in range((ends["last"] - begin).days + 1)]
    told = {
        (host, day): (events, own)
        for host, day, events, own in days.select("host", "day", "events", "own events").iter_rows()
    }
    spoke = dict(days.filter(pl.col("own events") > 0).group_by("host").agg(pl.col("day").min()).iter_rows())
    changed = _tampered(findings)
    found = [_host(host, shown, told, spoke.get(host), changed) for host in hosts]
    return shown, sorted(found, key=lambda one: (-one.trouble[0], -one.trouble[1], one.host))


def _host(
    host: str,
    days: Sequence[date],
    told: dict[tuple[str, date], tuple[int, int]],
    spoke: date | None,
    changed: set[tuple[str, date]],
) -> HostDays:
    seen = [told.get((host, day), (0, 0)) for day in days]
    states = []
    for day, (_, own) in zip(days, seen, strict=True):
        if (host, day) in changed:
            states.append(DayState.TAMPERED)
        elif own:
            states.append(DayState.SEEN)
        else:
            states.append(DayState.SILENT if spoke and spoke < day else DayState.NOT_EVALUABLE)
    return HostDays(host, tuple(states), tuple(events for events, _ in seen))


def _tampered(findings: Iterable[Finding]) -> set[tuple[str, date]]:
    found = set()
    for one in findings:
        if one.detector == TAMPERING and one.first is not None:
            days = ((one.last or one.first).date() - one.first.date()).days
            hosts = {hop.dst for hop in one.hops} or one.hosts
            found |= {(host, one.first.date() + timedelta(days=n)) for host in hosts for n in range(days + 1)}
    return found
