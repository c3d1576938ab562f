from __future__ import annotations

from datetime import timedelta

import pytest

from graphmap.detect.restricted import Restricted
from graphmap.model import Finding, Severity
from tests.detect.story import chain, hop, hunted, lines, told


def test_a_way_first_seen_with_the_chain_that_led_there() -> None:
    estate = told(
        "10:00:00.1 ws2>web1 bob k until 10:01:00.1",
        "10:00:02.1 web1>db1 bob k until 10:00:50.1",
    )
    assert hunted(estate, Restricted()) == [
        Finding(
            id="f-53d4c0c0dfb5",
            detector="restricted-segment",
            technique="T1021.004",
            severity=Severity.HIGH,
            score=2.0,
            title="bob into segment prod: ws2 -> web1 -> db1",
            why=(
                "first seen 2026-03-01T10:00:02.100000Z: web1 (dmz) -> db1 (prod) as bob",
                "taken 1 time on 1 day; before it, bob had 0 logons on db1 from anywhere, and everybody 0 logons",
                "policy: not covered",
                "ws2 -> web1 as bob (publickey SHA256:k): the chain starts here",
                "web1 -> db1 as bob (publickey SHA256:k): 2.0 s later, while the session before was open (same key, certainty 1)",
            ),
            hosts=("ws2", "web1", "db1"),
            users=("bob",),
            hops=chain(estate).hops,
            lines=lines(1, 3, 2, 4),
        )
    ]


@pytest.mark.parametrize(
    ("allowed_from", "severity", "policy", "points"),
    [
        (None, Severity.MEDIUM, "policy: not covered", 1),
        ("[dmz, prod]", Severity.LOW, "policy: permitted", 1),
        ("[servers]", Severity.HIGH, "policy: violation", 2),
        ("[]", Severity.HIGH, "policy: violation", 2),
    ],
)
def test_verdicts(allowed_from: str | None, severity: Severity, policy: str, points: float) -> None:
    estate = told("10:00:00.1 web1>db1 bob k", allowed_from=allowed_from)
    found = hunted(estate, Restricted())
    assert [(one.severity, one.why[2], one.score) for one in found] == [(severity, policy, points)]
    assert found[0].hops == (hop(estate, 1),)


DAILY = tuple(f"03-{day:02} 10:00:00.1 web1>db1 bob k" for day in range(1, 21))


def test_a_forbidden_way_stays_forbidden_however_often_it_is_taken() -> None:
    found = hunted(told(*DAILY, allowed_from="[servers]"), Restricted())
    assert [(one.title, one.why[1]) for one in found] == [
        ("bob into segment prod: web1 -> db1",
         "taken 20 times on 20 days; before it, bob had 0 logons on db1 from anywhere, and everybody 0 logons")
    ]  # fmt: skip
    assert found[0].lines == lines(*range(1, 21))


def test_a_way_as_old_as_the_logs_is_rare_until_it_was_taken_on_min_days() -> None:
    assert hunted(told(*DAILY[:2]), Restricted()) == []
    assert len(hunted(told(DAILY[0], DAILY[0].replace("10:", "12:")), Restricted())) == 1
    assert len(hunted(told(*DAILY[:2]), Restricted(min_days=3))) == 1
    assert hunted(told(*DAILY[:3]), Restricted(min_days=3)) == []


def test_a_way_first_seen_after_a_week_stays_a_finding_when_it_is_taken_again() -> None:
    """Evasion: come back every day, and be routine."""
    eve = [f"03-{day:02} 11:00:00.1 app1>db1 eve password" for day in range(10, 20)]
    assert [one.title for one in hunted(told(*DAILY, *eve), Restricted())] == ["eve into segment prod: app1 -> db1"]


def test_history_at_its_edge() -> None:
    eve = ("03-08 10:00:00.1 app1>db1 eve password", "03-09 10:00:00.1 app1>db1 eve password")
    assert len(hunted(told(*DAILY, *eve), Restricted())) == 1
    assert hunted(told(*DAILY, *eve), Restricted(history=timedelta(days=7, microseconds=1))) == []
    assert hunted(told(*DAILY, *eve), Restricted(history=timedelta(days=8))) == []


def test_each_way_is_one_finding() -> None:
    estate = told(
        "10:00:00.1 web1>db1 bob k",
        "10:00:01.1 web1>db1 bob password",  # the same way by another method
        "10:00:02.1 web1>db2 bob k",
        "10:00:03.1 app1>db1 bob k",
        "10:00:04.1 web1>db1 eve k",
    )
    found = hunted(estate, Restricted())
    assert sorted(one.title for one in found) == [
        "bob into segment prod: app1 -> db1",
        "bob into segment prod: web1 -> db1",
        "bob into segment prod: web1 -> db2",
        "eve into segment prod: web1 -> db1",
    ]
    assert len({one.id for one in found}) == 4


def test_aliases_are_one_way() -> None:
    estate = told("10:00:00.1 web1>db1 ann k", "03-02 10:00:00.1 web1>db1 adm-ann k")
    assert hunted(estate, Restricted()) == []


def test_inside_the_segment_only_what_the_policy_forbids() -> None:
    inside = "10:00:00.1 db1>db2 bob k"
    assert hunted(told(inside), Restricted()) == []
    assert hunted(told(inside, allowed_from="[dmz, prod]"), Restricted()) == []
    assert [one.severity for one in hunted(told(inside, allowed_from="[dmz]"), Restricted())] == [Severity.HIGH]


@pytest.mark.parametrize(
    "deed",
    [
        "10:00:00.1 ws2>app1 bob k",  # not restricted
        "10:00:00.1 db1>ws2 bob k",  # out of the segment
        "10:00:00.1 127.0.0.1>db1 bob k",  # the host itself
        "10:00:00.1 ws2>db1 bob !k",  # refused
    ],
)
@pytest.mark.parametrize("allowed_from", [None, "[]"])
def test_silence(deed: str, allowed_from: str | None) -> None:
    assert hunted(told(deed, allowed_from=allowed_from), Restricted()) == []


def test_a_source_in_no_segment() -> None:
    found = hunted(told("10:00:00.1 198.51.100.1>db1 bob k", allowed_from="[dmz]"), Restricted())
    assert [one.why[0] for one in found] == [
        "first seen 2026-03-01T10:00:00.100000Z: 198.51.100.1 (no known segment) -> db1 (prod) as bob"
    ]
    assert found[0].why[2] == "policy: violation"


def test_without_an_inventory_nothing_is_restricted() -> None:
    assert hunted(told("10:00:00.1 198.51.100.1>db1 bob k", inventory=False), Restricted()) == []


def test_lines_are_bounded() -> None:
    many = [f"10:{n // 60:02}:{n % 60:02}.1 web1>db1 bob k" for n in range(80)]
    assert len(hunted(told(*many), Restricted())[0].lines) == 50


def test_a_way_of_which_the_policy_permits_some_logons_only() -> None:
    policy = """\
        zones: [{name: dmz, segments: [dmz]}, {name: prod, segments: [prod]}]
        rules: [{name: by key, from: [dmz], to: [prod], methods: [publickey]}]
        """
    by_key, typed = "10:00:00.1 web1>db1 bob k", "11:00:00.1 web1>db1 bob password"
    for deeds, severity, said in (
        ([by_key], Severity.LOW, "policy: permitted"),
        ([typed], Severity.HIGH, "policy: violation"),
        ([by_key, typed], Severity.HIGH, "policy: both"),
    ):
        (found,) = hunted(told(*deeds, policy=policy), Restricted())
        assert (found.severity, found.why[2]) == (severity, said)
