"""How good a ranked list of alerts is, against attacks that are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from graphmap.simulate.options import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BUDGETS = (1, 2, 5, 10, 20)
"""False alerts a day, and alerts a day, at which detection is told."""
FIRST = (10, 50, 100)
"""Lengths of the top of the list whose precision is told."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that an analyst is shown.

    Parameters
    ----------
    name
        Its id; among equal scores the order of ids decides, which are to be hashes, so that it means nothing.
    score
        The higher, the earlier it is read.
    time
        When it could be told, us since 1970: the start of its last hop.
    shows
        The attacks of which it shows a line, each with the moment of the first such logon.
    purity
        Share of its hops that are an intruder's.
    clear
        Whether it is told where nobody says how much is wanted: of stories, whether they weigh `least_bits`.
    """

    name: str
    score: float
    time: int
    shows: dict[str, int]
    purity: float = 1.0
    clear: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """An attack as far as the figures need it; `start` in us since 1970."""

    id: str
    family: str
    stealth: str
    start: int


@dataclass(frozen=True, slots=True)
class Span:
    """The time that counts: alerts from `begin` on, no attacks from `clean` on; us since 1970."""

    begin: int
    clean: int
    end: int

    @property
    def days(self) -> float:
        """Its length."""
        return (self.end - self.begin) / DAY

    @property
    def clean_days(self) -> float:
        """Length of the part without attacks."""
        return (self.end - self.clean) / DAY


@dataclass(frozen=True, slots=True)
class AtBudget:
    """What is found when alerts are read from the top until so many false ones a day were read.

    `alerts`, `false` and `clean` are a day (the last of false ones, in the time in which no attack begins). `stories`
    are alerts for each attack that was found, `hours` from its start to the first of its logons that an alert shows
    (the median), `purity` the mean share of an intruder's hops in alerts that show one.
    """

    budget: int
    found: frozenset[str]
    detection: float
    alerts: float
    false: float
    clean: float
    stories: float
    hours: float
    purity: float


class AtDefault(NamedTuple):
    """What is found when all alerts are read that are told by default. Means as those of `AtBudget`."""

    found: frozenset[str]
    detection: float
    alerts: float
    false: float
    clean: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one ranked list.

    `daily` is the detection when the best N alerts of each day are read, `default` what is found by those that are told
    by default.
    """

    name: str
    attacks: int
    alerts: float
    clean: float
    ceiling: float
    average_precision: float
    precision_at: dict[int, float]
    at: dict[int, AtBudget]
    daily: dict[int, float]
    default: AtDefault
    groups: dict[tuple[str, str], tuple[int, int]]
    """Found at 5 false alerts a day, and all, by family and stealth."""


def measure(name: str, alerts: Sequence[Alert], attacks: Sequence[Known], span: Span) -> Figures:
    """Work out the figures of a list of alerts; those from before the span do not count."""
    ranked = sorted((a for a in alerts if span.begin <= a.time < span.end), key=lambda a: (-a.score, a.name))
    share = _share(attacks)
    at = {budget: _at_budget(budget, ranked, attacks, span) for budget in BUDGETS}
    middle = at[5].found
    return Figures(
        name=name,
        attacks=len(attacks),
        alerts=len(ranked) / span.days,
        clean=sum(a.time >= span.clean and not a.shows for a in ranked) / span.clean_days if span.clean_days else 0.0,
        ceiling=share(_shown(ranked)),
        average_precision=average_precision(ranked, attacks),
        precision_at={n: sum(bool(a.shows) for a in ranked[:n]) / n for n in FIRST},
        at=at,
        daily={budget: share(_shown(_best_of_days(ranked, budget))) for budget in BUDGETS},
        default=_at_default([alert for alert in ranked if alert.clear], attacks, span),
        groups=_groups(attacks, middle),
    )


def average_precision(ranked: Sequence[Alert], attacks: Sequence[Known]) -> float:
    """Mean over the attacks of the precision of the list down to the first alert that shows it; 0 where none does."""
    seen: set[str] = set()
    right, total = 0, 0.0
    for number, alert in enumerate(ranked, 1):
        right += bool(alert.shows)
        fresh = set(alert.shows) - seen
        total += len(fresh) * right / number
        seen |= fresh
    return total / len(attacks) if attacks else 0.0


def _share(attacks: Sequence[Known]) -> Callable[[frozenset[str]], float]:
    return lambda found: len(found) / len(attacks) if attacks else 0.0


def _shown(alerts: Sequence[Alert]) -> frozenset[str]:
    return frozenset(attack for alert in alerts for attack in alert.shows)


def _at_budget(budget: int, ranked: Sequence[Alert], attacks: Sequence[Known], span: Span) -> AtBudget:
    read: list[Alert] = []
    false = 0
    for alert in ranked:
        if not alert.shows:
            if false + 1 > budget * span.days:
                break
            false += 1
        read.append(alert)
    found = _shown(read)
    starts = {attack.id: attack.start for attack in attacks}
    first: dict[str, int] = {}
    for alert in read:
        for attack, moment in alert.shows.items():
            first[attack] = min(first.get(attack, moment), moment)
    right = [alert for alert in read if alert.shows]
    clean = sum(alert.time >= span.clean and not alert.shows for alert in read)
    return AtBudget(
        budget=budget,
        found=found,
        detection=_share(attacks)(found),
        alerts=len(read) / span.days,
        false=false / span.days,
        clean=clean / span.clean_days if span.clean_days else 0.0,
        stories=len(right) / len(found) if found else 0.0,
        hours=median((first[a] - starts[a]) / HOUR for a in found) if found else 0.0,
        purity=sum(alert.purity for alert in right) / len(right) if right else 0.0,
    )


def _at_default(read: Sequence[Alert], attacks: Sequence[Known], span: Span) -> AtDefault:
    found = _shown(read)
    false = [alert for alert in read if not alert.shows]
    return AtDefault(
        found=found,
        detection=_share(attacks)(found),
        alerts=len(read) / span.days,
        false=len(false) / span.days,
        clean=sum(alert.time >= span.clean for alert in false) / span.clean_days if span.clean_days else 0.0,
    )


def _best_of_days(ranked: Sequence[Alert], budget: int) -> list[Alert]:
    """The first alerts of each day."""
    taken: Counter[int] = Counter()
    best = []
    for alert in ranked:
        day = alert.time // DAY
        taken[day] += 1
        if taken[day] <= budget:
            best.append(alert)
    return best


def _groups(attacks: Sequence[Known], found: frozenset[str]) -> dict[tuple[str, str], tuple[int, int]]:
    every = Counter((attack.family, attack.stealth) for attack in attacks)
    right = Counter((attack.family, attack.stealth) for attack in attacks if attack.id in found)
    return {group: (right[group], number) for group, number in sorted(every.items())}


def averaged(every: Sequence[Figures]) -> Figures:
    """Mean figures of one rule over several enterprises; attacks are added up, and which were found is not told."""

    def mean(value: Callable[[Figures], float]) -> float:
        return sum(map(value, every)) / len(every)

    def at(budget: int) -> AtBudget:
        points = [one.at[budget] for one in every]
        names = [f.name for f in fields(AtBudget) if f.name not in {"budget", "found"}]
        means = {name: sum(getattr(point, name) for point in points) / len(points) for name in names}
        return AtBudget(budget=budget, found=frozenset(), **means)

    groups: dict[tuple[str, str], tuple[int, int]] = {}
    for one in every:
        for group, (found, number) in one.groups.items():
            before = groups.get(group, (0, 0))
            groups[group] = (before[0] + found, before[1] + number)

    def default() -> AtDefault:
        _, *columns = zip(*(one.default for one in every), strict=True)
        return AtDefault(frozenset(), *(sum(values) / len(values) for values in columns))

    return Figures(
        name=every[0].name,
        attacks=sum(one.attacks for one in every),
        alerts=mean(lambda one: one.alerts),
        clean=mean(lambda one: one.clean),
        ceiling=mean(lambda one: one.ceiling),
        average_precision=mean(lambda one: one.average_precision),
        precision_at={n: sum(one.precision_at[n] for one in every) / len(every) for n in FIRST},
        at={budget: at(budget) for budget in BUDGETS},
        daily={budget: sum(one.daily[budget] for one in every) / len(every) for budget in BUDGETS},
        default=default(),
        groups=dict(sorted(groups.items())),
    )
