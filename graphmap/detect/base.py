"""What every detector is given, gives back, and promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import polars as pl

from graphmap.detect.events import EventTable
from graphmap.detect.judged import NOBODY, Judged
from graphmap.graph.explain import stable_id
from graphmap.graph.index import HopIndex
from graphmap.graph.paths import Path
from graphmap.graph.rarity import Past
from graphmap.graph.table import HopTable
from graphmap.identity import Identity
from graphmap.model import Basis, Chain, Finding, Hop, Line, Severity, Witness
from graphmap.policy.rulings import Rulings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime


MOST_LINES = 50
"""How many lines a finding shows at most."""

MOST_HOPS = 50
"""How many hops a finding shows at most; what it found may be more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that detectors look at.

    `index` has the hops as arrays, `past` what had been seen before each (`graphmap.graph.rarity`), and `chains` the
    chains with the paths that they were made from. `hops`, `failures`, `sessions` and `events` are HOPS, FAILURES,
    SESSIONS and EVENTS: there may be more of them than memory holds, so a detector filters before it collects, picks
    rows by the arrays and takes only those that it shows. `rulings` say what the policy says of each hop, and `judged`
    what people said of earlier findings.
    """

    hops: HopTable
    past: Past
    failures: pl.LazyFrame
    index: HopIndex
    chains: Sequence[tuple[Path, Chain]]
    identity: Identity
    sessions: pl.LazyFrame
    events: EventTable
    rulings: Rulings
    judged: Judged = NOBODY


class Detector(Protocol):
    """One kind of suspicion.

    A detector is pure: it does no I/O and asks no clock; its thresholds are fields with defaults. The same evidence
    gives the same findings, with the same ids, in the same order.
    """

    @property
    def name(self) -> str:
        """Short, lower case, unique: the `detector` of its findings."""

    @property
    def title(self) -> str:
        """One line for people."""

    @property
    def technique(self) -> str:
        """Technique of MITRE ATT&CK, as in T1021.004."""

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""


def finding(  # noqa: PLR0913 - the parts of a finding, each named at the call
    detector: Detector,
    evidence_key: tuple[object, ...],
    *,
    severity: Severity,
    score: float,
    title: str,
    why: Iterable[str],
    hops: Sequence[Hop] = (),
    lines: Iterable[Line] = (),
    hosts: Iterable[str] = (),
    users: Iterable[str] = (),
    times: Iterable[datetime] = (),
    p_value: float | None = None,
) -> Finding:
    """Make a finding whose id depends on the detector and on `evidence_key` alone.

    Hosts and users are those of `hops` in order of appearance, then `hosts` and `users`; the lines are those of `hops`,
    then `lines`; it was between the first and the last of `times` and of the moments of `hops`. `p_value` is the share
    of the past that was at least as odd, for detectors that know it.
    """
    times = [*times, *(moment for hop in hops for moment in (hop.start, hop.end or hop.start))]
    shown = [line for hop in hops for line in hop.lines] + list(lines)
    return Finding(
        id=stable_id("f", detector.name, *evidence_key),
        detector=detector.name,
        technique=detector.technique,
        severity=severity,
        score=round(score, 6),
        title=title,
        why=tuple(why),
        hosts=tuple(dict.fromkeys([*(host for hop in hops for host in (hop.src, hop.dst)), *hosts])),
        users=tuple(dict.fromkeys([*(hop.user for hop in hops), *users])),
        hops=tuple(hops),
        lines=tuple(dict.fromkeys(shown))[:MOST_LINES],
        first=min(times, default=None),
        last=max(times, default=None),
        p_value=p_value,
    )


def along(chain: Chain) -> str:
    """The hosts of a chain as people write them."""
    return " -> ".join(chain.hosts)


def steps(hops: Sequence[Hop]) -> Iterator[str]:
    """Say of each hop how it follows the one before, and how certain that is; of the first, how it came about."""
    for number, hop in enumerate(hops):
        account = hop.user or "an account that no log names"
        credential = f"{account} ({' '.join(filter(None, (hop.method, hop.key))) or 'method not logged'})"
        if hop.basis == Basis.START:
            yield f"{hop.src} -> {hop.dst} as {credential}: the chain starts here{_evidence(hop)}"
            continue
        if not number:
            yield (
                f"{hop.src} -> {hop.dst} as {credential}: a session on {hop.src} was open"
                f" ({hop.basis}, certainty {hop.certainty:.2g}){_evidence(hop)}"
            )
            continue
        later = (hop.start - hops[number - 1].start).total_seconds()
        yield (
            f"{hop.src} -> {hop.dst} as {credential}: {_later(later)}, while the session before was open"
            f" ({hop.basis}, certainty {hop.certainty:.2g}){_evidence(hop)}"
        )


def _evidence(hop: Hop) -> str:
    """Say who saw it, where that is not its host alone, and who did not that should have."""
    absent = {
        Witness.SERVER: f"no line on {hop.dst}, though its log covers that time",
        Witness.NETWORK: "no sensor saw it, though one saw others on this way before and after",
        Witness.CLIENT: f"no line on {hop.src}, though its log has others on this way before and after",
    }
    alone = hop.witnesses in {(), (Witness.SERVER,)} and not hop.missing
    said = [] if alone else [f"seen by {', '.join(hop.witnesses)}", *(absent[side] for side in hop.missing)]
    return "".join(f"; {one}" for one in said)


def _later(seconds: float) -> str:
    return "in the same second" if seconds <= 0 else f"{seconds:,.1f} s later"
