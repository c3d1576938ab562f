from __future__ import annotations

from datetime import timedelta

import pytest

from graphmap.detect.spray import Spray
from graphmap.model import Finding, Severity
from tests.detect.scenes import SCENES, SPRAY
from tests.detect.story import hop, hunted, lines, told

SUCCESS = "10:10:00.1 ws2>app1 u3 password"


def test_ten_accounts_then_one_gets_in() -> None:
    deeds, options = SCENES["spray-success"]
    estate = told(*deeds, **options)
    assert hunted(estate, Spray()) == [
        Finding(
            id="f-7a40291f7d4d",
            detector="spray-success",
            technique="T1110.003",
            severity=Severity.HIGH,
            score=3.321928,  # log2 of 10
            title="10 accounts refused from ws2, then u3 got in to app1",
            why=(
                "10 refused logons in 600 s on app1, web1, for u0, u1, u2, u3, u4 and 5 more",
                "none of these accounts had got in from there before",
                "u3 was among those that were refused",
                "ws2 -> app1 as u3 (password): the chain starts here",
            ),
            hosts=("ws2", "app1"),
            users=("u3",),
            hops=(hop(estate, 11),),
            lines=lines(11, *range(1, 11)),
        )
    ]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        (SPRAY, []),  # nobody got in
        ((*SPRAY[:9], SUCCESS), []),  # nine accounts
        ((*SPRAY, "10:10:00.1 ws1>app1 u3 password"), []),  # from elsewhere
        ((*SPRAY, "11:05:00.1 ws2>app1 u3 password"), []),  # too late for some of them
        ((*SPRAY, "10:10:00.1 ws2>app1 eve password"), [Severity.MEDIUM]),  # who was not tried
        ((*SPRAY, SUCCESS, "10:11:00.1 ws2>app1 u4 password"), [Severity.HIGH]),  # tries prove one finding
    ],
)
def test_which_sprays(deeds: tuple[str, ...], expected: list[Severity]) -> None:
    assert [one.severity for one in hunted(told(*deeds), Spray())] == expected


def test_the_users_of_a_bastion_mistype() -> None:
    before = [f"09:{n:02}:00.1 ws2>web1 u{n} k" for n in range(10)]
    assert hunted(told(*before, *SPRAY, SUCCESS), Spray()) == []
    assert hunted(told(*before, *SPRAY, "10:10:00.1 ws2>app1 eve password"), Spray()) == []


def test_a_slow_spray_is_out_of_sight() -> None:
    """Evasion: one account in ten minutes."""
    slow = [f"{10 + n // 6:02}:{n % 6}0:00.1 ws2>app1 u{n} !password" for n in range(12)]
    assert hunted(told(*slow, "12:00:00.1 ws2>app1 u3 password"), Spray()) == []
    assert len(hunted(told(*slow, "12:00:00.1 ws2>app1 u3 password"), Spray(window=timedelta(hours=2)))) == 1
