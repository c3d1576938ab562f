"""The figures of a ranked list, compared with a slow and obvious count."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from graphmap.simulate.metrics import BUDGETS, Alert, AtDefault, Known, Span, averaged, measure
from graphmap.simulate.options import DAY, HOUR

SPAN = Span(begin=10 * DAY, clean=16 * DAY, end=18 * DAY)
ATTACKS = [
    Known("a", "spray", "none", 11 * DAY),
    Known("b", "spray", "both", 12 * DAY),
    Known("c", "tunnel", "none", 13 * DAY),
]


def _alert(name: str, score: float, day: float, *attacks: str, purity: float = 1.0) -> Alert:
    time = int(day * DAY)
    return Alert(name, score, time, dict.fromkeys(attacks, time), purity)


def test_the_figures_of_a_small_list() -> None:
    alerts = [
        _alert("old", 99, 9.5, "a"),  # of the history: does not count
        _alert("1", 9, 11.5, "a", purity=0.5),
        _alert("2", 8, 12.5),
        _alert("3", 7, 12.6, "a", "b"),
        _alert("4", 6, 17.0),
        *(_alert(f"5{n:02}", 5, 14.0) for n in range(40)),
        _alert("6", 4, 13.5, "c"),
    ]
    figures = measure("x", alerts, ATTACKS, SPAN)
    assert figures.alerts == 45 / 8
    assert figures.clean == 1 / 2
    assert figures.ceiling == 1.0
    assert figures.average_precision == (1 / 1 + 2 / 3 + 3 / 45) / 3
    assert figures.precision_at == {10: 2 / 10, 50: 3 / 50, 100: 3 / 100}
    at = figures.at[5]  # 40 false alerts in 8 days; the 41st stands before the alert that shows c
    assert at.found == {"a", "b"}
    assert (at.detection, at.alerts, at.false, at.clean) == (2 / 3, 42 / 8, 40 / 8, 1 / 2)
    assert (at.stories, at.hours, at.purity) == (2 / 2, (12 + 14.4) / 2, 0.75)
    assert figures.at[10].found == {"a", "b", "c"}
    assert (figures.daily[1], figures.daily[2]) == (2 / 3, 1.0)  # the best of the 12th is none
    assert figures.groups == {("spray", "both"): (1, 1), ("spray", "none"): (1, 1), ("tunnel", "none"): (0, 1)}


def test_what_is_found_by_those_that_are_told_by_default() -> None:
    told, faint = _alert("1", 9, 11.5, "a"), [_alert("2", 8, 12.5, "b"), _alert("3", 7, 17.0)]
    wrong = [_alert("4", 6, 14.0), _alert("5", 5, 17.5), _alert("old", 9, 9.0)]
    default = measure("x", [told, *wrong, *(replace(one, clear=False) for one in faint)], ATTACKS, SPAN).default
    assert default == AtDefault(frozenset("a"), 1 / 3, 3 / 8, 2 / 8, 1 / 2)


def test_nothing_found_and_nothing_to_find() -> None:
    nothing = measure("x", [], ATTACKS, SPAN)
    assert (nothing.ceiling, nothing.average_precision, nothing.at[5].hours) == (0, 0, 0)
    assert measure("x", [_alert("1", 1, 12)], [], SPAN).at[5].detection == 0


def test_means_of_several_enterprises() -> None:
    good = measure("x", [_alert(name, 5, 15, name) for name in "abc"], ATTACKS, SPAN)
    bad = measure("x", [_alert("n", 5, 15)], ATTACKS[:1], SPAN)
    both = averaged([good, bad])
    assert (both.attacks, both.alerts, both.ceiling, both.average_precision) == (4, 2 / 8, 0.5, 0.5)
    assert both.at[5].detection == 0.5
    assert both.default == AtDefault(frozenset(), 0.5, 2 / 8, 1 / 8 / 2, 0.0)
    assert both.at[5].hours == (72 + 0) / 2  # the median of 4, 3 and 2 days, and nothing
    assert both.groups == {("spray", "both"): (1, 1), ("spray", "none"): (1, 2), ("tunnel", "none"): (1, 1)}


alerts_drawn = st.lists(
    st.tuples(st.integers(0, 4), st.integers(9 * 24, 19 * 24), st.sets(st.sampled_from("abc"), max_size=2)), max_size=60
)


@given(alerts_drawn)
def test_figures_are_those_of_the_twin(drawn: list[tuple[int, int, set[str]]]) -> None:
    alerts = [
        Alert(f"{n:03}", score, hour * HOUR, dict.fromkeys(sorted(shown), hour * HOUR))
        for n, (score, hour, shown) in enumerate(drawn)
    ]
    figures = measure("x", alerts, ATTACKS, SPAN)
    counted = [alert for alert in alerts if 10 * 24 * HOUR <= alert.time < 18 * 24 * HOUR]
    counted.sort(key=lambda alert: (-alert.score, alert.name))
    precision = 0.0
    for attack in "abc":
        places = [n for n, alert in enumerate(counted, 1) if attack in alert.shows]
        if places:
            precision += sum(bool(alert.shows) for alert in counted[: places[0]]) / places[0]
    assert abs(figures.average_precision - precision / 3) < 1e-12
    for budget in BUDGETS:
        best: set[str] = set()
        for length in range(len(counted) + 1):
            if sum(not alert.shows for alert in counted[:length]) <= 8 * budget:
                best = {attack for alert in counted[:length] for attack in alert.shows}
        assert figures.at[budget].found == best
        read = set()
        for day in range(10, 18):
            of_day = [alert for alert in counted if alert.time // DAY == day][:budget]
            read |= {attack for alert in of_day for attack in alert.shows}
        assert figures.daily[budget] == len(read) / 3
