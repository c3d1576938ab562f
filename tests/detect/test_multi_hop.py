from __future__ import annotations

import pytest

from graphmap.detect.multi_hop import MultiHop
from graphmap.model import Finding, Severity
from tests.detect.story import chain, hunted, lines, told

WALK = (
    "10:00:00.1 ws2>web1 bob k until 10:01:00.1",
    "10:00:02.1 web1>app1 bob k until 10:00:50.1",
    "10:00:03.2 app1>db1 bob password until 10:00:40.1",
)


def test_a_walk_into_a_restricted_segment() -> None:
    estate = told(*WALK)
    walk = chain(estate)
    assert hunted(estate, MultiHop()) == [
        Finding(
            id="f-1f1bf15e6328",
            detector="multi-hop-chain",
            technique="T1021.004",
            severity=Severity.HIGH,
            score=3.0,
            title="ws2 -> web1 -> app1 -> db1 as bob",
            why=(
                "ws2 -> web1 as bob (publickey SHA256:k): the chain starts here",
                "web1 -> app1 as bob (publickey SHA256:k): 2.0 s later, while the session before was open (same key, certainty 1)",
                "app1 -> db1 as bob (password): 1.1 s later, while the session before was open (same account, certainty 1)",
                "none of its hops was seen before",
            ),
            hosts=("ws2", "web1", "app1", "db1"),
            users=("bob",),
            hops=walk.hops,
            lines=lines(1, 4, 2, 5, 3, 6),
        )
    ]


@pytest.mark.parametrize(
    ("deeds", "severity"),
    [
        (WALK[:2], Severity.LOW),
        ((WALK[0], "10:00:02.1 web1>app1 eve k until 10:00:50.1"), Severity.MEDIUM),
        ((*WALK[:2], "10:00:03.2 app1>web1 bob k until 10:00:40.1"), Severity.MEDIUM),
        ((WALK[0], "10:00:02.1 web1>db1 bob k until 10:00:50.1"), Severity.HIGH),
        (("10:00:00.1 db1>db2 bob k until 10:01:00.1", "10:00:02.1 db2>db1 bob k until 10:00:50.1"), Severity.LOW),
    ],
)
def test_severity(deeds: tuple[str, ...], severity: Severity) -> None:
    assert [found.severity for found in hunted(told(*deeds), MultiHop())] == [severity]


def test_routine_is_silent_and_one_new_hop_is_named() -> None:
    again = [deed.replace("10:", "12:") for deed in WALK]
    estate = told(
        *WALK, *again, "14:00:00.1 ws2>web1 bob k until 14:01:00.1", "14:00:02.1 web1>db1 bob k until 14:00:50.1"
    )
    found = hunted(estate, MultiHop())
    assert [(one.title, one.why[-1]) for one in found] == [
        ("ws2 -> web1 -> app1 -> db1 as bob", "none of its hops was seen before"),
        ("ws2 -> web1 -> db1 as bob", "not seen before: hop 2 of 2"),
    ]


def test_min_hops_at_its_edge() -> None:
    estate = told(*WALK)
    assert len(hunted(estate, MultiHop(min_hops=3))) == 1
    assert hunted(estate, MultiHop(min_hops=4)) == []


def test_min_certainty_at_its_edge() -> None:
    """Four strangers on web1 could each have gone on: 1/4 each."""
    strangers = [f"10:00:00.{n} 198.51.100.{n}>web1 u{n} password until 10:09:00.1" for n in range(1, 5)]
    estate = told(*strangers, "10:00:09.1 web1>app1 eve password until 10:00:50.1")
    assert len(hunted(estate, MultiHop(min_certainty=0.25))) == 4
    assert hunted(estate, MultiHop(min_certainty=0.26)) == []


WITHIN_A_SECOND = ("10:00:00 ws2>web1 bob k until 10:01:00", "10:00:00 web1>app1 eve password until 10:00:50")


def test_two_strangers_in_one_second_are_a_coincidence() -> None:
    estate = told(*WITHIN_A_SECOND)
    assert len(estate.chains()) == 1
    assert hunted(estate, MultiHop()) == []


@pytest.mark.parametrize(
    "second", ["10:00:00 web1>app1 bob password", "10:00:00 web1>app1 eve k", "10:00:01 web1>app1 eve password"]
)
def test_what_makes_more_than_a_coincidence_of_it(second: str) -> None:
    """The same account, the same key, or another second."""
    estate = told(WITHIN_A_SECOND[0], f"{second} until 10:00:50")
    assert [one.title for one in hunted(estate, MultiHop())] == [
        f"ws2 -> web1 -> app1 as {', '.join(dict.fromkeys(chain(estate).users))}"
    ]


def test_one_link_that_is_sure_in_time_carries_the_chain() -> None:
    estate = told(*WITHIN_A_SECOND, "10:00:01 app1>db1 ann password until 10:00:40")
    assert [(one.title, one.hops[1].certainty) for one in hunted(estate, MultiHop())] == [
        ("ws2 -> web1 -> app1 -> db1 as bob, eve, ann", 0.5)
    ]


@pytest.mark.parametrize(
    "second",
    [
        "10:02:00.1 web1>app1 bob k",  # the first session was closed
        "09:59:00.1 web1>app1 bob k",  # it had not begun
        "10:00:02.1 ws1>app1 bob k",  # elsewhere
        "10:00:02.1 198.51.100.9>app1 bob k",  # an address that is no host's
    ],
)
def test_what_is_no_chain(second: str) -> None:
    assert hunted(told(WALK[0], second), MultiHop()) == []


def test_without_an_inventory() -> None:
    """Hosts are then those that wrote a log; what their addresses are, only `Connection from` can teach."""
    estate = told("10:00:00.1 198.51.100.1>web1 bob k", inventory=False)
    assert hunted(estate, MultiHop(min_hops=1)) == []  # chains have two hops or more
    assert hunted(told(*(deed.replace("ws2>", "198.51.100.9>") for deed in WALK), inventory=False), MultiHop()) == []


def test_a_gap_bridges_an_end_that_was_not_logged() -> None:
    """Evasion: the end is cut from the log, or sshd was killed."""
    open_end = WALK[0].partition(" until")[0]
    assert len(hunted(told(open_end, "10:59:59.1 web1>app1 bob k"), MultiHop())) == 1
    assert hunted(told(open_end, "11:00:01.1 web1>app1 bob k"), MultiHop()) == []
