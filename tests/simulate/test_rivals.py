"""The plain rules on a few hops, and against slow twins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.index import HopIndex, build_index
from graphmap.identity import EMPTY, Identity, Inventory
from graphmap.model import Basis, Host
from graphmap.simulate import rivals
from graphmap.tables import HOPS

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = int((START + timedelta(days=400)).timestamp() * 1_000_000)


def _index(*hops: tuple[float, str, str, str]) -> HopIndex:
    """Hops of minute, source, destination and account, in the order of time."""
    rows = [
        {
            "start": START + timedelta(minutes=minute, microseconds=1), "until": START + timedelta(minutes=minute + 30),
            "src": src, "src_known": True, "dst": dst, "user": account, "account": account, "service": "ssh", "origins": 0,
            "certainty": 1.0, "basis": Basis.START.value, "lines": [],
        }
        for minute, src, dst, account in hops
    ]  # fmt: skip
    return build_index(pl.DataFrame(rows, schema=HOPS))


def _identity(inventory: Inventory = EMPTY) -> Identity:
    return Identity(inventory)


def _spoken_of(alerts: rivals.Alerts) -> dict[int, float]:
    return dict(zip(alerts.rows.tolist(), alerts.scores.tolist(), strict=True))


def test_novelty_speaks_of_first_times_and_loudest_where_both_are_new() -> None:
    index = _index(
        (0, "ws1", "web1", "ann"), (1, "ws1", "web1", "ann"), (2, "ws1", "web1", "bob"), (3, "ws2", "db1", "bob")
    )
    assert _spoken_of(rivals.novelty(index)) == {0: 2, 2: 1, 3: 2}


def test_sessionless_speaks_once_of_an_account_on_a_source() -> None:
    index = _index(
        (0, "ws1", "web1", "ann"), (1, "web1", "db1", "bob"), (2, "web1", "db2", "bob"), (3, "web1", "db2", "ann")
    )
    assert _spoken_of(rivals.sessionless(index, np.array([True, True, True, False]))) == {0: 1, 1: 1}


def test_hopper_speaks_of_a_switch_to_where_the_causal_user_never_was() -> None:
    index = _index(
        (0, "ws1", "web1", "ann"),
        (1, "web1", "db1", "ann"),  # no switch
        (2, "web1", "db1", "bob"),  # a switch to where ann was
        (3, "web1", "db2", "bob"),  # bob's last session there is ann's doing: a switch to where ann was never
    )
    owners = Inventory(hosts=(Host("ws1", owner="ann"),))
    assert set(_spoken_of(rivals.hopper(index, _identity(owners), LATER))) == {3}


def test_hopper_is_unsure_where_several_could_have_gone_on() -> None:
    index = _index((0, "ws1", "web1", "ann"), (1, "ws2", "web1", "eve"), (2, "web1", "db2", "bob"))
    scores = _spoken_of(rivals.hopper(index, _identity(), LATER))
    assert set(scores) == {2}
    assert scores[2] <= 1


def test_hopper_forgets_after_a_day() -> None:
    index = _index((0, "ws1", "web1", "ann"), (25 * 60, "web1", "db1", "bob"))
    assert _spoken_of(rivals.hopper(index, _identity(), LATER)) == {}


def test_what_is_said_twice_a_day_of_one_causal_user_is_one_alert() -> None:
    again = ("web1", "db1", "bob")
    index = _index((0, "ws1", "web1", "ann"), (1, "ws9", "web1", "eve"), (2, *again), (3, *again), (4, *again))
    alerts = rivals.hopper(index, _identity(), LATER)
    assert alerts.rows.tolist() == [2, 3, 4]
    assert alerts.groups.tolist() == [0, 1, 1]  # of eve, who came last; then ann may still be behind it


hops_drawn = st.lists(
    st.tuples(*(st.sampled_from("abcd") for _ in range(2)), st.sampled_from("xyz")), min_size=1, max_size=40
)


@given(hops_drawn)
def test_novelty_is_that_of_the_twin(drawn: list[tuple[str, str, str]]) -> None:
    index = _index(*((n, *hop) for n, hop in enumerate(drawn)))
    expected = {}
    for n, (src, dst, account) in enumerate(drawn):
        before = drawn[:n]
        fresh = (account, dst) not in [(a, d) for _, d, a in before], (src, dst) not in [(s, d) for s, d, _ in before]
        if any(fresh):
            expected[n] = float(sum(fresh))
    assert _spoken_of(rivals.novelty(index)) == expected
