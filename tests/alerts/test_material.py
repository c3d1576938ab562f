from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.alerts import gist_of, news, wait_before
from graphmap.alerts.material import RANK, gist_from_text
from graphmap.model import Finding, Severity, Witness
from tests.alerts.findings import FINDING, HOP, SECOND

WAY = "vault -> safe as root (ssh)"
ON = replace(SECOND, src="vault", dst="safe")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (replace(FINDING, severity=Severity.CRITICAL), ("severity raised from high to critical",)),
        (
            replace(FINDING, hops=(HOP, SECOND, ON), hosts=(*FINDING.hosts, "safe")),
            ("new hosts: safe", f"new ways: {WAY}"),
        ),
        (replace(FINDING, hops=(HOP, replace(SECOND, service="rdp"))), ("new ways: app1 -> vault as root (rdp)",)),
        (replace(FINDING, users=("root", "eve")), ("new accounts: eve",)),
        (
            replace(FINDING, hosts=tuple(f"h{n}" for n in range(7))),
            ("new hosts: h0, h1, h2, h3, h4 and 2 more",),
        ),
    ],
)
def test_material_changes(after: Finding, said: tuple[str, ...]) -> None:
    assert news(gist_of(FINDING), after) == said


@pytest.mark.parametrize(
    "after",
    [
        FINDING,
        replace(FINDING, severity=Severity.LOW),
        replace(FINDING, score=4.500001),
        replace(FINDING, score=99.0),
        replace(FINDING, title="other words", why=("other", "reasons")),
        replace(FINDING, hosts=("app1",), users=(), hops=(HOP,)),
        replace(FINDING, lines=()),
        replace(FINDING, hops=(HOP, replace(SECOND, start=SECOND.start + timedelta(days=1), certainty=0.1))),
        replace(FINDING, hops=(HOP, replace(SECOND, witnesses=(Witness.NETWORK,), method="password", key=None))),
    ],
)
def test_changes_that_are_not_material(after: Finding) -> None:
    assert news(gist_of(FINDING), after) == ()


FINDINGS = st.builds(
    lambda severity, hosts, users, dst: replace(
        FINDING, severity=severity, hosts=tuple(hosts), users=tuple(users), hops=(replace(HOP, dst=dst),)
    ),
    st.sampled_from(list(Severity)),
    st.lists(st.sampled_from("abc")),
    st.lists(st.sampled_from("uv")),
    st.sampled_from("xyz"),
)


@given(st.lists(FINDINGS, min_size=1, max_size=8))
def test_nothing_is_told_twice_however_a_finding_changes_to_and_fro(states: list[Finding]) -> None:
    """Whatever was told once is in the gist; so the number of tellings is bounded, and a known state says nothing."""
    gist = gist_of(states[0])
    for state in states[1:]:
        changed = bool(news(gist, state))
        grown = gist | gist_of(state)
        assert changed == (grown != gist)
        gist = grown
    assert all(news(gist, state) == () for state in states)
    assert gist_from_text(gist.text()) == gist
    assert RANK[gist.severity] == max(RANK[state.severity] for state in states)


def test_back_off_grows_to_an_hour_with_jitter() -> None:
    waits = [[wait_before(attempts).total_seconds() for _ in range(200)] for attempts in range(1, 12)]
    most = [min(3600, 30 * 2**n) for n in range(11)]
    assert all(limit / 2 <= wait <= limit for limit, row in zip(most, waits, strict=True) for wait in row)
    assert all(len(set(row)) > 100 for row in waits)
    assert all(max(a) <= max(b) * 2 for a, b in pairwise(waits))


@pytest.mark.parametrize(("asked", "least", "most"), [(0, 15, 30), (5, 15, 30), (120, 120, 120), (1e9, 86400, 86400)])
def test_a_receiver_that_asks_for_time_gets_it(asked: float, least: float, most: float) -> None:
    assert least <= wait_before(1, asked).total_seconds() <= most


def test_the_thousandth_attempt_still_has_a_wait() -> None:
    assert wait_before(100_000).total_seconds() <= 3600
