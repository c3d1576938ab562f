from __future__ import annotations

import pytest

from graphmap.detect.root_logon import RootLogon
from graphmap.model import Finding, Severity
from tests.detect.scenes import DAYS, SCENES
from tests.detect.story import hop, hunted, lines, told


def test_root_by_password() -> None:
    deeds, options = SCENES["root-logon"]
    estate = told(*deeds, **options)
    assert hunted(estate, RootLogon()) == [
        Finding(
            id="f-fc8e743aa463",
            detector="root-logon",
            technique="T1078.003",
            severity=Severity.HIGH,
            score=2.0,
            title="root over the network: ws2 -> db1",
            why=(
                "first seen 2026-03-01T10:00:00.100000Z",
                "taken 1 time on 1 day; before it, root had 0 logons on db1 from anywhere, and everybody 0 logons",
                "a password was given",
                "ws2 -> db1 as root (password): the chain starts here",
            ),
            hosts=("ws2", "db1"),
            users=("root",),
            hops=(hop(estate, 1),),
            lines=lines(1),
        )
    ]


DAILY = [f"{day} 09:00:00.1 ws1>db1 root k" for day in DAYS]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        (DAILY, []),
        ([*DAILY, "03-12 10:00:00.1 ws2>db1 root k"], [(Severity.MEDIUM, "root over the network: ws2 -> db1")]),
        ([*DAILY, "03-12 10:00:00.1 9.9.9.9>db1 root k"], [(Severity.HIGH, "root over the network: 9.9.9.9 -> db1")]),
        ([*DAILY, "03-12 10:00:00.1 ws1>db1 root password"], [(Severity.HIGH, "root over the network: ws1 -> db1")]),
        (["10:00:00.1 ws1>db1 bob k"], []),
        (["10:00:00.1 ws1>db1 root !password"], []),
        (["10:00:00.1 127.0.0.1>db1 root password"], []),
    ],
)
def test_which_ways_of_root(deeds: list[str], expected: list[tuple[Severity, str]]) -> None:
    assert [(one.severity, one.title) for one in hunted(told(*deeds), RootLogon())] == expected


def test_another_account_with_the_rights_of_root_is_out_of_sight() -> None:
    """Evasion: sudo, or a second account of uid 0: sshd logs the name alone."""
    assert hunted(told("10:00:00.1 ws2>db1 toor password"), RootLogon()) == []
