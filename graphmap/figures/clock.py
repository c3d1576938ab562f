"""A time axis on which long idle times are short: what took minutes on two days can be read beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmap.figures.text import length
from graphmap.figures.theme import see_through

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphmap.figures.theme import Theme

IDLE = timedelta(hours=1)
"""Least time in which nothing happens that is cut short."""

SHARE = 0.1
"""Least part of the whole time that it takes: of days, an hour is not much."""

WIDTH = 0.08
"""What is drawn of it, as a part of all the time that is not idle."""

LEAST = timedelta(seconds=2)
"""The same at least."""

TICK = 80
"""Least pixels between two moments that are written at the axis."""


STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
)
"""Of the moments that are written: as people part time."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Gap(NamedTuple):
    """An idle time, and how much of it is drawn."""

    start: datetime
    end: datetime
    drawn: timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Where moments stand on the axis. Its idle times are in order, and share no moment."""

    gaps: tuple[Gap, ...] = ()

    @classmethod
    def of(cls, moments: Iterable[datetime]) -> Clock:
        """The clock that cuts short what is idle between these moments. Cost: O(n log n)."""
        ordered = sorted(set(moments))
        whole = ordered[-1] - ordered[0] if ordered else timedelta()
        spans = [(start, end) for start, end in pairwise(ordered) if end - start > max(IDLE, SHARE * whole)]
        busy = whole - sum((end - start for start, end in spans), timedelta())
        return cls(tuple(Gap(start, end, max(WIDTH * busy, LEAST)) for start, end in spans))

    def at(self, moment: datetime) -> datetime:
        """The place of a moment: earlier than itself by what is cut out before it."""
        cut = timedelta()
        for start, end, drawn in self.gaps:
            part = min(max((moment - start) / (end - start), 0.0), 1.0)
            cut += part * (end - start - drawn)
        return moment - cut

    def ticks(self, begin: datetime, end: datetime, scale: float) -> dict[str, Any]:
        """What is written at the axis, as Plotly has it; nothing of its own where no time is cut short.

        Parameters
        ----------
        begin, end
            Places, as `at` gives them.
        scale
            Pixels of a second.
        """
        if not self.gaps:
            return {}
        near = timedelta(seconds=TICK / scale)
        step = next((step for step in STEPS if step >= near), STEPS[-1])
        places: list[datetime] = []
        texts: list[str] = []
        back = end - self.at(self.gaps[-1].end)
        stretches = zip(
            [min(begin, self.gaps[0].start), *(gap.end for gap in self.gaps)],
            [*(gap.start for gap in self.gaps), self.gaps[-1].end + back],
            strict=True,
        )
        for start, until in stretches:
            even = start + (EPOCH - start) % step
            for moment in _every(even, until, step) if even <= until else (start,):
                if not places or self.at(moment) - places[-1] >= near:
                    places.append(self.at(moment))
                    texts.append(_tick(moment))
        return {"tickmode": "array", "tickvals": places, "ticktext": texts}

    def shapes(self, theme: Theme) -> Iterator[dict[str, Any]]:
        """A strip for each idle time."""
        for gap in self.gaps:
            yield {
                "type": "rect", "name": "idle", "xref": "x", "yref": "paper", "layer": "above",
                "x0": self.at(gap.start), "x1": self.at(gap.end), "y0": 0, "y1": 1,
                "fillcolor": see_through(theme.other, 0.14), "line": {"color": theme.other, "width": 1, "dash": "dot"},
            }  # fmt: skip

    def annotations(self, theme: Theme) -> Iterator[dict[str, Any]]:
        """How long each took."""
        for gap in self.gaps:
            lasted = gap.end - gap.start
            yield {
                "name": "idle", "xref": "x", "yref": "paper", "showarrow": False, "textangle": -90, "yanchor": "top",
                "x": self.at(gap.start + lasted / 2), "y": 0.98, "text": f"{length(lasted)} idle",
                "font": {"size": 10, "color": theme.muted},
            }  # fmt: skip


def _every(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += step


def _tick(moment: datetime) -> str:
    there = moment.astimezone(UTC)
    seconds = f":{there:%S}" if there.second else ""
    return f"{there:%H:%M}{seconds}<br>{there.day} {there:%b}"
