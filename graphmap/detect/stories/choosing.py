"""Which stories are worth telling: a false discovery rate, or so many a day."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from graphmap.detect.stories.merging import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from graphmap.model import Story


class Discovered(NamedTuple):
    """What a false discovery rate lets through. `apart` are stories that have no p-value: it says nothing of them."""

    told: list[Story]
    apart: list[Story]
    held: list[Story]


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
