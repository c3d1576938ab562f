from __future__ import annotations

import pytest

from graphmap.detect.policy_violation import PolicyViolation
from graphmap.model import Finding, Severity
from tests.detect.story import hop, hunted, lines, told

POLICY = """\
zones:
  - {name: office, segments: [office]}
  - {name: dmz, cidrs: [10.0.2.0/24]}
  - {name: databases, hosts: [db1, db2]}
rules:
  - name: web reads its data
    from: [dmz]
    to: [databases]
    accounts: [web]
    methods: [publickey]
    until: 2026-03-10
    author: j-smith
    reason: CHG-17
"""


def test_a_permission_for_somebody_else() -> None:
    estate = told("10:00:00.1 web1>db1 eve password", "03-02 10:00:00.1 web1>db1 eve password", policy=POLICY)
    assert hunted(estate, PolicyViolation()) == [
        Finding(
            id="f-2c19b5c479a4",
            detector="policy-violation",
            technique="T1021",
            severity=Severity.HIGH,
            score=1.125,
            title="eve against the policy: web1 -> db1",
            why=(
                "zone databases (policy.yaml:4): rule 'web reads its data' (policy.yaml:6) is for web only; by publickey only",
                "2 logons from 2026-03-01T10:00:00.100000Z to 2026-03-02T10:00:00.100000Z; policy: violation",
                "web1 -> db1 as eve (password): the chain starts here",
            ),
            hosts=("web1", "db1"),
            users=("eve",),
            hops=(hop(estate, 1),),
            lines=lines(1, 2),
        )
    ]


def why(*deeds: str, policy: str = POLICY, allowed_from: str | None = None) -> list[str]:
    return [one.why[0] for one in hunted(told(*deeds, policy=policy, allowed_from=allowed_from), PolicyViolation())]


@pytest.mark.parametrize(
    "deed",
    [
        "10:00:00.1 web1>db1 web k",  # permitted
        "03-09 23:59:59.9 web1>db1 web k",  # to the last moment
        "10:00:00.1 ws1>web1 eve k",  # the policy says nothing of that zone
        "10:00:00.1 127.0.0.1>db1 eve k",  # crosses nothing
        "10:00:00.1 ws1>db1 eve !k",  # refused
    ],
)
def test_silence(deed: str) -> None:
    assert why(deed) == []


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("10:00:00.1 ws1>db1 web k", "no rule permits logons from office"),
        ("10:00:00.1 198.51.100.9>db1 web k", "no rule permits logons from 198.51.100.9, which lies in no zone"),
        ("10:00:00.1 db2>db1 web k", "no rule permits logons from databases"),
        (
            "03-10 00:00:00 web1>db1 web k",
            "rule 'web reads its data' (policy.yaml:6) is over since 2026-03-10T00:00:00Z",
        ),
    ],
)
def test_reasons(deed: str, reason: str) -> None:
    assert why(deed) == [f"zone databases (policy.yaml:4): {reason}"]


def test_a_stolen_account_on_a_permitted_way_is_out_of_sight() -> None:
    """Evasion: who has the account and the key, and comes by the permitted way, is not seen here."""
    assert why("10:00:00.1 web1>db1 web stolen") == []


def test_the_inventory_alone_states_a_policy_too() -> None:
    (found,) = hunted(told("10:00:00.1 web1>db1 bob k", allowed_from="[servers]"), PolicyViolation())
    assert found.why[:2] == (
        "segment prod: no rule permits logons from segment dmz",
        "1 logon from 2026-03-01T10:00:00.100000Z to 2026-03-01T10:00:00.100000Z; policy: violation",
    )


def test_where_inventory_and_policy_disagree_it_is_both_and_less_severe() -> None:
    (found,) = hunted(told("10:00:00.1 web1>db1 web k", policy=POLICY, allowed_from="[servers]"), PolicyViolation())
    assert (found.severity, found.why[:3]) == (
        Severity.MEDIUM,
        (
            "segment prod: no rule permits logons from segment dmz",
            "rule 'web reads its data' permits it to another zone",
            "1 logon from 2026-03-01T10:00:00.100000Z to 2026-03-01T10:00:00.100000Z; policy: both",
        ),
    )


def test_a_way_of_which_some_logons_are_permitted_counts_only_the_others() -> None:
    (found,) = hunted(
        told("10:00:00.1 web1>db1 web k", "11:00:00.1 web1>db1 web password", policy=POLICY), PolicyViolation()
    )
    assert (found.severity, found.lines, found.why[1]) == (
        Severity.HIGH,
        lines(2),
        "1 logon from 2026-03-01T11:00:00.100000Z to 2026-03-01T11:00:00.100000Z; policy: violation",
    )


def test_each_way_is_one_finding() -> None:
    deeds = [f"10:00:0{n}.1 {src}>{dst} {who} k" for n, (src, dst, who) in enumerate(
        [("ws1", "db1", "eve"), ("ws1", "db2", "eve"), ("ws2", "db1", "eve"), ("ws1", "db1", "bob"), ("ws1", "db1", "eve")]
    )]  # fmt: skip
    found = hunted(told(*deeds, policy=POLICY), PolicyViolation())
    assert sorted(one.title for one in found) == [
        "bob against the policy: ws1 -> db1",
        "eve against the policy: ws1 -> db1",
        "eve against the policy: ws1 -> db2",
        "eve against the policy: ws2 -> db1",
    ]
