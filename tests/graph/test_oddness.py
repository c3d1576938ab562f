"""Oddness and stories against slow twins that look at every earlier hop each time."""

from __future__ import annotations

from itertools import pairwise
from math import log2
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.oddness import EXPOSED, FEW, HABITS, MONTH, RESPECTS, YOUNG, Numbers, Respects, oddness
from graphmap.graph.stories import HOUR, Story, stories
from tests.estates import estate

BASES = 3
WEEKS, PRIOR = 1, 20.0


class Row(NamedTuple):
    """A hop; the places of nodes 3 and 4 are one network."""

    day: int
    src: int
    dst: int
    account: int
    key: int
    basis: int
    known_from: int


rows = st.lists(
    st.builds(
        lambda day, src, dst, account, key, basis, late: Row(day, src, dst, account, key, basis, day + late),
        day=st.integers(0, 40),
        src=st.integers(0, 4),
        dst=st.integers(0, 2),
        account=st.integers(0, 2),
        key=st.integers(-1, 2),
        basis=st.integers(0, BASES - 1),
        late=st.sampled_from([0, 0, 0, 14]),
    ),
    max_size=40,
).map(lambda found: sorted(found, key=lambda row: row.day))


def place(node: int) -> int:
    return min(node, 3)


def level(value: float, bounds: tuple[float, ...]) -> int:
    return sum(value >= bound for bound in bounds)


def days(hops: list[Row], now: Row, same: tuple[int, ...], of: object) -> int:
    """On how many days before a hop's own something became known."""
    assert callable(of)
    return len({one.known_from for one in hops if of(one) == same and one.known_from < now.day})


def values(hops: list[Row], now: Row) -> tuple[int, ...]:
    """All that is looked at, habits included."""
    here = place(now.src)
    known = [
        days(hops, now, (here, now.account), lambda one: (place(one.src), one.account)),
        days(hops, now, (here, now.dst), lambda one: (place(one.src), one.dst)),
        days(hops, now, (now.account, now.dst), lambda one: (one.account, one.dst)),
    ]
    is_host = any(one.dst == now.src and one.day <= now.day for one in hops)
    origin = 0 if now.basis == 0 else 1 + now.basis if is_host else 1
    if now.key < 0:
        key = 0
    elif not days(hops, now, (now.key, now.account), lambda one: (one.key, one.account)):
        key = 3
    else:
        key = 1 if days(hops, now, (now.key, here), lambda one: (one.key, place(one.src))) else 2
    came = [
        one.known_from for one in hops if (one.dst, one.account) == (now.src, now.account) and one.known_from < now.day
    ]
    since = now.day - max(came) if came else 1_000_000
    exposed = 0 if since <= EXPOSED else 1 if since <= MONTH else 2
    return (
        *(level(count, FEW) for count in known),
        origin,
        key,
        exposed,
        habit(hops, [one for one in hops if one.account == now.account and one.day < now.day]),
        habit(hops, [one for one in hops if one.src == now.src and one.day < now.day]),
    )


def fresh(hops: list[Row], now: Row) -> bool:
    way = (place(now.src), now.account, now.dst)
    return not days(hops, now, way, lambda one: (place(one.src), one.account, one.dst))


def habit(hops: list[Row], past: list[Row]) -> int:
    if len(past) < YOUNG:
        return len(HABITS) + 1
    return level((sum(fresh(hops, one) for one in past) + 0.2) / (len(past) + 20.0), HABITS)


def twin(hops: list[Row]) -> list[tuple[int, tuple[int, ...], float]]:
    """Each first use with its values and bits."""
    uses: list[tuple[int, tuple[int, ...]]] = []
    for number, now in enumerate(hops):
        way = (place(now.src), now.account, now.dst)
        first = all((place(o.src), o.account, o.dst, o.day) != (*way, now.day) for o in hops[:number])
        if first and now.src != now.dst and fresh(hops, now):
            uses.append((number, values(hops, now)))
    levels = max((value for _, each in uses for value in each), default=0) + 1
    found = []
    for number, mine in uses:
        past = [each for n, each in uses if hops[number].day - 7 * WEEKS <= hops[n].day < hops[number].day]
        bits = 0.0
        if past:
            alike = np.prod(
                [(1 + sum(each[n] == mine[n] for each in past)) / (len(past) + levels) for n in range(len(mine))]
            )
            bits = -log2((past.count(mine) + PRIOR * alike) / (len(past) + PRIOR))
        found.append((number, mine, bits))
    return found


def column(hops: list[Row], name: str) -> Numbers:
    return np.array([getattr(row, name) for row in hops], np.int64)


@given(rows)
def test_oddness_is_that_of_who_looks_at_every_earlier_hop(hops: list[Row]) -> None:
    src = column(hops, "src")
    asked = Respects(
        src, np.minimum(src, 3), *(column(hops, name) for name in ("dst", "account", "key", "day", "basis"))
    )
    found = oddness(asked, column(hops, "known_from"), weeks=WEEKS, prior=PRIOR)
    expected = twin(hops)
    assert found.rows.tolist() == [number for number, _, _ in expected]
    assert [tuple(each) for each in found.values.tolist()] == [each for _, each, _ in expected]
    assert found.bits == pytest.approx([bits for _, _, bits in expected])
    assert found.day.tolist() == [hops[number].day for number, _, _ in expected]


@given(rows, st.integers(0, 40))
def test_later_days_change_nothing_that_was_said(hops: list[Row], until: int) -> None:
    def ask(some: list[Row]) -> dict[int, tuple[int, ...]]:
        src = column(some, "src")
        found = oddness(
            Respects(src, src, *(column(some, name) for name in ("dst", "account", "key", "day", "basis"))),
            column(some, "known_from"),
        )
        return dict(zip(found.rows.tolist(), map(tuple, found.values.tolist()), strict=True))

    early = [row for row in hops if row.day <= until]
    assert ask(early) == {row: each for row, each in ask(hops).items() if row < len(early)}


def test_reasons_name_what_is_new_and_nothing_else() -> None:
    hops = [Row(0, 0, 1, 0, 1, 0, 0), Row(1, 1, 2, 0, 1, 2, 1)]
    src = column(hops, "src")
    asked = Respects(src, src, *(column(hops, name) for name in ("dst", "account", "key", "day", "basis")))
    found = oddness(asked, asked.day)
    assert found.reasons(1, account="ann", src="web1", dst="db1") == [
        "ann never came from web1 before",
        "nobody went from web1 to db1 before",
        "ann was never on db1 before",
        "nobody who could have gone on had a session on web1",
        "the key never came from web1 before",
        "ann came in on web1 within the week before",
    ]
    assert all(len(sentences) >= 3 for sentences in RESPECTS.values())


LOG = """\
2026-03-01T{at}:00.5+00:00 {dst} sshd[{n}]: Accepted password for {user} from {src} port {n} ssh2
"""
ADDRESSES = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3", "d": "10.0.0.4"}
INVENTORY = "hosts: [" + ", ".join(f"{{name: {name}, addresses: [{ip}]}}" for name, ip in ADDRESSES.items()) + "]"


def told(*deeds: str, within: int = 24 * HOUR) -> list[Story]:
    """The stories of deeds `HH:MM src>dst user`, each of weight 1."""
    text = ""
    for number, deed in enumerate(deeds):
        at, way, user = deed.split()
        src, dst = way.split(">")
        text += LOG.format(at=at, dst=dst, n=50_000 + number, user=user, src=ADDRESSES[src])
    index = estate(text, inventory=INVENTORY).index
    return stories(index, np.arange(len(index)), np.ones(len(index)), within=within)


def test_who_goes_on_from_where_somebody_came_is_of_the_story() -> None:
    assert told("10:00 a>b ann", "10:05 b>c root", "10:06 b>d root") == [Story((0, 1, 2), 3.0)]


def test_what_is_elsewhere_is_a_story_of_its_own() -> None:
    assert told("10:00 a>b ann", "10:05 c>d bob", "10:06 b>c ann") == [Story((0, 2), 2.0), Story((1,), 1.0)]


def test_a_hop_that_comes_too_late_begins_anew() -> None:
    assert told("10:00 a>b ann", "12:00 b>c ann", within=HOUR) == [Story((0,), 1.0), Story((1,), 1.0)]


def test_in_a_crowd_only_the_same_account_goes_on() -> None:
    crowd = [f"10:0{n} {src}>b u{n}" for n, src in enumerate("acda")]
    found = told(*crowd, "10:30 b>c u2")
    assert [story.members for story in found] == [(0, 3), (1,), (2, 4)]
    found = told(*crowd, "10:30 b>c stranger")
    assert [story.members for story in found] == [(0, 3), (1,), (2,), (4,)]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.sampled_from(["u", "v"])), max_size=12))
def test_every_hop_is_in_one_story_and_follows_one_of_it(ways: list[tuple[str, str, str]]) -> None:
    deeds = [f"10:{n:02} {src}>{dst} {user}" for n, (src, dst, user) in enumerate(ways) if src != dst]
    found = told(*deeds)
    assert sorted(one for story in found for one in story.members) == list(range(len(deeds)))
    for story in found:
        parts = [deeds[one].split()[1].split(">") for one in story.members]
        for number, (src, _) in enumerate(parts[1:], 1):
            assert any(src in earlier for earlier in parts[:number])
        assert all(one < other for one, other in pairwise(story.members))
