"""What a home folder holds, and what it cannot show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from graphmap.documents import number_of, some_of
from graphmap.pipeline.cases import cases_of
from graphmap.pipeline.estate import load_estate
from graphmap.store.lake import Lake, Summary
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphmap.config import Settings
    from graphmap.pipeline.estate import Estate

SHOWN = 5
"""How many hosts a sentence names."""

NOTED = 5
"""Seconds that clocks are apart from which on people are told; below, it may be what a logon takes."""


@dataclass(frozen=True, slots=True)
class Clock:
    """By how many seconds the clock of a host is ahead of a sensor's or a client's (negative: behind).

    The median over days of daily medians, of so many connections that both report (`graphmap.evidence.clocks`).
    """

    host: str
    teller: str
    seconds: float
    connections: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What is there; `blind` says in sentences what cannot be seen from it."""

    summary: Summary
    files: int
    findings: int
    inventory: str
    blind: tuple[str, ...]
    clocks: tuple[Clock, ...]
    hidden: int
    """Findings that suppressions hide; they are among `findings`."""

    def document(self) -> dict[str, Any]:
        """As a JSON document."""
        return {
            "events": self.summary.events,
            "first": self.summary.first,
            "last": self.summary.last,
            "files": self.files,
            "rejects": self.summary.rejects,
            "findings": self.findings,
            "inventory": self.inventory,
            "hosts": [asdict(host) for host in self.summary.hosts],
            "blind": list(self.blind),
            "clocks": [asdict(clock) for clock in self.clocks],
            "hidden": self.hidden,
        }


def overview(settings: Settings) -> Overview:
    """Look at all that a home folder holds.

    Raises
    ------
    StoreError, InputError
        The lake, the ledger or the inventory cannot be read.
    """
    estate = load_estate(settings)
    hosts, accounts = len(estate.inventory.hosts), len(estate.inventory.accounts)
    with Ledger(settings.ledger) as ledger:
        cases = cases_of(ledger.findings(), ledger)
        return Overview(
            summary=Lake(settings.lake).summary(),
            files=len(ledger.files()),
            findings=len(cases),
            inventory=f"{hosts:,} hosts, {accounts:,} accounts" if hosts or accounts else "none",
            blind=tuple(_blind(estate)),
            clocks=clocks_of(estate),
            hidden=sum(case.hidden_by is not None for case in cases),
        )


def _blind(estate: Estate) -> Iterator[str]:
    """What the events cannot show, a sentence each."""
    accepted = (pl.col("action") == "logon") & (pl.col("outcome") == "success")
    nameless = _one(estate.scan_events().filter(accepted & pl.col("dst_host").is_null()).select(pl.len()))
    if nameless:
        yield f"{number_of(nameless, 'accepted logon')} without a host name: give --host, or a folder for each host"
    sessions = estate.scan_sessions()
    seen = set(sessions.select(pl.col("host").unique()).collect(engine="streaming")["host"])
    silent = [host.name for host in estate.inventory.hosts if host.name not in seen]
    if silent:
        yield f"no accepted logon on {some_of(silent, SHOWN)} of the inventory: hops into them would be missing"
    if strangers := list(estate.index.names.sources):
        yield f"where these came from, which are no known host: {some_of(strangers, SHOWN)}"
    if open_ends := _one(estate.table.scan().select(pl.col("end").null_count())):
        yield f"{number_of(open_ends, 'session')} without an end in the logs: counted as open for {estate.gap}"
    if lost := _one(sessions.select(pl.col("src").null_count())):
        yield f"{number_of(lost, 'session')} without a source: in no hop"
    for ip, hosts in estate.identity.ambiguous().select("ip", "hosts").unique("ip").sort("ip").iter_rows():
        yield f"{ip} is claimed in turns by {some_of(list(hosts), SHOWN)}: it names no host in that time"


def clocks_of(estate: Estate) -> tuple[Clock, ...]:
    """All that were measured, the farthest apart first."""
    found = (
        estate.clocks.group_by("host", "teller")
        .agg(seconds=(pl.col("difference").median() / 1e6).round(3), connections=pl.col("pairs").sum())
        .sort(pl.col("seconds").abs(), "host", "teller", descending=[True, False, False])
    )
    return tuple(Clock(**row) for row in found.iter_rows(named=True))


def clock_sentences(clocks: Sequence[Clock]) -> Iterator[str]:
    """Say which clocks are so far apart that it is not the time a logon takes, a sentence each."""
    far = [clock for clock in clocks if abs(clock.seconds) >= NOTED]
    for clock in far[:SHOWN]:
        way = "ahead of" if clock.seconds > 0 else "behind"
        measured = number_of(clock.connections, "connection")
        yield f"{clock.host} is {abs(clock.seconds):,.1f} s {way} {clock.teller} ({measured})"
    if len(far) > SHOWN:
        yield f"and {number_of(len(far) - SHOWN, 'other pair')} {NOTED} s apart or more"


def _one(query: pl.LazyFrame) -> int:
    """The only number of a table."""
    return int(query.collect(engine="streaming").item())
