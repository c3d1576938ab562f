from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.detect.proxy_jump import ProxyJump
from graphmap.model import Finding, Severity
from tests.detect.signal_examples import CAME, EXAMPLES
from tests.detect.signals import Story, deeds, opened
from tests.detect.story import hop, hunted, lines

ONWARDS = "10:00:02.1 web1>db1 bob k until 10:29:00.1"
VERBOSE = opened("09:00:05.2", "ws1>web1", "ann", 50002)
ANN = "09:00:05.1 ws1>web1 ann password until 09:10:00.1"


def test_a_jump_into_a_restricted_segment() -> None:
    estate = EXAMPLES["proxy-jump"].estate()
    assert hunted(estate, ProxyJump()) == [
        Finding(
            id="f-0ff1ba497bd2",
            detector="proxy-jump",
            technique="T1090.001",
            severity=Severity.HIGH,
            score=2.0,
            title="ws2 jumps over web1 to db1 as bob",
            why=(
                "web1 accepted bob from ws2 and started no session, though it logs those",
                (
                    "web1 -> db1 as bob (publickey SHA256:k): 2.0 s later, while the session before was open (same key,"
                    " certainty 1)"
                ),
                "sessions open on web1 then: 1, so the jump is certain to 1",
                "db1 lies in a restricted segment",
            ),
            hosts=("ws2", "web1", "db1"),
            users=("bob",),
            hops=(hop(estate, 1), hop(estate, 2)),
            lines=lines(1, 4, 2, 5),
        )
    ]


@pytest.mark.parametrize(
    ("onwards", "severity"),
    [("10:00:02.1 web1>app1 bob k", Severity.LOW), ("10:00:02.1 web1>app1 root k", Severity.MEDIUM)],
)
def test_elsewhere_it_is_less_severe(onwards: str, severity: Severity) -> None:
    (found,) = hunted(Story([*deeds(CAME, onwards, ANN), VERBOSE]).estate(), ProxyJump())
    assert found.severity == severity


@pytest.mark.parametrize(
    ("told", "extra"),
    [
        pytest.param([CAME, ONWARDS], [], id="the host logs no sessions"),
        pytest.param([CAME, ONWARDS, ANN], [VERBOSE, opened("10:00:00.2", "ws2>web1", "bob", 50000)], id="a shell"),
        pytest.param([CAME, "10:00:31.1 web1>db1 bob k", ANN], [VERBOSE], id="later than the window"),
        pytest.param([CAME, ONWARDS, ANN, "08:00:00.1 web1>db1 bob k"], [VERBOSE], id="an old way"),
        pytest.param(
            ["10:00:02 ws2>web1 bob k until 10:30:00", "10:00:02 web1>db1 eve j", ANN],
            [VERBOSE],
            id="coincidence of a second",
        ),
        pytest.param([CAME.replace("10:30:00.1", "10:00:01.1"), ONWARDS, ANN], [VERBOSE], id="closed before"),
    ],
)
def test_silence(told: list[str], extra: list[str]) -> None:
    assert hunted(Story([*deeds(*told), *extra]).estate(), ProxyJump()) == []


def test_the_window_at_its_edge() -> None:
    story = Story([*deeds(CAME, "10:00:30.1 web1>db1 bob k", ANN), VERBOSE])
    assert len(hunted(story.estate(), ProxyJump())) == 1
    assert hunted(story.estate(), ProxyJump(window=timedelta(seconds=29))) == []


def test_other_sessions_make_it_less_certain() -> None:
    other = "09:59:00.1 ws1>web1 eve j until 10:30:00.1"
    story = Story([*deeds(CAME, ONWARDS, other, "09:00:05.1 ws1>web1 ann password until 09:10:00.1"),
                   opened("09:00:05.2", "ws1>web1", "ann", 50003), opened("09:59:00.2", "ws1>web1", "eve", 50002)])  # fmt: skip
    (found,) = hunted(story.estate(), ProxyJump())
    assert (found.score, found.why[2]) == (1.5, "sessions open on web1 then: 2, so the jump is certain to 0.5")


def test_what_goes_over_a_bastion_is_left_to_others() -> None:
    told = [
        deed
        for n in range(4)
        for deed in (
            f"10:0{n}:00.1 198.51.100.{n}>web1 u{n} k{n} until 10:0{n}:50.1",
            f"10:0{n}:01.1 web1>app1 u{n} k{n} until 10:0{n}:49.1",
        )
    ]
    story = Story([*deeds(*told, ANN), opened("09:00:05.2", "ws1>web1", "ann", 50008)])
    assert len(hunted(story.estate(), ProxyJump(bastion=3))) == 3


def twin(deeds: list[tuple[int, int, str, str, bool]]) -> set[tuple[str, str, str]]:
    """Source, middle and end of the jumps, told by looking at every pair of logons of one account."""
    uses = sorted(deeds)
    found, sources = set(), dict[str, set[str]]()
    ways: set[tuple[str, str]] = set()
    logs = {dst for _, _, _, dst, shell in uses if shell}
    for start, _, src, dst, _ in uses:
        way, (new, ways) = (src, dst), ((src, dst) not in ways, ways | {(src, dst)})
        if not new or src == dst:
            continue
        near = [
            one
            for one in uses
            if one[3] == src
            and one[0] < start <= one[0] + one[1]
            and start - one[0] <= 30
            and not one[4]
            and src in logs
        ]
        if near and near[-1][2] != dst:
            if len(sources.setdefault(src, set())) < 2:
                found.add((near[-1][2], *way))
            sources[src].add(near[-1][2])
    return found


HOSTS = st.sampled_from(["ws1", "ws2", "web1", "app1"])


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 59), st.integers(1, 40), HOSTS, HOSTS, st.booleans()),
        max_size=10,
        unique_by=lambda d: d[0],
    )
)
def test_every_pair_of_logons_says_the_same(told: list[tuple[int, int, str, str, bool]]) -> None:
    said = [
        f"10:00:{start:02}.1 {src}>{dst} bob k until 10:0{(start + length) // 60}:{(start + length) % 60:02}.1"
        for start, length, src, dst, _ in told
    ]
    shells = [
        opened(f"10:00:{start:02}.2", f"{src}>{dst}", "bob", 50000 + number)
        for number, (start, _, src, dst, shell) in enumerate(told)
        if shell
    ]
    found = Story([*deeds(*said), *shells]).estate().hunt([ProxyJump(bastion=2)])
    assert {one.hosts for one in found if len(one.hosts) == 3} == {one for one in twin(told) if len(set(one)) == 3}
