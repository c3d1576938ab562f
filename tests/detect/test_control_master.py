from __future__ import annotations

from datetime import timedelta

import pytest

from graphmap.detect.control_master import ControlMaster
from graphmap.model import Finding, Severity
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.signals import Story, deeds, opened, started
from tests.detect.story import hop, hunted, lines


def test_a_late_session_on_a_connection() -> None:
    estate = EXAMPLES["control-master"].estate()
    assert hunted(estate, ControlMaster()) == [
        Finding(
            id="f-db1fab95394d",
            detector="control-master",
            technique="T1563.001",
            severity=Severity.LOW,
            score=1.0,
            title="1 late session on a connection from ws2 to web1 as bob",
            why=(
                (
                    "2026-03-01T11:29:00Z: command started, 89 min after the one before it on that connection, and nobody"
                    " logged on"
                ),
                "ws2 -> web1 as bob (publickey SHA256:k): the chain starts here",
                "benign where bob keeps connections open on ws2 (ControlPersist); else see who was there",
            ),
            hosts=("ws2", "web1"),
            users=("bob",),
            hops=(hop(estate, 1),),
            lines=lines(1, 2, 4),
        )
    ]


def test_apart_at_its_edge() -> None:
    story = EXAMPLES["control-master"]
    exact = timedelta(hours=1, minutes=28, seconds=59, milliseconds=800)
    assert len(hunted(story.estate(), ControlMaster(apart=exact))) == 1
    assert hunted(story.estate(), ControlMaster(apart=exact + timedelta(milliseconds=1))) == []


def test_a_port_that_came_back_is_another_connection() -> None:
    told = [
        *deeds("10:00:00.1 ws2>web1 bob k until 10:01:00.1"),
        opened("10:00:00.2", "ws2>web1", "bob", 50000),
        *(line.replace("T10:", "T12:") for line in deeds("10:00:00.1 ws2>web1 bob k until 10:01:00.1")),
        opened("12:00:00.2", "ws2>web1", "bob", 50000),
    ]
    assert hunted(Story(told).estate(), ControlMaster()) == []


@pytest.mark.parametrize(
    ("command", "titles"),
    [
        ("ssh -S /home/ann/.ssh/cm db1", ["bob uses a control socket of ann on web1"]),
        ("ssh -o ControlPath=/root/cm db1", ["bob uses a control socket of root on web1"]),
        ("ssh -S /home/bob/.ssh/cm db1", []),
        ("ssh -S /tmp/cm db1", []),
        ("ssh -S none db1", []),
    ],
)
def test_sockets_of_others(command: str, titles: list[str]) -> None:
    story = Story(deeds(CAME), [started("10:06:00", "web1", "bob", command)])
    found = hunted(story.estate(), ControlMaster())
    assert [one.title for one in found] == titles
    assert all((one.severity, one.hosts) == (Severity.HIGH, ("ws2", "web1")) for one in found)
