"""Oddness and stories against slow twins that look at every earlier hop each time."""

from __future__ import annotations

from itertools import pairwise
from math import inf, log2
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.oddness import (
    CROWD,
    FEW,
    GONE,
    HABITS,
    LEVELS,
    RESPECTS,
    UNIMAGINED,
    YOUNG,
    Numbers,
    Respects,
    oddness,
)
from graphmap.graph.presence import NEVER
from graphmap.graph.stories import HOUR, Story, stories
from tests.estates import estate

WEEKS, PRIOR = 1, 20.0


class Row(NamedTuple):
    """A hop; the places of nodes 3 and 4 are one network."""

    day: int
    src: int
    dst: int
    account: int
    key: int
    since: int
    known_from: int


AGO = (0, 1, *GONE, GONE[-1] + 1, NEVER)
IMAGINED = 10_000
"""Longer than the twin waits until what is imagined becomes known."""


def some_rows(late: list[int]) -> st.SearchStrategy[list[Row]]:
    return st.lists(
        st.builds(
            lambda day, src, dst, account, key, since, late: Row(day, src, dst, account, key, since, day + late),
            day=st.integers(0, 40),
            src=st.integers(0, 4),
            dst=st.integers(0, 2),
            account=st.integers(0, 2),
            key=st.integers(-1, 2),
            since=st.sampled_from(AGO),
            late=st.sampled_from(late),
        ),
        max_size=40,
    ).map(lambda found: sorted(found, key=lambda row: row.day))


rows = some_rows([0, 0, 0, 14])
imagined = some_rows([IMAGINED])


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
    if now.since == 0:
        presence = 0
    elif not is_host:
        presence = 1
    else:
        presence = 6 if now.since == NEVER else 2 + level(now.since, GONE)
    if now.key < 0:
        key = 0
    elif not days(hops, now, (now.key, now.account), lambda one: (one.key, one.account)):
        key = 3
    else:
        key = 1 if days(hops, now, (now.key, here), lambda one: (one.key, place(one.src))) else 2
    return (
        *(level(count, FEW) for count in known),
        presence,
        key,
        habit(hops, [one for one in hops if one.account == now.account and one.day < now.day]),
        level(len({one.account for one in hops if place(one.src) == here and one.known_from < now.day}), CROWD),
    )


def fresh(hops: list[Row], now: Row) -> bool:
    way = (place(now.src), now.account, now.dst)
    return not days(hops, now, way, lambda one: (place(one.src), one.account, one.dst))


def habit(hops: list[Row], past: list[Row]) -> int:
    if len(past) < YOUNG:
        return len(HABITS) + 1
    return level((sum(fresh(hops, one) for one in past) + 0.2) / (len(past) + 20.0), HABITS)


def uses(hops: list[Row], asked: list[Row]) -> list[tuple[int, Row, tuple[int, ...]]]:
    """Those of some hops whose way was not known, with their values."""
    return [
        (number, now, values(hops, now)) for number, now in enumerate(asked) if now.src != now.dst and fresh(hops, now)
    ]


def share(mine: tuple[int, ...], past: list[tuple[int, ...]]) -> float:
    alike = np.prod([(1 + sum(one[n] == value for one in past)) / (len(past) + LEVELS) for n, value in enumerate(mine)])
    return float((past.count(mine) + PRIOR * alike) / (len(past) + PRIOR))


def twin(hops: list[Row], feared: list[Row]) -> list[tuple[int, tuple[int, ...], float]]:
    """Each first use with its values and bits."""
    ways: set[tuple[int, ...]] = set()
    first = []
    for number, now, each in uses(hops, hops):
        way = (place(now.src), now.account, now.dst, now.day)
        if way not in ways:
            first.append((number, now, each))
        ways.add(way)
    others = [(now.day, each) for _, now, each in uses(hops, feared)]
    found = []
    for number, now, mine in first:
        window = range(now.day - 7 * WEEKS, now.day)
        usual = [each for _, one, each in first if one.known_from in window]
        wanted = [each for day, each in others if day in window]
        part, less = UNIMAGINED
        bits = -inf
        if usual:
            rarity = -log2(share(mine, usual))
            ratio = share(mine, wanted) * 2**rarity if wanted else 0.0
            bits = log2(ratio + 2 ** (rarity / part - less))
        found.append((number, mine, bits))
    return found


def column(hops: list[Row], name: str) -> Numbers:
    return np.array([getattr(row, name) for row in hops], np.int64)


def respects(hops: list[Row]) -> Respects:
    src = column(hops, "src")
    named = (column(hops, name) for name in ("dst", "account", "key", "day", "since"))
    return Respects(src, np.minimum(src, 3), *named)


@given(rows, imagined)
def test_oddness_is_that_of_who_looks_at_every_earlier_hop(hops: list[Row], feared: list[Row]) -> None:
    found = oddness(respects(hops), column(hops, "known_from"), respects(feared), weeks=WEEKS, prior=PRIOR)
    expected = twin(hops, feared)
    assert found.rows.tolist() == [number for number, _, _ in expected]
    assert [tuple(each) for each in found.values.tolist()] == [each for _, each, _ in expected]
    assert found.bits == pytest.approx([bits for _, _, bits in expected])
    assert found.day.tolist() == [hops[number].day for number, _, _ in expected]


@given(rows, imagined, st.integers(0, 40))
def test_later_days_change_nothing_that_was_said(hops: list[Row], feared: list[Row], until: int) -> None:
    def ask(some: list[Row], others: list[Row]) -> dict[int, tuple[list[int], float]]:
        found = oddness(respects(some), column(some, "known_from"), respects(others))
        return {
            row: (each, bits)
            for row, each, bits in zip(found.rows.tolist(), found.values.tolist(), found.bits.tolist(), strict=True)
        }

    early = [row for row in hops if row.day <= until]
    whole = ask(hops, feared)
    assert ask(early, [row for row in feared if row.day <= until]) == {
        row: each for row, each in whole.items() if row < len(early)
    }


def test_reasons_name_what_is_new_and_nothing_else() -> None:
    hops = [Row(0, 0, 1, 0, 1, 0, 0), Row(1, 1, 2, 0, 1, GONE[0], 1)]
    asked = respects(hops)
    found = oddness(asked, asked.day, respects([]))
    assert found.reasons(1, account="ann", src="web1", dst="db1") == [
        "ann never came from web1 before",
        "nobody went from web1 to db1 before",
        "ann was never on db1 before",
        "ann had no session on web1, the last one had ended within the week before",
        "the key never came from web1 before",
    ]
    assert all(len(sentences) >= 3 for sentences in RESPECTS.values())


def test_who_could_be_an_intruder_is_odder_than_who_could_not() -> None:
    """Two ways as rare as each other: the first as an intruder would take it, the second as nobody imagined."""
    past = [Row(day, 0, 1, account, -1, 0, day) for day in range(10) for account in (0, 1)]
    stolen, strange = Row(10, 1, 2, 0, -1, GONE[0], 10), Row(10, 1, 2, 2, -1, NEVER, 10)
    feared = [Row(day, 1, 2, 0, -1, GONE[0], IMAGINED) for day in range(2, 10)]
    hops = [*past, stolen, strange]
    bits = oddness(respects(hops), column(hops, "known_from"), respects(feared)).bits
    assert bits[-2] > bits[-1] + 1


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
