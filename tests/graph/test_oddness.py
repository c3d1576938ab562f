"""The respects of new ways against a slow twin that looks at every earlier hop each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.graph.likelihood import LEVELS
from graphmap.graph.oddness import oddness
from graphmap.graph.presence import NEVER
from graphmap.graph.respects import CROWD, DAY, FEW, GONE, HABITS, HOUR, LATELY, REAL, YOUNG, Respects

if TYPE_CHECKING:
    from graphmap.graph.respects import Numbers


class Row(NamedTuple):
    """A hop; the places of nodes 3 and 4 are one network. `moment` is that of its day."""

    day: int
    src: int
    dst: int
    account: int
    key: int = -1
    since: int = 0
    known_from: int = 0
    moment: int = 0
    key_since: int = 0
    came: int = NEVER
    open: bool = False
    walk: int = REAL

    @property
    def time(self) -> int:
        return self.day * DAY + self.moment

    @property
    def credential(self) -> tuple[str, int]:
        return ("key", self.key) if self.key >= 0 else ("account", self.account)


AGO = (0, 1, *GONE, GONE[-1] + 1, NEVER)
IMAGINED = 10_000
"""Longer than the twin waits until what is imagined becomes known."""


def some_rows(late: list[int], walk: list[int]) -> st.SearchStrategy[list[Row]]:
    return st.lists(
        st.builds(
            lambda late, **told: Row(**told, known_from=told["day"] + late),
            day=st.integers(0, 20),
            moment=st.sampled_from([0, HOUR // 2, HOUR, DAY - 1]),
            src=st.integers(0, 4),
            dst=st.integers(0, 2),
            account=st.integers(0, 2),
            key=st.integers(-1, 2),
            since=st.sampled_from(AGO),
            key_since=st.sampled_from(AGO),
            came=st.sampled_from([1, *LATELY, NEVER]),
            open=st.booleans(),
            walk=st.sampled_from(walk),
            late=st.sampled_from(late),
        ),
        max_size=30,
    ).map(lambda found: sorted(found, key=lambda row: row.time))


rows = some_rows([0, 0, 0, 14], [REAL])
imagined = some_rows([IMAGINED], [0, 1])


def place(node: int) -> int:
    return min(node, 3)


def level(value: float, bounds: tuple[float, ...]) -> int:
    return sum(value >= bound for bound in bounds)


def days(hops: list[Row], now: Row, same: tuple[int, ...], of: object) -> int:
    """On how many days before a hop's own something became known."""
    assert callable(of)
    return len({one.known_from for one in hops if of(one) == same and one.known_from < now.day})


def gone(since: int) -> int:
    return 0 if since == 0 else 5 if since == NEVER else 1 + level(since, GONE)


def before(uses: list[Row], now: Row) -> int:
    """Which new way came to the source within a day: own ones first, then those of others; 0 where none did."""
    came = [(now.time - one.time, one) for one in uses if one.dst == now.src and 0 < now.time - one.time <= DAY]
    own = [ago for ago, one in came if one.account == now.account or one.credential == now.credential]
    return (2 if min(own) <= HOUR else 1) if own else (4 if min(ago for ago, _ in came) <= HOUR else 3) if came else 0


def beside(uses: list[Row], now: Row) -> int:
    return sum((one.src, one.account) == (now.src, now.account) and 0 < now.time - one.time <= DAY for one in uses)


def values(hops: list[Row], uses: list[Row], now: Row) -> tuple[int, ...]:
    """All that is looked at."""
    here = place(now.src)
    known = [
        days(hops, now, (here, now.account), lambda one: (place(one.src), one.account)),
        days(hops, now, (here, now.dst), lambda one: (place(one.src), one.dst)),
        days(hops, now, (now.account, now.dst), lambda one: (one.account, one.dst)),
    ]
    is_host = any(one.dst == now.src and one.day <= now.day for one in hops)
    presence = 0 if now.since == 0 else 1 + gone(now.since) if is_host else 1
    if now.key < 0:
        key = 0
    elif not days(hops, now, (now.key, now.account), lambda one: (one.key, one.account)):
        key = 3
    else:
        key = 1 if days(hops, now, (now.key, here), lambda one: (one.key, place(one.src))) else 2
    worlds = [[one for one in uses if one.walk == world] for world in {REAL, now.walk}]
    found = [before(world, now) for world in worlds]
    own = [one for one in found if one in {1, 2}]
    return (
        *(level(count, FEW) for count in known),
        presence,
        key,
        gone(now.key_since),
        level(now.came, LATELY) + (0 if now.open else 4),
        max(own or found),
        min(2, max(beside(world, now) for world in worlds)),
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


def new_ways(hops: list[Row]) -> list[int]:
    """The first use of each way on each day on which it was not known."""
    ways: set[tuple[int, ...]] = set()
    first = []
    for number, now in enumerate(hops):
        way = (place(now.src), now.account, now.dst, now.day)
        if now.src != now.dst and fresh(hops, now) and way not in ways:
            first.append(number)
        ways.add(way)
    return first


def column(hops: list[Row], name: str) -> Numbers:
    return np.array([getattr(row, name) for row in hops], np.int64)


def respects(hops: list[Row]) -> Respects:
    src = column(hops, "src")
    dst, account, key, day, time, since, key_since, came, walk = (
        column(hops, name) for name in ("dst", "account", "key", "day", "time", "since", "key_since", "came", "walk")
    )
    is_open = column(hops, "open").astype(np.bool_)
    return Respects(src, np.minimum(src, 3), dst, account, key, day, time, since, key_since, came, is_open, walk)


@given(rows, imagined)
def test_what_is_looked_at_is_that_of_who_looks_at_every_earlier_hop(hops: list[Row], feared: list[Row]) -> None:
    found = oddness(respects(hops), column(hops, "known_from"), respects(feared))
    first = new_ways(hops)
    uses = [hops[number] for number in first]
    assert found.rows.tolist() == first
    assert [tuple(each) for each in found.values.tolist()] == [values(hops, uses, now) for now in uses]
    assert found.day.tolist() == [now.day for now in uses]
    assert found.values.max(initial=0) < LEVELS
    for number in range(len(first)):  # every value has a sentence, or says nothing
        found.reasons(number, account="ann", src="web1", dst="db1")


@settings(max_examples=20, deadline=None)
@given(rows, imagined, st.integers(0, 20))
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
    hops = [
        Row(0, 0, 1, 0, key=1),
        Row(1, 0, 1, 1, known_from=1),
        Row(1, 1, 2, 0, key=1, since=GONE[0], known_from=1, moment=HOUR, came=1, open=True),
    ]
    asked = respects(hops)
    found = oddness(asked, asked.day, respects([]))
    assert found.reasons(2, account="ann", src="web1", dst="db1") == [
        "ann never came from web1 before",
        "nobody went from web1 to db1 before",
        "ann was never on db1 before",
        "ann had no session on web1, the last one had ended within the week before",
        "the key never came from web1 before",
        "somebody had come to web1 within the quarter of an hour before, and was there",
        "it goes on from a new way of somebody else of the hour before",
    ]


def test_an_imagined_hop_stands_among_those_of_its_own_walk_as_well() -> None:
    """Two walks that go on look like one who goes on; two that do not, do not."""
    past = [Row(day, 0, 1, 0, known_from=day) for day in range(6)]
    feared = [
        Row(day, *way, walk=2 * day + apart * number, moment=number * HOUR // 2)
        for day in (1, 2, 3, 4, 5)
        for apart in (0,)
        for number, way in enumerate(((3, 1, 1), (1, 2, 2)))
    ]
    apart = [one._replace(walk=2 * one.day + one.moment // (HOUR // 2)) for one in feared]
    # somebody else's new way came to node 1 half an hour before this one, which nobody took before
    asked = [*past, Row(6, 3, 1, 1, known_from=6), Row(6, 1, 2, 2, known_from=6, moment=HOUR // 2)]
    judged = [
        oddness(respects(asked), column(asked, "known_from"), respects(some)).bits[-1] for some in (feared, apart)
    ]
    assert judged[0] >= judged[1]


def test_who_could_be_an_intruder_is_odder_than_who_could_not() -> None:
    """Two ways as rare as each other: the first as an intruder would take it, the second as nobody imagined."""
    past = [Row(day, 0, 1, account, known_from=day) for day in range(12) for account in range(day)]
    stolen = Row(12, 1, 2, 0, since=GONE[0], known_from=12)
    strange = Row(12, 1, 2, 20, since=NEVER, known_from=12)
    feared = [Row(day, 1, 2, 0, since=GONE[0], walk=day) for day in range(2, 12) for _ in range(10)]
    hops = [*past, stolen, strange]
    bits = oddness(respects(hops), column(hops, "known_from"), respects(feared)).bits
    assert bits[-2] > bits[-1] + 1
