"""What the past says of a hop, against a twin that counts it again for each."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.hops import build_hops
from graphmap.graph.index import build_index
from graphmap.graph.rarity import past, surprise
from tests.estates import estate
from tests.graph import twin
from tests.graph.twin import SECOND, Logon

HALF_DAY = 12 * 3600 * SECOND


@st.composite
def days_of_logons(draw: st.DrawFn) -> list[Logon]:
    """Logons on five days, some in one moment."""
    starts = st.integers(0, 9).map(lambda half: half * HALF_DAY)
    names = st.sampled_from("AB")
    return draw(
        st.lists(
            st.builds(Logon, starts, st.none(), names, names, st.sampled_from(["ann", "bob"]), st.none()), max_size=12
        )
    )


@given(days_of_logons())
def test_past_is_what_a_recount_gives(logons: list[Logon]) -> None:
    hops = build_hops(twin.session_table(logons))
    rows = hops.select("src", "account", "dst", "start").rows()
    expected = []
    for number, (src, account, dst, _) in enumerate(rows):
        same_way = [row for row in rows[:number] if row[:3] == (src, account, dst)]
        by_user = [row for row in rows[:number] if row[1:3] == (account, dst)]
        expected.append((len(same_way), len(by_user)))
    found = past(build_index(hops))
    assert list(zip(found.before.tolist(), found.before_user.tolist(), strict=True)) == expected
    assert [found.novelty(row) for row in range(len(rows))] == [1 / (1 + before) for before, _ in expected]


@given(days_of_logons(), days_of_logons())
def test_later_hops_leave_the_past_alone(earlier: list[Logon], later: list[Logon]) -> None:
    after = [
        Logon(one.start + 10 * HALF_DAY, None, one.src, one.dst, one.account, one.key) for one in later
    ]  # fmt: skip
    alone, both = (past(build_index(build_hops(twin.session_table(told)))) for told in (earlier, earlier + after))
    assert [counts[: len(earlier)].tolist() for counts in both] == [counts.tolist() for counts in alone]


def test_aliases_share_their_past() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[1]: Accepted password for bob from 10.0.0.5 port 50000 ssh2
        Mar  1 23:00:00 db1 sshd[2]: Accepted password for adm-bob from 10.0.0.5 port 50001 ssh2
        Mar  2 10:00:00 db1 sshd[3]: Accepted password for bob from 10.0.0.6 port 50002 ssh2
        Mar  2 11:00:00 db1 sshd[4]: Accepted password for bob from 10.0.0.5 port 50003 ssh2
    """
    seen = estate(log, inventory="accounts: [{name: bob, aliases: [adm-bob]}]").past
    assert (seen.before.tolist(), seen.before_user.tolist()) == ([0, 1, 0, 2], [0, 1, 2, 3])


@given(days_of_logons())
def test_surprise_is_what_a_recount_gives(logons: list[Logon]) -> None:
    hops = build_hops(twin.session_table(logons))
    rows = hops.select("src", "account", "dst").rows()
    assert surprise(build_index(hops)).tolist() == pytest.approx([bits(row, rows[:n]) for n, row in enumerate(rows)])


Way = tuple[str, str, str]


def bits(way: Way, past: list[Way]) -> float:
    """Told four times, from the narrowest past to the widest: how often was it this, of how many, of how many kinds?"""
    src, account, dst = way
    mine = [w for w in past if w[1] == account]
    ours = [w[2] for w in past if w[0] == src]
    all_ends = [w[2] for w in past]
    known = len(set(all_ends))
    chance = 1.0
    for what, seen in ((way, mine), (dst, ours), (dst, all_ends)):
        if what in seen:
            return -log2(chance * seen.count(what) / (len(seen) + len(set(seen))))  # type: ignore[arg-type]
        if seen:
            chance *= len(set(seen)) / (len(seen) + len(set(seen)))
    return -log2(chance / (known + 1))


def test_a_stray_of_a_steady_account_surprises_more_than_that_of_a_wanderer() -> None:
    steady = [Logon(n * SECOND + 1, None, "A", "B", "ann", None) for n in range(20)]
    wanderer = [Logon(n * SECOND + 2, None, "A", "BCDEF"[n % 5], "bob", None) for n in range(20)]
    of_ann, of_bob = (
        surprise(
            build_index(
                build_hops(twin.session_table([*steady, *wanderer, Logon(30 * SECOND, None, "A", "G", who, None)]))
            )
        )[-1]
        for who in ("ann", "bob")
    )
    assert of_ann > of_bob + 1
