"""Findings with what people said of them: what they think of each, and what they need not see again."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from graphmap.detect.judged import NOBODY, Judged
from graphmap.documents import Document, finding_document, time_text
from graphmap.model import Suppression, Triage, TriageState
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphmap.model import Finding


class Case(NamedTuple):
    """A finding, what people think of it, and the number of the suppression that hides it, if one does."""

    finding: Finding
    triage: Triage
    hidden_by: int | None

    def document(self) -> Document:
        """The finding's document, then ``state, assignee, note, marked, judged_by, judged_at, hidden_by``."""
        return finding_document(self.finding) | {
            "state": self.triage.state.value,
            "assignee": self.triage.assignee,
            "note": self.triage.note,
            "marked": self.triage.marked,
            "judged_by": self.triage.author,
            "judged_at": None if self.triage.at is None else time_text(self.triage.at),
            "hidden_by": self.hidden_by,
        }


def covers(suppression: Suppression, finding: Finding) -> bool:
    """Whether all of a finding is what a suppression names.

    `src`, `dst` and `user` must match **every** hop: a chain that passes over a suppressed way and goes on to another
    host is shown. Of a finding without hops, every host must match `dst` and every user `user`; one that names no user,
    or a suppression with a `src`, does not match then.
    """
    if suppression.finding not in {None, finding.id} or suppression.detector not in {None, finding.detector}:
        return False
    if finding.hops:
        return all(
            _matches(suppression.src, hop.src)
            and _matches(suppression.dst, hop.dst)
            and _matches(suppression.user, hop.user)
            for hop in finding.hops
        )
    return (
        suppression.src is None and _match(suppression.dst, finding.hosts) and _match(suppression.user, finding.users)
    )


def _match(pattern: str | None, names: tuple[str, ...]) -> bool:
    return pattern is None or (bool(names) and all(_matches(pattern, name) for name in names))


def _matches(pattern: str | None, name: str) -> bool:
    return pattern is None or fnmatchcase(name, pattern)


def cases_of(findings: Iterable[Finding], ledger: Ledger, *, now: datetime | None = None) -> list[Case]:
    """Put findings beside what people said of them.

    Parameters
    ----------
    findings
        Stored or not.
    ledger
        Where it was said.
    now
        The moment at which suppressions must not have expired; None for the present one.
    """
    at = now or datetime.now(UTC)
    active = [suppression for suppression in ledger.suppressions() if suppression.is_active(at)]
    said = ledger.triage()
    return [
        Case(
            finding,
            said.get(finding.id, Triage()),
            next((suppression.id for suppression in active if covers(suppression, finding)), None),
        )
        for finding in findings
    ]


def load_cases(
    where: Path | str,
    *,
    detector: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Case]:
    """The stored findings (`Ledger.findings`) as cases, the highest score first."""
    with Ledger(where) as ledger:
        return cases_of(ledger.findings(detector=detector, since=since, until=until), ledger)


def load_suppressions(where: Path | str, now: datetime) -> list[tuple[Suppression, int]]:
    """All suppressions, each with the number of stored findings that it covers; 0 where it is not active at `now`."""
    with Ledger(where) as ledger:
        findings = ledger.findings()
        return [
            (one, sum(covers(one, finding) for finding in findings) if one.is_active(now) else 0)
            for one in ledger.suppressions()
        ]


def judged_in(ledger: Ledger) -> Judged:
    """What people said of stored findings, as detectors may know it."""
    said = {name: triage.state for name, triage in ledger.triage().items() if triage.state in _FINAL}
    return Judged.of((one, said[one.id]) for one in ledger.findings() if one.id in said) if said else NOBODY


_FINAL = (TriageState.BENIGN, TriageState.CONFIRMED)
