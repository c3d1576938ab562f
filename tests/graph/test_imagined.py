"""What imagined intruders do is what the past lets them do."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.graph.imagined import STEPS, WALKS, imagine
from graphmap.graph.respects import DAY, EXPOSED, MONTH, Respects
from tests.estates import estate

if TYPE_CHECKING:
    from graphmap.pipeline.estate import Estate

HOSTS = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3", "d": "10.0.0.4"}
INVENTORY = "hosts: [" + ", ".join(f"{{name: {name}, addresses: [{ip}]}}" for name, ip in HOSTS.items()) + "]"
LINE = "{date}T10:{n:02}:00.5+00:00 {dst} sshd[{n}]: Accepted {how} for {user} from {src} port {n} ssh2\n"

FIRST = date(2026, 3, 1)

Logon = tuple[int, str, str, str, bool]
"""Day, source, destination, account, whether with a key (which all of an account share)."""


class Hop(NamedTuple):
    """A hop by names; `by` is the credential."""

    day: int
    src: str
    dst: str
    user: str
    by: str


def written(logons: list[Logon]) -> Estate:
    text = ""
    for number, (day, src, dst, user, keyed) in enumerate(sorted(logons)):
        how, key = ("publickey", f": ED25519 SHA256:{user}") if keyed else ("password", "")
        when = FIRST + timedelta(days=day)
        line = LINE.format(date=when, n=number, dst=dst, how=how, user=user, src=HOSTS.get(src, src))
        text += line.replace(" ssh2\n", f" ssh2{key}\n")
    return estate(text, inventory=INVENTORY)


def hops_of(logons: list[Logon]) -> list[Hop]:
    begin = min((day for day, *_ in logons), default=0)
    return [Hop(day - begin, src, dst, user, f"{keyed}{user}") for day, src, dst, user, keyed in logons]


def imagined(made: Estate) -> tuple[list[Hop], Respects]:
    index = made.index
    found = imagine(index, Respects.of(index, made.table.column("basis")))
    columns = (found.day, found.src, found.dst, found.account, found.key)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        Hop(day, index.names.hosts[src], index.names.hosts[dst], index.names.accounts[who], f"{key >= 0}{index.names.accounts[who]}")
        for day, src, dst, who, key in rows
    ], found  # fmt: skip


logons = st.lists(
    st.tuples(
        st.integers(0, 40), st.sampled_from("abcd"), st.sampled_from("abcd"), st.sampled_from("uv"), st.booleans()
    ).filter(lambda one: one[1] != one[2]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=10, deadline=None)
@given(logons)
def test_an_intruder_holds_what_came_in_and_goes_where_it_was_accepted(some: list[Logon]) -> None:
    known = hops_of(some)
    found, _ = imagined(written(some))
    counts: defaultdict[int, int] = defaultdict(int)
    for hop in found:
        counts[hop.day] += 1
        taken = [one for one in known if hop.day - EXPOSED <= one.day < hop.day and one.by == hop.by]
        assert taken
        assert any(hop.day - MONTH <= one.day < hop.day and (one.dst, one.by) == (hop.dst, hop.by) for one in known)
        assert hop.src != hop.dst
    assert all(count <= WALKS * STEPS for count in counts.values())
    assert all(before.day <= after.day for before, after in pairwise(found))


@settings(max_examples=10, deadline=None)
@given(logons, st.integers(0, 40))
def test_later_logons_change_nothing_of_what_was_imagined(some: list[Logon], until: int) -> None:
    """They may bring new names, so that all numbers change: the hops are those of the same names nevertheless."""
    begin = min(day for day, *_ in some)
    early = [one for one in some if one[0] <= max(until, begin)]
    late = imagined(written(some))[0]
    last = max(day for day, *_ in early) - begin
    assert imagined(written(early))[0] == [hop for hop in late if hop.day <= last]


def test_a_desk_on_which_nobody_logs_in_gives_what_left_it() -> None:
    """u leaves a for b and c; nobody ever came to a. Who holds a is u, with u's key."""
    found, respects = imagined(written([(day, "a", dst, "u", True) for day in (0, 1, 2) for dst in "bc"]))
    assert {hop for hop in found if hop.src == "a"} >= {Hop(1, "a", "b", "u", "Trueu"), Hop(1, "a", "c", "u", "Trueu")}
    assert np.asarray(respects.day).max() == 2
    assert respects.since[[hop.src == "a" for hop in found]].min() > DAY  # nobody ever had a session there


def test_without_a_past_nobody_is_imagined() -> None:
    assert imagined(written([(0, "a", "b", "u", True)]))[0] == []
    assert imagined(written([(0, "198.51.100.7", "b", "u", True), (1, "198.51.100.7", "c", "v", True)]))[0] == []
