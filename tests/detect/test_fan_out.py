from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.fan_out import FanOut
from graphmap.model import Finding, Severity
from tests.detect.story import hop, hunted, lines, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.detect import Evidence
    from graphmap.graph.index import Ids

HOSTS = ("ws1", "web1", "app1", "db1", "db2")
BURST = tuple(f"10:0{n}:00.1 ws2>{host} bob k" for n, host in enumerate(HOSTS))


def test_one_account_to_every_host() -> None:
    estate = told(*BURST)
    assert hunted(estate, FanOut()) == [
        Finding(
            id="f-03d786180858",
            detector="fan-out",
            technique="T1021.004",
            severity=Severity.HIGH,
            score=2.321928,  # log2 of the new hosts
            title="ws2 logs on to 5 hosts in 240 s as bob",
            why=(
                "from 2026-03-01T10:00:00.100000Z to 2026-03-01T10:04:00.100000Z: ws1, web1, app1, db1, db2",
                "by a way never taken before: ws1, web1, app1, db1, db2",
                "in restricted segments: db1, db2",
            ),
            hosts=("ws2", *HOSTS),
            users=("bob",),
            hops=tuple(hop(estate, number) for number in range(1, 6)),
            lines=lines(1, 2, 3, 4, 5),
        )
    ]


def test_a_wide_burst_shows_fifty_hops_and_says_how_many_there_were() -> None:
    """The first of each account to each host, the new ways before the old one, which leads to h1."""
    known = "09:00:00.1 ws2>h1 bob k"
    wide = [f"10:00:{n // 2:02}.{1 + 5 * (n % 2)} ws2>h{n} bob k" for n in range(60)]
    again = ["10:00:40.1 ws2>h1 eve k", *(f"10:00:41.{n} ws2>h0 u{n} k" for n in range(1, 8))]
    (found,) = hunted(told(known, *wide, *again), FanOut())
    assert found.title == "ws2 logs on to 60 hosts in 42 s as bob, eve, u1, u2, u3 and 4 more"
    assert (found.score, len(found.hops), len(found.hosts)) == (5.906891, 50, 51)
    assert [found.why[1].endswith(", h50 and 10 more"), found.why[-1]] == [
        True,
        "68 logons; shown is the first of each account to each host",
    ]
    assert [hop.dst for hop in found.hops] == [f"h{n}" for n in (0, *range(2, 51))]


def test_outside_restricted_segments_it_is_less_severe() -> None:
    assert [one.severity for one in hunted(told(*BURST[:3]), FanOut(min_hosts=3))] == [Severity.MEDIUM]


def test_min_hosts_at_its_edge() -> None:
    assert hunted(told(*BURST[:4]), FanOut()) == []
    assert len(hunted(told(*BURST[:4]), FanOut(min_hosts=4))) == 1
    again = "10:04:00.1 ws2>db1 bob k"
    assert hunted(told(*BURST[:4], again), FanOut()) == []


def test_min_new_at_its_edge() -> None:
    known = [f"09:{n}0:00.1 ws2>{host} bob k" for n, host in enumerate(HOSTS[:3])]
    assert hunted(told(*known, *BURST), FanOut(min_new=3)) == []
    found = hunted(told(*known, *BURST), FanOut(min_new=2))
    assert [(one.score, one.why[1]) for one in found] == [(1.0, "by a way never taken before: db1, db2")]


def test_window_at_its_edge() -> None:
    estate = told(*BURST)
    assert len(hunted(estate, FanOut(window=timedelta(minutes=4)))) == 1
    assert hunted(estate, FanOut(window=timedelta(minutes=4, microseconds=-1))) == []


def test_bursts_that_overlap_are_one_and_others_are_not() -> None:
    more = [f"10:08:00.{n} ws2>h{n} bob k" for n in range(1, 6)]
    apart = [f"11:08:00.{n} ws2>i{n} bob k" for n in range(1, 6)]
    found = hunted(told(*BURST, *more, *apart), FanOut())
    assert [one.title for one in found] == [
        "ws2 logs on to 10 hosts in 480 s as bob",
        "ws2 logs on to 5 hosts in 0 s as bob",
    ]
    assert len({one.id for one in found}) == 2


@pytest.mark.parametrize(
    "deeds",
    [
        pytest.param([deed.replace("ws2>", f"198.51.100.{n}>") for n, deed in enumerate(BURST)], id="five sources"),
        pytest.param([f"10:00:0{n}.1 ws2>web1 u{n} k" for n in range(9)], id="one destination, many accounts"),
        pytest.param([*BURST[:4], "10:00:05.1 127.0.0.1>ws2 bob k"], id="a hop to itself"),
        pytest.param([deed.replace(" k", " !k") for deed in BURST], id="nothing accepted"),
        pytest.param([f"1{n}:00:00.1 ws2>{host} bob k" for n, host in enumerate(HOSTS)], id="slow: a host an hour"),
    ],
)
def test_silence(deeds: list[str]) -> None:
    assert hunted(told(*deeds), FanOut()) == []


def test_automation_that_goes_its_old_ways_is_silent() -> None:
    daily = [deed.replace("10:0", f"03-0{day} 10:0") for day in range(2, 5) for deed in BURST]
    assert len(hunted(told(*BURST, *daily), FanOut())) == 1


def test_stolen_accounts_in_turn_do_not_hide_it() -> None:
    """Evasion: another account for each host."""
    deeds = [deed.replace("bob", f"u{n}") for n, deed in enumerate(BURST)]
    assert [one.title for one in hunted(told(*deeds), FanOut())] == [
        "ws2 logs on to 5 hosts in 240 s as u0, u1, u2, u3, u4"
    ]


def test_an_unknown_address_and_no_inventory() -> None:
    deeds = [deed.replace("ws2", "198.51.100.1") for deed in BURST]
    found = hunted(told(*deeds, inventory=False), FanOut())
    assert [(one.severity, one.hosts[0]) for one in found] == [(Severity.MEDIUM, "198.51.100.1")]


class Patient(FanOut):
    """Looks into every window."""

    def _crowded(self, evidence: Evidence) -> Iterator[Ids]:
        for source in range(len(evidence.index.leaving.offsets) - 1):
            rows = evidence.index.leaving.of(source)
            yield rows[evidence.index.dst[rows] != source]


MINUTES = st.integers(0, 25).map(lambda minute: f"10:{minute:02}:00.1")


@given(
    st.lists(
        st.builds("{} {}>{} {} k".format, MINUTES, st.sampled_from(["ws1", "ws2"]), st.sampled_from(HOSTS), st.sampled_from(["ann", "bob"])),
        max_size=25,
    ),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([1, 5, 10]),
)  # fmt: skip
def test_windows_without_enough_new_ways_may_be_passed_over(
    deeds: list[str], hosts: int, new: int, minutes: int
) -> None:
    estate = told(*deeds)
    limits: dict[str, Any] = {"min_hosts": hosts, "min_new": new, "window": timedelta(minutes=minutes)}
    assert estate.hunt([FanOut(**limits)]) == estate.hunt([Patient(**limits)])
