from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphmap.detect.distant_sessions import DistantSessions
from graphmap.model import Finding, Severity
from tests.detect.scenes import KEY_AT_HOME, SCENES
from tests.detect.story import INVENTORY, hop, hunted, lines, told

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = "03-09 10:00:00.1 ws1>app1 bob k until 11:00:00.1"
THERE = "03-09 10:30:00.1 9.9.9.9>web1 bob password"


def test_in_the_office_and_on_the_internet() -> None:
    deeds, options = SCENES["distant-sessions"]
    estate = told(*deeds, **options)
    assert hunted(estate, DistantSessions()) == [
        Finding(
            id="f-df3464110b7e",
            detector="distant-sessions",
            technique="T1078",
            severity=Severity.HIGH,
            score=3.0,
            title="bob at once on app1 from office and on web1 from 9.9.0.0/16",
            why=(
                "9.9.9.9 (9.9.0.0/16) came while the session from ws1 (office) was open",
                "in 9 earlier logons bob never came from both at once",
                "ws1 -> app1 as bob (publickey SHA256:k): the chain starts here",
                "9.9.9.9 -> web1 as bob (password): the chain starts here",
            ),
            hosts=("ws1", "app1", "9.9.9.9", "web1"),
            users=("bob",),
            hops=(hop(estate, 9), hop(estate, 10)),
            lines=lines(9, 11, 10),
        )
    ]


def severities(*deeds: str) -> list[Severity]:
    return [one.severity for one in hunted(told(*KEY_AT_HOME, *deeds), DistantSessions())]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ((HERE, THERE.replace("10:30", "11:30")), []),  # one after the other
        ((HERE, THERE.replace("9.9.9.9", "ws2")), []),  # the same segment
        ((HERE, THERE.replace("9.9.9.9", "172.16.0.9")), []),  # nobody knows where that is
        ((HERE, THERE.replace("9.9.9.9", "db2")), [Severity.MEDIUM]),  # another segment
        ((HERE, THERE.replace("9.9.9.9", "app1")), []),  # goes on from where the first arrived
        ((HERE, THERE.replace("bob", "eve")), []),
        ((HERE, THERE.replace("password", "!password")), []),
        (
            (HERE, THERE, THERE.replace("10:30", "10:40").replace("9.9.9.9", "9.9.8.8")),
            [Severity.HIGH],
        ),  # the same pair
    ],
)
def test_what_is_far_apart(deeds: Sequence[str], expected: list[Severity]) -> None:
    assert severities(*deeds) == expected


def test_pairs_of_the_first_days_are_learned() -> None:
    early = [deed.replace("03-09", "03-02") for deed in (HERE, THERE)]
    assert severities(*early, HERE, THERE) == []


def test_services_run_everywhere() -> None:
    inventory = (INVENTORY % "").replace("aliases: [adm-ann]}", "aliases: [adm-ann]}, {name: bob, service: true}")
    assert hunted(told(*KEY_AT_HOME, HERE, THERE, inventory=inventory), DistantSessions()) == []


def test_who_waits_until_the_person_goes_home_is_out_of_sight() -> None:
    """Evasion: to come at night."""
    assert severities(HERE, THERE.replace("10:30", "23:30")) == []
