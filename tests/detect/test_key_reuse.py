from __future__ import annotations

import pytest

from graphmap.detect.key_reuse import KeyReuse
from graphmap.model import Finding, Severity
from tests.detect.signal_examples import EXAMPLES
from tests.detect.story import hop, hunted, lines, told


def test_one_key_for_three_accounts() -> None:
    estate = EXAMPLES["key-reuse"].estate()
    assert hunted(estate, KeyReuse()) == [
        Finding(
            id="f-d49ccee62cad",
            detector="key-reuse",
            technique="T1552.004",
            severity=Severity.MEDIUM,
            score=2.584963,  # log2(3 accounts) + log2(2 hosts)
            title="key SHA256:k from ws1, ws2 opens 3 accounts",
            why=(
                "accounts: ann, bob, eve",
                "hosts that use it by themselves: ws1, ws2",
                "3 logons; shown is the first of each account from each host",
            ),
            hosts=("ws1", "web1", "ws2", "app1"),
            users=("ann", "bob", "eve"),
            hops=(hop(estate, 1), hop(estate, 2), hop(estate, 3)),
            lines=lines(1, 2, 3),
        )
    ]


def test_accounts_and_hosts_make_it_severe() -> None:
    deeds = [
        f"1{n}:00:00.1 {src}>app1 {user} k"
        for n, (src, user) in enumerate([("ws1", "ann"), ("ws2", "bob"), ("web1", "eve")])
    ]
    (found,) = hunted(told(*deeds), KeyReuse())
    assert (found.severity, found.title) == (Severity.HIGH, "key SHA256:k from ws1, ws2, web1 opens 3 accounts")


@pytest.mark.parametrize(
    "deeds",
    [
        pytest.param(["10:00:00.1 ws1>web1 ann k", "11:00:00.1 ws1>web1 adm-ann k", "12:00:00.1 ws1>web1 bob k"], id="aliases"),
        pytest.param([f"1{n}:00:00.1 198.51.100.{n}>web1 ann k" for n in range(5)], id="addresses of no known host"),
        pytest.param(["10:00:00.1 ws1>web1 ann k", "10:01:00.1 web1>app1 ann k", "10:02:00.1 app1>db1 ann k"], id="a forwarded agent"),
        pytest.param([f"1{n}:00:00.1 ws1>web1 u{n} password" for n in range(5)], id="no key"),
        pytest.param([f"1{n}:00:00.1 web1>web1 u{n} k" for n in range(5)], id="to itself"),
    ],
)  # fmt: skip
def test_silence(deeds: list[str]) -> None:
    assert hunted(told(*deeds), KeyReuse()) == []
