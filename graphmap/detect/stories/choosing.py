"""Which stories are worth telling: by their score, a false discovery rate, and so many a day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from graphmap.detect.stories.merging import BEGINNING
from graphmap.detect.stories.weighing import MONTH, sayable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from graphmap.model import Story


class Chosen(NamedTuple):
    """Stories that are worth telling, and those that are not, by why; each story is in one of them.

    Parameters
    ----------
    told, apart
        What is told; `apart` those without a p-value, where a false discovery rate was asked for.
    faint
        They weigh less than was asked for.
    chance
        The rate takes them for chance.
    surplus
        On each day so many were better.
    """

    told: list[Story]
    apart: list[Story]
    faint: list[Story]
    chance: list[Story]
    surplus: list[Story]

    @property
    def every(self) -> list[Story]:
        """All that are told."""
        return [*self.told, *self.apart]


class Discovered(NamedTuple):
    """What a false discovery rate lets through. `apart` are stories that have no p-value: it says nothing of them."""

    told: list[Story]
    apart: list[Story]
    held: list[Story]


def choose(
    stories: Sequence[Story], *, least_bits: float, rate: float | None = None, per_day: int | None = None
) -> Chosen:
    """Choose the stories that are worth telling.

    Parameters
    ----------
    stories
        All that there are, the first to read first.
    least_bits
        The least score of those that are told. Of a story with less than 30 days of past no more than a detector says
        that speaks for the first time in so many days (`sayable`): on the first day of logs all are told.
    rate
        A false discovery rate (`discovered`), judged over all stories, faint ones too; None for no such bound.
    per_day
        The best so many of each day (`best_of_days`) among those that the others let through; None for all.

    Returns
    -------
    Chosen, each list in the order in which stories come.
    """
    found = discovered(stories, rate) if rate is not None else Discovered(list(stories), [], [])
    told, apart, chance = ([story for story in some if is_clear(story, least_bits)] for some in found)
    every = [*told, *apart]
    best = {story.id for story in (every if per_day is None else best_of_days(every, per_day))}
    return Chosen(
        told=[story for story in told if story.id in best],
        apart=[story for story in apart if story.id in best],
        faint=[story for story in stories if not is_clear(story, least_bits)],
        chance=chance,
        surplus=[story for story in every if story.id not in best],
    )


def is_clear(story: Story, least_bits: float) -> bool:
    """Whether a story weighs so many bits; in the first month, whether as many as its past lets a detector say."""
    return story.score >= (least_bits if story.past >= MONTH.days else min(least_bits, round(sayable(story.past), 6)))


def discovered(stories: Sequence[Story], rate: float) -> Discovered:
    """Choose by the procedure of Benjamini and Hochberg (1995), in the order in which stories come.

    Parameters
    ----------
    stories
        All that were judged. Those with a p-value are the hypotheses, so stories that a detector with p-values did
        not find worth telling are not counted: the rate is that among what detectors told.
    rate
        The share of false ones among those that are told, at most, in expectation: ``0 < rate < 1``. It holds where
        p-values are independent or depend positively (Benjamini and Yekutieli 2001).
    """
    p_values = sorted(story.p_value for story in stories if story.p_value is not None)
    passing = [p for place, p in enumerate(p_values, 1) if p <= rate * place / len(p_values)]
    bound = max(passing, default=-1.0)
    found = Discovered([], [], [])
    for story in stories:
        some = found.apart if story.p_value is None else found.told if story.p_value <= bound else found.held
        some.append(story)
    return found


def best_of_days(stories: Sequence[Story], number: int) -> list[Story]:
    """The first `number` stories of each UTC day, in the order in which they come.

    A story is of the day of its last logon: then it could be told whole. One of which nothing says when is of a day
    of its own.
    """
    count: Counter[date] = Counter()
    chosen = []
    for story in stories:
        day = told_at(story).date()
        count[day] += 1
        if count[day] <= number:
            chosen.append(story)
    return chosen


def told_at(story: Story) -> datetime:
    """The start of its last logon; the last moment of its evidence where it has none."""
    return max((hop.start for hop in story.hops), default=story.last or BEGINNING)
