"""Random logins, reported by random subsets of tellers whose clocks differ, against the truth that they come from."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.identity import Identity, parse_inventory
from graphmap.sessions import build_logons
from tests.estates import read
from tests.sensors import moment, sysmon, zeek

HOSTS = {"web1": "10.0.0.1", "db1": "10.0.0.2", "app1": "10.0.0.3"}
INVENTORY = parse_inventory(
    "hosts: [" + ", ".join(f"{{name: {name}, addresses: [{ip}]}}" for name, ip in HOSTS.items()) + "]", "inventory.yaml"
)
SIDES = ("client", "network", "server")
START = moment("10:00:00")


class Login(NamedTuple):
    """What truly happened: at a second of the day, from and to which hosts, how it went, and who reports it."""

    second: int
    src: str
    dst: str
    accepted: bool
    delay: int
    witnesses: frozenset[str]


logins = st.lists(
    st.builds(
        Login,
        second=st.integers(0, 40_000),
        src=st.sampled_from(sorted(HOSTS)),
        dst=st.sampled_from(sorted(HOSTS)),
        accepted=st.booleans(),
        delay=st.integers(0, 20),
        witnesses=st.frozensets(st.sampled_from(SIDES)),
    ).filter(lambda login: login.src != login.dst),
    max_size=12,
)
clocks = st.fixed_dictionaries({name: st.integers(-240, 240) for name in (*HOSTS, "sensor")})


def told(truth: list[Login], wrong: dict[str, int]) -> pl.DataFrame:
    """What all tellers write, each by its own clock; the port is the number of the login."""

    def at(login: Login, clock: str, later: int = 0) -> str:
        return (START + timedelta(seconds=login.second + wrong[clock] + later)).isoformat()[:19] + ".250000"

    def ends(number: int, login: Login, clock: str) -> dict[str, object]:
        return {"at": at(login, clock), "src": HOSTS[login.src], "port": 50_000 + number, "dst": HOSTS[login.dst]}

    parts = [
        read(
            f"{at(login, login.dst, login.delay)}+00:00 {login.dst} sshd[{number}]: "
            f"{'Accepted' if login.accepted else 'Failed'} password for bob from {HOSTS[login.src]} port {50_000 + number} ssh2"
        )
        for number, login in enumerate(truth)
        if "server" in login.witnesses
    ]
    for number, login in enumerate(truth):
        if "network" in login.witnesses:
            seen = ends(number, login, "sensor") | {"uid": f"C{number}"}
            parts.append(zeek("ssh", seen | {"auth_success": login.accepted}, file=f"ssh{number}.log"))
            parts.append(zeek("conn", seen | {"proto": "tcp", "service": "ssh", "conn_state": "SF"}))
        if "client" in login.witnesses:
            parts.append(sysmon(login.src, ends(number, login, login.src)))
    return pl.concat(parts or [read("")])


@settings(max_examples=60, deadline=None)
@given(logins, clocks)
def test_each_login_is_one_session_or_one_failure_with_its_witnesses(truth: list[Login], wrong: dict[str, int]) -> None:
    found = build_logons(told(truth, wrong), Identity(INVENTORY))
    shown = found.sessions.select("src", "host", "src_port", "witnesses").rows()
    assert sorted(shown) == sorted(
        (login.src, login.dst, 50_000 + number, sorted(login.witnesses))
        for number, login in enumerate(truth)
        if login.accepted and login.witnesses & {"server", "network"}
    )
    refused = [login for login in truth if not login.accepted and login.witnesses & {"server", "network"}]
    assert sorted(found.failures.select("src", "host").rows()) == sorted((one.src, one.dst) for one in refused)


@settings(max_examples=30, deadline=None)
@given(logins, clocks, st.integers(0, 1 << 32))
def test_order_of_the_events_changes_nothing(truth: list[Login], wrong: dict[str, int], seed: int) -> None:
    events = told(truth, wrong)
    shuffled = events.sample(fraction=1, shuffle=True, seed=seed)
    for one, other in zip(
        build_logons(events, Identity(INVENTORY)), build_logons(shuffled, Identity(INVENTORY)), strict=True
    ):
        assert one.equals(other)


@settings(max_examples=30, deadline=None)
@given(logins, clocks)
def test_clocks_are_told_within_the_slowest_login(truth: list[Login], wrong: dict[str, int]) -> None:
    """A host is ahead of the sensor by the difference of their clocks, and by what its lines come later."""
    for _, host, teller, difference, pairs in build_logons(told(truth, wrong), Identity(INVENTORY)).clocks.iter_rows():
        known = wrong[host] - wrong["sensor" if teller == "zeek" else teller]
        assert known <= difference / 1e6 <= known + 20
        assert pairs <= len(truth)


def test_who_is_missing_is_who_reported_the_like_before_and_after() -> None:
    """Of all logins from one host to another the server tells, but for the second; the sensor of all but the third."""
    sides = [frozenset(SIDES) - {one} for one in ("nobody", "server", "network", "nobody")]
    truth = [
        Login(600 * number, "web1", "db1", accepted=True, delay=1, witnesses=seen) for number, seen in enumerate(sides)
    ]
    found = build_logons(told(truth, dict.fromkeys((*HOSTS, "sensor"), 0)), Identity(INVENTORY)).sessions
    assert found["missing"].to_list() == [[], ["server"], ["network"], []]
