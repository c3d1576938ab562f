"""What a suppression hides, and what it must not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graphmap.detect.judged import Judged
from graphmap.model import Basis, Finding, Hop, Severity, Suppression, Triage, TriageState
from graphmap.pipeline.cases import Case, cases_of, covers, judged_in, load_suppressions
from graphmap.store.ledger import Ledger, Opinion
from tests.store.frames import at

if TYPE_CHECKING:
    from pathlib import Path


def hop(src: str, dst: str, user: str) -> Hop:
    return Hop(at(0), None, src, dst, user, "ssh", None, None, 1.0, Basis.START, ())


def found(*hops: Hop, hosts: tuple[str, ...] = (), users: tuple[str, ...] = ()) -> Finding:
    return Finding("f-1", "chain", "T1021.004", Severity.LOW, 1.0, "title", (), hosts, users, hops, ())


ONE = found(hop("backup1", "db1", "backup"))
ON = found(hop("backup1", "db1", "backup"), hop("db1", "vault", "backup"))
SILENT = found(hosts=("db1",), users=())
NOTHING = Suppression(1, "ann", "why", at(0), None)


@pytest.mark.parametrize(
    ("said", "one", "on", "silent"),
    [
        ({"finding": "f-1"}, True, True, True),
        ({"finding": "f-2"}, False, False, False),
        ({"detector": "chain"}, True, True, True),
        ({"detector": "chai"}, False, False, False),
        ({"src": "backup*"}, True, False, False),
        ({"src": "BACKUP1"}, False, False, False),
        ({"dst": "db?"}, True, False, True),
        ({"dst": "[dv]*"}, True, True, True),
        ({"user": "backup"}, True, True, False),
        ({"src": "backup1", "dst": "db1", "user": "backup", "detector": "chain"}, True, False, False),
        ({"src": "backup1", "dst": "db1", "user": "root"}, False, False, False),
    ],
)
def test_every_hop_of_a_finding_must_be_what_the_suppression_names(
    said: dict[str, str], one: bool, on: bool, silent: bool
) -> None:
    suppression = replace(NOTHING, **said)  # type: ignore[arg-type] # texts by name, which is what they are
    assert [covers(suppression, finding) for finding in (ONE, ON, SILENT)] == [one, on, silent]


def test_detectors_know_what_was_said_last_of_which_logons(tmp_path: Path) -> None:
    """What is open or being looked at says nothing, and a finding of which nobody holds any more what they said."""
    other, third, fourth = (replace(ON, id=f"f-{n}", hops=ON.hops[-1:]) for n in (2, 3, 4))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert judged_in(ledger) == Judged()
        ledger.save_findings([ONE, other, third, fourth])
        ledger.judge(ONE.id, Opinion(TriageState.BENIGN), author="ann")
        ledger.judge(other.id, Opinion(TriageState.BENIGN), author="ann")
        ledger.judge(other.id, Opinion(TriageState.CONFIRMED), author="bob")
        ledger.judge(third.id, Opinion(TriageState.INVESTIGATING), author="ann")
        ledger.judge(fourth.id, Opinion(note="who is that?"), author="ann")
        benign, confirmed = (
            frozenset((hop.start, hop.src, hop.dst, hop.user, hop.service) for hop in hops)
            for hops in (ONE.hops, ON.hops[-1:])
        )
        assert judged_in(ledger) == Judged(benign, confirmed)
        assert benign.isdisjoint(confirmed)


def test_an_expired_or_ended_suppression_hides_nothing(tmp_path: Path) -> None:
    other = replace(ON, id="f-2")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.save_findings([ONE, other])
        ended = ledger.suppress(NOTHING)
        ledger.end_suppression(ended.id, author="ann", now=at(1))
        lasting = ledger.suppress(replace(NOTHING, src="backup1", expires=at(60)))
        said = ledger.judge("f-2", Opinion(TriageState.BENIGN), author="ann", now=at(2))
        assert cases_of([ONE, other], ledger, now=at(59)) == [
            Case(ONE, Triage(), lasting.id),
            Case(other, said, None),
        ]
        assert cases_of([ONE, other], ledger, now=at(60)) == [Case(ONE, Triage(), None), Case(other, said, None)]
    file = tmp_path / "ledger.sqlite"
    assert [[count for _, count in load_suppressions(file, now)] for now in (at(59), at(60))] == [[0, 1], [0, 0]]
