from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.detect.windows import bursts
from graphmap.detect.worm_relay import WormRelay
from graphmap.model import Finding, Severity
from tests.detect.scenes import BURST, ONWARD, SCENES
from tests.detect.story import hop, hunted, lines, told


def test_a_burst_goes_on_from_a_host_it_reached() -> None:
    deeds, options = SCENES["worm-relay"]
    estate = told(*deeds, **options)
    assert hunted(estate, WormRelay()) == [
        Finding(
            id="f-2501cc1dbfeb",
            detector="worm-relay",
            technique="T1021.004",
            severity=Severity.HIGH,
            score=2.584963,  # log2 of 6 hosts
            title="web1, reached by a burst from ws2, goes on to 3 hosts",
            why=(
                "ws2 went to 3 hosts where nobody had gone from there before: web1, app1, ws1",
                "600 s after it reached web1, that host went on in the same manner: h0, h1, h2",
                "ws2 -> web1 as bob (publickey SHA256:k): the chain starts here",
            ),
            hosts=("ws2", "web1", "h0", "h1", "h2"),
            users=("bob",),
            hops=tuple(hop(estate, number) for number in (1, 4, 5, 6)),
            lines=lines(1, 7, 4, 5, 6),
        )
    ]


def titles(*deeds: str, detector: WormRelay | None = None) -> list[str]:
    return [one.title for one in hunted(told(*deeds), detector or WormRelay())]


def test_three_generations_are_two_relays() -> None:
    third = [f"10:2{n}:00.1 10.9.9.1>{host} bob k" for n, host in enumerate(("x", "y", "z"))]
    assert len(titles(*BURST, *ONWARD, *third)) == 1  # nobody knows whose address that is
    third = [f"10:2{n}:00.1 app1>{host} bob k" for n, host in enumerate(("x", "y", "z"))]
    assert sorted(titles(*BURST, *ONWARD, *third)) == [
        "app1, reached by a burst from ws2, goes on to 3 hosts",
        "web1, reached by a burst from ws2, goes on to 3 hosts",
    ]


def test_into_a_restricted_segment_it_is_critical() -> None:
    onward = [deed.replace(">h0", ">db1") for deed in ONWARD]
    (found,) = hunted(told(*BURST, *onward), WormRelay())
    assert (found.severity, found.why[2]) == (Severity.CRITICAL, "in restricted segments: db1")


def test_silence() -> None:
    assert titles(*BURST) == []
    assert titles(*BURST[:2], *ONWARD) == []  # no burst before it
    assert titles(*BURST, *ONWARD[:2]) == []  # none after it
    late = [deed.replace("10:1", "11:1") for deed in ONWARD]
    assert titles(*BURST, *late) == []
    assert len(titles(*BURST, *late, detector=WormRelay(delay=timedelta(hours=2)))) == 1
    old = [f"09:0{n}:00.1 web1>h{n} bob k" for n in range(3)]
    assert titles(*old, *BURST, *ONWARD) == []  # ways that were taken before


def test_a_slow_worm_is_out_of_sight() -> None:
    """Evasion: one host in six minutes."""
    slow = [f"10:{10 + 6 * n}:00.1 web1>h{n} bob k" for n in range(3)]
    assert titles(*BURST, *slow) == []


TIMES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40)), max_size=14)


@settings(max_examples=80)
@given(TIMES, st.integers(1, 4), st.integers(0, 12))
def test_bursts_are_windows_that_share_elements(elements: list[tuple[int, int]], least: int, width: int) -> None:
    group, time = (np.array([one[n] for one in elements], np.int64) for n in range(2))
    order = sorted(range(len(elements)), key=lambda place: (*elements[place], place))
    runs: list[set[int]] = []
    for begin in range(len(order) - least + 1):
        window = order[begin : begin + least]
        first, last = elements[window[0]], elements[window[-1]]
        if first[0] == last[0] and last[1] - first[1] <= width:
            if runs and runs[-1] & set(window):
                runs[-1] |= set(window)
            else:
                runs.append(set(window))
    assert [set(run.tolist()) for run in bursts(group, time, least, width)] == runs
