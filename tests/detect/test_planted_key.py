from __future__ import annotations

from datetime import timedelta

import pytest

from graphmap.detect.planted_key import PlantedKey
from graphmap.model import Finding, Line, Severity
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.signals import Story, deeds, moment, wrote
from tests.detect.story import hop, hunted, lines

USED = "12:00:00.1 198.51.100.9>web1 root evil"
WROTE = wrote("10:05:00", "web1", "bob", "/root/.ssh/authorized_keys", "tee")


def test_a_key_for_another_account() -> None:
    estate = EXAMPLES["planted-key"].estate()
    assert hunted(estate, PlantedKey()) == [
        Finding(
            id="f-d9215357896d",
            detector="planted-key",
            technique="T1098.004",
            severity=Severity.HIGH,
            score=4.0,
            title="new key for root on web1 after a write to its authorized keys: from 198.51.100.9",
            why=(
                "2026-03-01T10:05:00Z: bob, who had come from ws2, changed /root/.ssh/authorized_keys on web1 with tee",
                "SHA256:evil was never seen before",
                "198.51.100.9 -> web1 as root (publickey SHA256:evil): the chain starts here",
            ),
            hosts=("ws2", "web1", "198.51.100.9"),
            users=("bob", "root"),
            hops=(hop(estate, 1), hop(estate, 2)),
            lines=(*lines(1, 3, 2), Line("audit.log", 2)),
            first=moment("10:00:00.1"),
            last=moment("12:00:00.1"),
        )
    ]


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        pytest.param([CAME, "09:00:00.1 ws1>app1 ann evil", USED], Severity.MEDIUM, id="another account had it"),
        pytest.param([CAME.replace("bob", "root").replace(" k ", " password "), USED.replace("198.51.100.9", "ws2")],
                     Severity.HIGH, id="same source, written by another account"),
    ],
)  # fmt: skip
def test_severity(told: list[str], severity: Severity) -> None:
    assert [one.severity for one in hunted(Story(deeds(*told), [WROTE]).estate(), PlantedKey())] == [severity]


def test_who_lets_himself_in_is_less_severe() -> None:
    story = Story(
        deeds("10:00:00.1 ws2>web1 bob password until 10:30:00.1", "12:00:00.1 ws2>web1 bob new"),
        [wrote("10:05:00", "web1", "bob", "/home/bob/.ssh/authorized_keys", "sh")],
    )
    (found,) = hunted(story.estate(), PlantedKey())
    assert (found.severity, found.why[-1]) == (
        Severity.MEDIUM,
        "the account let itself in from the same source, as ssh-copy-id does",
    )


@pytest.mark.parametrize(
    ("told", "audit"),
    [
        pytest.param([CAME, USED], [], id="nobody wrote"),
        pytest.param([CAME, USED, "09:00:00.1 ws1>app1 root evil"], [WROTE], id="the account had it elsewhere"),
        pytest.param([CAME, USED], [WROTE.replace("node=web1", "node=app1")], id="on another host"),
        pytest.param([CAME, USED], [WROTE.replace("/root/", "/home/ann/")], id="keys of another account"),
        pytest.param([CAME, USED.replace("12:", "09:")], [WROTE], id="before the write"),
        pytest.param([CAME, f"03-08 {USED}"], [WROTE], id="long after"),
        pytest.param([CAME, USED], [WROTE.replace("success=yes", "success=no")], id="the write was refused"),
        pytest.param([CAME, "12:00:00.1 198.51.100.9>web1 root password"], [WROTE], id="a password"),
    ],
)
def test_silence(told: list[str], audit: list[str]) -> None:
    assert hunted(Story(deeds(*told), audit).estate(), PlantedKey()) == []


@pytest.mark.parametrize("path", ["/etc/ssh/authorized_keys/root", "/srv/git/.ssh/authorized_keys"])
def test_paths_outside_home_folders(path: str) -> None:
    story = Story(deeds(CAME, USED), [WROTE.replace("/root/.ssh/authorized_keys", path)])
    assert len(hunted(story.estate(), PlantedKey())) == 1


def test_the_window_is_a_threshold() -> None:
    story = Story(deeds(CAME, USED), [WROTE])
    assert hunted(story.estate(), PlantedKey(window=timedelta(hours=1))) == []
