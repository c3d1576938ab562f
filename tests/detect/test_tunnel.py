from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from graphmap.detect.tunnel import Tunnel
from graphmap.model import Finding, Line, Severity
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.signals import Story, connected, deeds, moment, opened, said, sensed, started
from tests.detect.story import hop, hunted, lines

VERBOSE = opened("10:00:00.2", "ws2>web1", "bob", 50000)
DENIED = "Received request from 10.0.1.2 port 50000 to connect to host 10.0.3.1 port 22, but the request was denied."


def test_arguments_of_a_client() -> None:
    estate = EXAMPLES["tunnel"].estate()
    assert hunted(estate, Tunnel()) == [
        Finding(
            id="f-7c3b848a22c0",
            detector="tunnel",
            technique="T1572",
            severity=Severity.HIGH,
            score=4.0,
            title="tunnel on web1: bob opens a SOCKS proxy 1080 by way of db1",
            why=(
                "first at 2026-03-01T10:05:00Z, 1 time",
                "bob had come to web1 from ws2 at 2026-03-01T10:00:00.100000Z",
                "in or towards a restricted segment",
            ),
            hosts=("ws2", "web1", "db1"),
            users=("bob",),
            hops=(hop(estate, 1),),
            lines=(*lines(1, 2), Line("audit.log", 2)),
        )
    ]


def test_a_refused_forwarding_belongs_to_its_connection() -> None:
    other = "10:00:00.5 ws1>web1 ann k until 10:30:00.1"
    story = Story([*deeds(CAME, other), VERBOSE, said("10:10:00", "web1", DENIED)])
    (found,) = hunted(story.estate(), Tunnel(idle=timedelta(days=1)))
    assert (found.title, found.users, found.severity, found.lines[-1].line) == (
        "tunnel on web1: sshd refused a forwarding: connect to host 10.0.3.1 port 22",
        ("bob",),
        Severity.MEDIUM,
        6,
    )


@pytest.mark.parametrize(("others", "users"), [((), ("bob",)), (("10:00:00.5 ws1>web1 ann k until 10:30:00.1",), ())])
def test_a_forwarding_that_failed_names_who_was_alone(others: tuple[str, ...], users: tuple[str, ...]) -> None:
    failed = said("10:11:00", "web1", "error: connect_to 10.0.4.1 port 5432: failed.")
    again = said("10:12:00", "web1", "error: connect_to 10.0.4.1 port 5432: failed.")
    (found,) = hunted(Story([*deeds(CAME, *others), failed, again]).estate(), Tunnel())
    assert (found.users, found.why[0], found.hosts[-1]) == (
        users,
        "first at 2026-03-01T10:11:00Z, 2 times",
        "web1",
    )
    assert found.first == (moment("10:00:00.1") if users else moment("10:11:00"))


def test_what_sshd_connects_to() -> None:
    audit = [
        connected("10:12:00", "web1", "bob", "10.0.4.1", 5432),
        *(connected(f"10:13:0{n}", "web1", "bob", "10.0.4.2", port) for n, port in enumerate([22, 53, 389])),
        connected("10:14:00", "web1", "bob", "127.0.0.1", 6010),
        connected("10:15:00", "web1", "bob", "10.0.4.2", 22, "ssh"),
    ]
    (found,) = hunted(Story(deeds(CAME), audit).estate(), Tunnel())
    assert (found.title, found.severity, found.hosts) == (
        "tunnel on web1: sshd connects to db1 port 5432 for bob",
        Severity.HIGH,
        ("ws2", "web1", "db1"),
    )


def test_a_logon_that_starts_nothing() -> None:
    idle = "10:00:05.1 ws1>web1 ann k until 10:10:05.1"
    (found,) = hunted(Story([*deeds(CAME, idle), VERBOSE]).estate(), Tunnel())
    assert (found.title, found.severity) == (
        "tunnel on web1: ann from ws1 is logged on for 10 min, and nothing was started",
        Severity.LOW,
    )


@pytest.mark.parametrize(
    ("told", "extra"),
    [
        pytest.param(["10:00:05.1 ws1>web1 ann k until 10:10:05.0"], [VERBOSE], id="too short"),
        pytest.param(["10:00:05.1 ws1>web1 ann k until 10:50:05.1"], [], id="LogLevel INFO says nothing"),
        pytest.param(["10:00:05.1 ws1>web1 ann k"], [VERBOSE], id="no end is known"),
        pytest.param(
            ["10:00:05.1 ws1>web1 ann k until 10:50:05.1", "10:00:09.1 web1>app1 ann k"],
            [VERBOSE, opened("10:00:09.2", "web1>app1", "ann", 50002)],
            id="a jump",
        ),
    ],
)
def test_logons_that_may_start_nothing(told: list[str], extra: list[str]) -> None:
    assert hunted(Story([*deeds(CAME, *told), *extra]).estate(), Tunnel()) == []


@pytest.mark.parametrize(
    ("sent", "back", "hours", "found"),
    [(10_000_000, 10_000_000, 1, 1), (9_999_999, 10_000_000, 1, 0), (10_000_000, 9_999_999, 1, 0), (10**9, 10**9, 0.9, 0)],
)  # fmt: skip
def test_long_flows_with_much_each_way(sent: int, back: int, hours: float, found: int) -> None:
    flow = sensed(
        "10:00:00", "ws2>web1", 50000, "conn", proto="tcp", service="ssh", conn_state="SF", duration=hours * 3600,
        orig_bytes=sent, resp_bytes=back,
    )  # fmt: skip
    story = Story([said("10:00:00.1", "web1", "Accepted password for bob from 10.0.1.2 port 50000 ssh2")], zeek=[flow])
    assert [one.title for one in hunted(story.estate(), Tunnel())] == found * [
        "tunnel on web1: 10 MB from ws2 and 10 MB back on one connection"
    ]


def test_ordinary_clients_are_silent() -> None:
    commands = ["ssh db1", "ssh -J web1 db1", "scp -D /x a db1:", "ssh db1 grep -L forward /etc/passwd"]
    audit = [started(f"10:0{n}:00", "web1", "bob", command) for n, command in enumerate(commands)]
    assert hunted(Story(deeds(CAME), audit).estate(), Tunnel()) == []


def test_the_hour_of_a_tunnel_does_not_matter_for_its_id() -> None:
    """Evasion: the same tunnel every day is one finding, and late data do not make another."""
    story = EXAMPLES["tunnel"]
    earlier = Story(story.sshd, [started("09:05:00", "web1", "bob", "ssh -fND 1080 bob@db1"), *story.audit])
    assert [one.id for one in earlier.estate().hunt([Tunnel()])] == ["f-7c3b848a22c0"]
    assert isinstance(earlier.estate().events, pl.DataFrame)
