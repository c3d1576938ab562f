"""Profiles against a twin that looks back at every earlier logon, one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.detect.profiles import Profiles
from tests.detect.story import told

INVENTORY = """
    segments: [{name: office, cidrs: [10.0.1.0/24]}, {name: mgmt, cidrs: [10.0.2.0/24]}]
    hosts:
      - {name: dc1, roles: [dc], owner: own}
      - {name: dc2, roles: [domain-controller]}
      - {name: dc3, roles: [rodc]}
"""
SEGMENT = {"1": "office", "2": "mgmt", "9": ""}
HISTORY = timedelta(hours=3)
MIN_LOGONS = 2
GUARDED = 4
"""Hours."""


class Deed(NamedTuple):
    hour: int
    source: str
    host: str
    user: str
    how: str

    def told(self) -> str:
        return f"{self.hour:02}:00:00.1 {self.source}>{self.host} {self.user} {self.how}"

    def values(self) -> dict[str, str]:
        method = "password" if self.how == "password" else "publickey"
        key = "" if self.how == "password" else self.how
        segment = SEGMENT[self.source.split(".")[2]]
        return {
            "account": self.user,
            "source": self.source,
            "segment": segment,
            "method": method,
            "service": "ssh",
            "key": key,
        }


DEEDS = st.lists(
    st.builds(
        Deed,
        hour=st.integers(0, 20),
        source=st.sampled_from(["10.0.1.7", "10.0.2.7", "10.0.2.8", "10.0.9.9"]),
        host=st.sampled_from(["dc1", "dc2", "dc3"]),
        user=st.sampled_from(["adm", "eve", "own"]),
        how=st.sampled_from(["k", "j", "password"]),
    ),
    max_size=14,
    unique_by=lambda deed: (deed.hour, deed.host),
).map(lambda deeds: sorted(deeds, key=lambda deed: deed.hour))


def weights(deeds: list[Deed], number: int, shown: set[int]) -> dict[str, float]:
    """What is new in a logon, by its definition; empty where nothing can be judged. `shown` are known late."""
    deed = deeds[number]
    past = [one for one in deeds if one.hour < deed.hour]
    here, elsewhere = ([one for one in past if (one.host == deed.host) is same] for same in (True, False))
    others = {one.host for one in elsewhere}
    long_enough = [bool(some) and deed.hour - some[0].hour >= HISTORY.seconds // 3600 for some in (here, past)]
    learned = len(here) >= MIN_LOGONS and long_enough[0]
    by_class = bool(others) and len(elsewhere) >= MIN_LOGONS and long_enough[1]
    if not learned and not by_class:
        return {}
    found: dict[str, float] = {}
    new: set[str] = set()
    for name, value in deed.values().items():
        first = {
            one.host: place for place, one in reversed([*enumerate(deeds)]) if one.values()[name] == value
        }  # fmt: skip
        peers = {
            host
            for host, place in first.items()
            if host != deed.host and deeds[place].hour + (GUARDED if place in shown else 0) < deed.hour
        }
        known = any(one.values()[name] == value for one in here) or not value
        mine = name == "account" and (deed.host, deed.user) == ("dc1", "own")
        if not (known or mine or (not learned and peers)):
            new.add(name)
            found[name] = 1 - len(peers) / max(len(others), 1)
    for name, wider in (("source", "segment"), ("key", "account")):
        if name in found and wider not in new:
            found[name] /= 2
    return {name: weight for name, weight in found.items() if weight}


@settings(max_examples=40)
@given(DEEDS)
def test_profiles_are_what_looking_back_says(deeds: list[Deed]) -> None:
    found = told(*(deed.told() for deed in deeds), inventory=INVENTORY).hunt(
        [Profiles(min_logons=MIN_LOGONS, history=HISTORY, guarded=timedelta(hours=GUARDED))]
    )
    before = {number for number in range(len(deeds)) if sum(weights(deeds, number, set()).values()) >= 1}
    expected = [(number, weights(deeds, number, before)) for number in range(len(deeds))]
    assert sorted((one.lines[0].line, one.score, one.title.partition(": new ")[2]) for one in found) == [
        (number + 1, round(sum(said.values()), 6), ", ".join(said))
        for number, said in expected
        if sum(said.values()) >= 1
    ]
