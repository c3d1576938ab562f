from __future__ import annotations

from datetime import timedelta

import pytest

from graphmap.detect.silence import Silence
from graphmap.model import Finding, Line, Severity, Witness
from tests.detect.signal_examples import EXAMPLES
from tests.detect.signals import Story, deeds, logins, moment, said, sensed
from tests.detect.story import hunted

AROUND = ("09:00:00.1 ws1>web1 ann k", "11:00:00.1 ws1>web1 ann k")


def test_a_sensor_saw_what_the_host_does_not_report() -> None:
    (found,) = hunted(EXAMPLES["silence"].estate(), Silence())
    (hop,) = found.hops
    assert (hop.src, hop.dst, hop.witnesses, hop.missing) == ("ws2", "web1", (Witness.NETWORK,), (Witness.SERVER,))
    assert found == Finding(
        id="f-fbce8f2a399c",
        detector="silence",
        technique="T1562",
        severity=Severity.HIGH,
        score=3.0,
        title="web1 does not report 1 logon that a sensor saw",
        why=(
            (
                "ws2 -> web1 as an account that no log names (method not logged): the chain starts here; seen by network; no"
                " line on web1, though its log covers that time"
            ),
            "web1 has lines of SSH before and after: they were lost, removed or never written",
            "benign where the sensor took a refused logon for an accepted one: it infers this from sizes",
        ),
        hosts=("ws2", "web1"),
        users=("",),
        hops=(hop,),
        lines=(Line("zeek.log", 1),),
    )


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([AROUND[0]], id="nothing after"),
        pytest.param([AROUND[1]], id="nothing before"),
        pytest.param([*AROUND, "10:00:00.1 ws2>web1 bob k"], id="reported by port"),
    ],
)
def test_no_claim_where_the_log_does_not_cover_it(told: list[str]) -> None:
    port = 50000 + len(told) - 1
    story = Story(deeds(*told), zeek=[sensed("10:00:00.1", "ws2>web1", port, auth_success=True, auth_attempts=1)])
    assert hunted(story.estate(), Silence()) == []


def test_a_login_record_without_a_line_of_sshd() -> None:
    story = Story(deeds(*AROUND), others=[logins("web1", ("10:00:00", "bob", "10.0.1.2"))])
    assert hunted(story.estate(), Silence()) == [
        Finding(
            id="f-b6cef74afd63",
            detector="silence",
            technique="T1562",
            severity=Severity.HIGH,
            score=3.0,
            title="web1: 1 login record by SSH without a line of sshd",
            why=(
                "2026-03-01T10:00:00.500000Z: bob from ws2",
                "the log of sshd on web1 has lines before and after: these were lost or removed",
            ),
            hosts=("web1", "ws2"),
            users=("bob",),
            hops=(),
            lines=(Line("web1-wtmp", 1),),
            first=moment("10:00:00.5"),
            last=moment("10:00:00.5"),
        )
    ]


@pytest.mark.parametrize(
    ("told", "stamp"),
    [
        pytest.param([*AROUND, "09:59:58.1 ws2>web1 bob k"], "10:00:00", id="reported"),
        pytest.param(list(AROUND[:1]), "10:00:00", id="the log ends before"),
        pytest.param(list(AROUND), "03-04 10:00:00", id="the log has nothing near"),
    ],
)
def test_login_records_that_prove_nothing(told: list[str], stamp: str) -> None:
    story = Story(deeds(*told), others=[logins("web1", (stamp, "bob", "10.0.1.2"))])
    assert hunted(story.estate(), Silence()) == []


def hourly(host: str, *hours: int) -> list[str]:
    """A line of a host in these hours of March."""
    return [
        said(
            f"03-{1 + hour // 24:02} {hour % 24:02}:10:00.1", host, "Connection closed by 10.0.9.9 port 40000 [preauth]"
        )
        for hour in hours
    ]


WEEK = range(0, 24 * 6, 6)
AFTER = range(24 * 9, 24 * 11, 6)


def test_a_host_that_stops_to_log_and_comes_back() -> None:
    story = Story([*hourly("web1", *WEEK, *AFTER), *hourly("app1", *range(0, 24 * 11, 6))])
    (found,) = hunted(story.estate(), Silence())
    assert (found.title, found.severity, found.hosts, found.first, found.last) == (
        "web1 is silent for 3.2 days, then logs again",
        Severity.MEDIUM,
        ("web1",),
        moment("03-06 18:00:00"),
        moment("03-10 00:00:00"),
    )
    assert found.lines == (Line("auth.log", 24),)


def test_a_host_that_does_not_come_back_may_only_be_late() -> None:
    story = Story([*hourly("web1", *WEEK), *hourly("app1", *range(0, 24 * 11, 6))])
    assert [(one.title, one.severity) for one in hunted(story.estate(), Silence())] == [
        ("web1 is silent for 5.0 days and has not come back", Severity.LOW)
    ]


@pytest.mark.parametrize(
    "logs",
    [
        pytest.param([hourly("web1", *WEEK, *AFTER), hourly("app1", *WEEK, *AFTER)], id="all are silent"),
        pytest.param([hourly("web1", *range(0, 96, 6), *AFTER), hourly("app1", *range(0, 264, 6))], id="too young"),
        pytest.param(
            [hourly("web1", *range(0, 144, 18), *AFTER), hourly("app1", *range(0, 264, 6))], id="seldom speaks"
        ),
        pytest.param(
            [hourly("web1", *WEEK, *range(180, 264, 6)), hourly("app1", *range(0, 264, 6))], id="a short pause"
        ),
    ],
)
def test_pauses_that_mean_nothing(logs: list[list[str]]) -> None:
    assert hunted(Story([line for log in logs for line in log]).estate(), Silence()) == []


def test_quiet_is_a_threshold() -> None:
    story = Story([*hourly("web1", *WEEK, *AFTER), *hourly("app1", *range(0, 24 * 11, 6))])
    assert hunted(story.estate(), Silence(quiet=timedelta(days=4))) == []
