from __future__ import annotations

import pytest

from graphmap.detect.credential_switch import CredentialSwitch
from graphmap.model import Finding, Severity
from tests.detect.story import chain, hunted, lines, told

SWITCHED = (
    "10:00:00.1 ws2>web1 bob k until 10:01:00.1",
    "10:00:02.1 web1>app1 eve password until 10:00:50.1",
)


def test_another_account_on_the_way() -> None:
    estate = told(*SWITCHED)
    assert hunted(estate, CredentialSwitch()) == [
        Finding(
            id="f-c186528fae44",
            detector="credential-switch",
            technique="T1078",
            severity=Severity.MEDIUM,
            score=4.0,  # of the chain: two new hops and a switch; and the switch
            title="credentials change along ws2 -> web1 -> app1: bob -> eve",
            why=(
                "web1 -> app1 uses eve, but bob is who came; never seen before",
                "ws2 -> web1 as bob (publickey SHA256:k): the chain starts here",
                "web1 -> app1 as eve (password): 2.0 s later, while the session before was open (open session, certainty 1)",
            ),
            hosts=("ws2", "web1", "app1"),
            users=("bob", "eve"),
            hops=chain(estate).hops,
            lines=lines(1, 3, 2, 4),
        )
    ]


def test_two_switches_are_worse() -> None:
    estate = told(*SWITCHED, "10:00:04.1 app1>db1 root password until 10:00:40.1")
    assert [(one.severity, one.title) for one in hunted(estate, CredentialSwitch())] == [
        (Severity.HIGH, "credentials change along ws2 -> web1 -> app1 -> db1: bob -> eve -> root")
    ]


@pytest.mark.parametrize(
    "deeds",
    [
        pytest.param((SWITCHED[0], "10:00:02.1 web1>app1 bob password until 10:00:50.1"), id="the same account"),
        pytest.param(
            ("10:00:00.1 ws2>web1 ann k until 10:01:00.1", "10:00:02.1 web1>app1 adm-ann k until 10:00:50.1"), id="an alias"
        ),
        pytest.param(
            ("10:00:00.1 ws1>web1 root k until 10:01:00.1", "10:00:02.1 web1>app1 ann k until 10:00:50.1"),
            id="back to the owner of the host where it began",
        ),
        pytest.param(
            ("09:00:00.1 web1>app1 eve password until 09:00:09.1", *SWITCHED), id="a way that was taken before"
        ),
        pytest.param((SWITCHED[0], "10:01:02.1 web1>app1 eve password"), id="after the session"),
        pytest.param(
            ("10:00:00 ws2>web1 bob k until 10:01:00", "10:00:00 web1>app1 eve password until 10:00:50"),
            id="two strangers in one second",
        ),
        pytest.param(
            ("10:00:00 ws2>web1 bob k until 10:01:00", "10:00:00 web1>ws2 eve password until 10:00:50",
             "10:00:01 ws2>app1 eve password until 10:00:50"),
            id="a switch in one second, though the chain goes on",
        ),
    ],
)  # fmt: skip
def test_silence(deeds: tuple[str, ...]) -> None:
    assert hunted(told(*deeds), CredentialSwitch()) == []


def test_the_same_key_makes_a_switch_within_a_second_more_than_coincidence() -> None:
    """Evasion: a script that walks on at once; what gives it away is the key it brings along."""
    estate = told("10:00:00 ws2>web1 bob k until 10:01:00", "10:00:00 web1>app1 root k until 10:00:50")
    assert [one.title for one in hunted(estate, CredentialSwitch())] == [
        "credentials change along ws2 -> web1 -> app1: bob -> root"
    ]


def test_the_owner_of_the_first_host_is_who_came() -> None:
    estate = told("10:00:00.1 ws1>web1 ann k until 10:01:00.1", "10:00:02.1 web1>app1 eve password until 10:00:50.1")
    assert (
        hunted(estate, CredentialSwitch())[0].why[0] == "web1 -> app1 uses eve, but ann is who came; never seen before"
    )


def test_min_certainty_at_its_edge() -> None:
    other = "10:00:00.2 198.51.100.1>web1 joe k until 10:01:00.1"
    estate = told(*SWITCHED, other)
    assert len(hunted(estate, CredentialSwitch(min_certainty=0.5))) == 2
    assert hunted(estate, CredentialSwitch(min_certainty=0.51)) == []


def test_without_an_inventory_an_alias_is_another_account() -> None:
    deeds = ("10:00:00.1 198.51.100.1>web1 ann k until 10:01:00.1", "10:00:02.1 web1>web1 adm-ann k until 10:00:50.1")
    local = [deed.replace("web1>web1", "127.0.0.1>web1") for deed in deeds]
    assert hunted(told(*local), CredentialSwitch()) == []
    assert [one.title for one in hunted(told(*local, inventory=False), CredentialSwitch())] == [
        "credentials change along 198.51.100.1 -> web1 -> web1: ann -> adm-ann"
    ]
