"""Odd hops become stories."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphmap.graph.stories import HOUR, Story, stories
from tests.estates import estate

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
