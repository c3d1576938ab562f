from __future__ import annotations

from datetime import timedelta

import pytest

from graphmap.detect.tampering import Tampering
from graphmap.model import Finding, Line, Severity
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.signals import Story, audit_line, deeds, moment, wrote
from tests.detect.story import hop, hunted, lines

ENDED = audit_line("10:07:00", "web1", "DAEMON_END op=terminate auid=0 pid=1 res=success")
LATER = "11:00:00.1 ws1>web1 ann k"


def test_somebody_cuts_a_log_and_the_rules() -> None:
    estate = EXAMPLES["tampering"].estate()
    assert hunted(estate, Tampering()) == [
        Finding(
            id="f-24d480252825",
            detector="tampering",
            technique="T1070",
            severity=Severity.HIGH,
            score=4.0,
            title="web1: changed a log of logins, less is written to the audit log, by bob",
            why=(
                "2026-03-01T10:05:00Z: changed a log of logins: truncate /var/log/auth.log with bash",
                '2026-03-01T10:06:00Z: less is written to the audit log: op="remove_rule" key="exec" list=4',
                "bob had come from ws2 at 2026-03-01T10:00:00.100000Z",
            ),
            hosts=("ws2", "web1"),
            users=("bob",),
            hops=(hop(estate, 1),),
            lines=(*lines(1, 2), Line("audit.log", 2), Line("audit.log", 3)),
        )
    ]


def test_without_a_logon_it_is_about_the_host_alone() -> None:
    estate = Story(audit=[wrote("10:05:00", "web1", "eve", "/var/log/wtmp", "python3")]).estate()
    (found,) = hunted(estate, Tampering())
    assert (found.hops, found.hosts, found.users, found.severity) == ((), ("web1",), ("eve",), Severity.MEDIUM)
    assert (found.first, found.last) == (moment("10:05:00"), moment("10:05:00"))


def test_an_audit_daemon_that_does_not_come_back() -> None:
    story = Story(deeds(CAME, LATER), [ENDED])
    (found,) = hunted(story.estate(), Tampering())
    assert found.title == "web1: the audit daemon ended and did not come back, though the host went on, by root"
    again = audit_line("10:22:00", "web1", "DAEMON_START op=start ver=3 auid=0 pid=2 res=success")
    assert hunted(Story(story.sshd, [ENDED, again]).estate(), Tampering()) == []
    assert len(hunted(Story(story.sshd, [ENDED, again]).estate(), Tampering(restart=timedelta(minutes=14)))) == 1


@pytest.mark.parametrize(
    ("told", "audit"),
    [
        pytest.param([CAME], [wrote("10:05:00", "web1", None, "/var/log/auth.log", "logrotate", "rename")], id="logrotate"),
        pytest.param([CAME], [wrote("10:05:00", "web1", "bob", "/var/log/wtmp", "sshd")], id="sshd"),
        pytest.param([CAME], [wrote("10:05:00", "web1", "bob", "/tmp/x", "bash")], id="another file"),
        pytest.param([CAME.replace("10:30", "10:20")], [ENDED], id="the host was switched off"),
        pytest.param([CAME], [audit_line("10:06:00", "web1", 'CONFIG_CHANGE auid=4294967295 ses=4294967295 op="remove_rule" list=4 res=1')],
                     id="rules loaded at boot"),
        pytest.param([CAME], [audit_line("10:06:00", "web1", 'CONFIG_CHANGE auid=1000 ses=5 op="add_rule" list=4 res=1 AUID="bob"')],
                     id="more is written"),
    ],
)  # fmt: skip
def test_silence(told: list[str], audit: list[str]) -> None:
    assert hunted(Story(deeds(*told), audit).estate(), Tampering()) == []


def test_days_and_accounts_part_findings() -> None:
    audit = [
        wrote(f"{day} 1{n}:05:00", "web1", user, "/var/log/auth.log", "vi")
        for n, (day, user) in enumerate([("03-01", "bob"), ("03-01", "bob"), ("03-01", "eve"), ("03-02", "bob")])
    ]
    found = hunted(Story(audit=audit).estate(), Tampering())
    assert sorted((one.users, len(one.why)) for one in found) == [(("bob",), 1), (("bob",), 2), (("eve",), 1)]
