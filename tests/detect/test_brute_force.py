from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.brute_force import BruteForce
from graphmap.model import Finding, Severity
from tests.detect.story import hop, hunted, lines, told

GUESSES = tuple(f"10:00:0{n}.1 ws2>db1 root !password" for n in range(5))


def titles(*deeds: str, detector: BruteForce | None = None) -> list[str]:
    return [found.title for found in hunted(told(*deeds), detector or BruteForce())]


GOT_IN = "5 refused logons, then root got in: ws2 -> db1"


def test_guesses_and_then_success() -> None:
    estate = told(*GUESSES, "10:00:06.1 ws2>db1 root password until 10:01:00.1")
    assert hunted(estate, BruteForce()) == [
        Finding(
            id="f-3208d1445f1c",
            detector="brute-force-success",
            technique="T1110",
            severity=Severity.HIGH,
            score=2.321928,  # log2 of the tries
            title=GOT_IN,
            why=(
                "5 refused logons in 6 s before the accepted one, for root",
                "accepted by password",
                "ws2 -> db1 as root (password): the chain starts here",
            ),
            hosts=("ws2", "db1"),
            users=("root",),
            hops=(hop(estate, 6),),
            lines=lines(6, 7, 1, 2, 3, 4, 5),
        )
    ]


def test_a_spray_over_accounts_names_some() -> None:
    sprayed = [f"10:00:0{n}.1 ws2>db1 {user} !password" for n, user in enumerate(["a", "b", "c", "d", "e", "f", "-"])]
    estate = told(*sprayed, "10:00:09.1 ws2>db1 g password")
    assert hunted(estate, BruteForce())[0].why[0] == (
        "7 refused logons in 9 s before the accepted one, for an empty name, a, b, c, d and 2 more"
    )


def test_min_failures_at_its_edge() -> None:
    success = "10:00:06.1 ws2>db1 root password"
    assert titles(*GUESSES[:4], success) == []
    assert titles(*GUESSES[:4], success, detector=BruteForce(min_failures=4)) == [
        "4 refused logons, then root got in: ws2 -> db1"
    ]


def test_window_at_its_edge() -> None:
    assert titles(*GUESSES, "10:10:00.1 ws2>db1 root password") == [GOT_IN]
    assert titles(*GUESSES, "10:10:00.100001 ws2>db1 root password") == []
    assert titles(*GUESSES, "10:00:30.1 ws2>db1 root password", detector=BruteForce(window=timedelta(seconds=29))) == []


@pytest.mark.parametrize(
    "deeds",
    [
        pytest.param(GUESSES, id="no success"),
        pytest.param((*GUESSES, "10:00:06.1 ws1>db1 root password"), id="from elsewhere"),
        pytest.param((*GUESSES, "10:00:06.1 ws2>db2 root password"), id="on another host"),
        pytest.param(("10:00:00.05 ws2>db1 root password", *GUESSES), id="the success came first"),
        pytest.param(
            tuple(
                deed
                for n in range(6)
                for deed in (f"10:0{n}:00.1 ws2>db1 u{n} !password", f"10:0{n}:05.1 ws2>db1 u{n} password")
            ),
            id="six people who mistype once, behind one bastion",
        ),
    ],
)
def test_silence(deeds: tuple[str, ...]) -> None:
    assert titles(*deeds) == []


def test_a_success_of_one_s_own_does_not_wash_the_guesses_off() -> None:
    """Evasion: a logon with an account that one has, between the guesses at another."""
    own = [f"10:00:0{n}.6 ws2>db1 eve password" for n in range(4)]
    assert titles(*GUESSES[:4], *own, GUESSES[4], "10:00:06.1 ws2>db1 root password") == [GOT_IN]


def test_a_burst_is_reported_once() -> None:
    assert titles(*GUESSES, "10:00:06.1 ws2>db1 root password", "10:00:07.1 ws2>db1 root password") == [GOT_IN]


def test_two_bursts_are_two_findings() -> None:
    again = [deed.replace("10:", "12:") for deed in (*GUESSES, "10:00:06.1 ws2>db1 root password")]
    found = hunted(told(*GUESSES, "10:00:06.1 ws2>db1 root password", *again), BruteForce())
    assert [one.title for one in found] == [GOT_IN, GOT_IN]
    assert len({one.id for one in found}) == 2


def test_a_key_after_refused_passwords_was_not_guessed() -> None:
    found = hunted(told(*GUESSES, "10:00:06.1 ws2>db1 root k"), BruteForce())
    assert [(one.severity, one.why[1]) for one in found] == [
        (Severity.MEDIUM, "accepted by publickey, which none of the refused ones tried")
    ]


def test_a_key_that_is_tried_on_many_accounts() -> None:
    tried = [f"10:00:0{n}.1 ws2>db1 u{n} !stolen" for n in range(5)]
    found = hunted(told(*tried, "10:00:06.1 ws2>db1 bob stolen"), BruteForce())
    assert [(one.severity, one.title) for one in found] == [
        (Severity.HIGH, "5 refused logons, then bob got in: ws2 -> db1")
    ]


def test_whole_second_stamps_of_one_second() -> None:
    assert titles(*["10:00:00 ws2>db1 root !password"] * 5, "10:00:00 ws2>db1 root password") == [GOT_IN]
    mixed = ["10:00:00.5 ws2>db1 root !password"] * 5
    assert titles(*mixed, "10:00:00 ws2>db1 root password") == [GOT_IN]


def test_an_unknown_address_and_no_inventory() -> None:
    deeds = [deed.replace("ws2", "198.51.100.1") for deed in (*GUESSES, "10:00:06.1 ws2>db1 root password")]
    found = hunted(told(*deeds, inventory=False), BruteForce())
    assert [one.hosts for one in found] == [("198.51.100.1", "db1")]


class Patient(BruteForce):
    """Looks at every refused logon."""

    def _dense(self, failures: pl.LazyFrame) -> pl.DataFrame:
        return failures.filter(pl.col("src").is_not_null()).collect().with_row_index("row")


SECONDS = st.integers(0, 40).map(lambda quarter: f"10:00:{quarter // 4:02}.{quarter % 4 * 25:02}")


@given(
    st.lists(
        st.builds("{} {}>{} {} {}".format, SECONDS, st.sampled_from(["ws1", "ws2"]), st.sampled_from(["web1", "db1"]), st.sampled_from(["ann", "bob"]), st.sampled_from(["password", "!password", "!k"])),
        max_size=25,
    ),
    st.integers(1, 4),
    st.sampled_from([1, 2, 5]),
)  # fmt: skip
def test_failures_that_are_far_apart_may_be_passed_over(deeds: list[str], failures: int, seconds: int) -> None:
    estate = told(*deeds)
    limits: dict[str, Any] = {"min_failures": failures, "window": timedelta(seconds=seconds)}
    assert estate.hunt([BruteForce(**limits)]) == estate.hunt([Patient(**limits)])
