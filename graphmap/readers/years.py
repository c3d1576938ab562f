"""The year of stamps that have none (RFC 3164).

The order of the lines tells where a year ends: a step of more than half a year back is the next year, and one of more
than half a year ahead is the year before (newest line first, or a line that came late around New Year). Smaller steps
are disorder within the year. What is left to find is one year for the whole file.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Date = tuple[int | None, int, int]
"""Year (None where the stamp has none), month, day."""

_HALF_YEAR = 183
_SLACK = timedelta(days=1)
_LEAP_YEAR = 2000


class YearCounter:
    """Follows the dates of a log in file order.

    Parameters
    ----------
    base
        The year of the first date without a year.
    """

    def __init__(self, base: int = 0) -> None:
        self.year = base
        self.dated = False
        self._day: int | None = None

    def step(self, date: Date) -> int:
        """Take the next date of the log and give its year: its own, or the one nearest to the date before it."""
        year, month, day = date
        position = _position(month, day)
        if year is not None:
            self.year = year
            self.dated = True
        elif self._day is not None:
            self.year += (position - self._day < -_HALF_YEAR) - (position - self._day > _HALF_YEAR)
        self._day = position
        return self.year


def infer_base(dates: Iterable[Date], modified: datetime | None) -> int:
    """Infer the year of the first date without a year.

    Parameters
    ----------
    dates
        All dates of the log, in file order; the first one has no year.
    modified
        When the log was last written; now where None.

    Returns
    -------
    int
        A date with a year near the dates without one decides. Else the later end of the log is put into the latest
        year in which it is not after `modified` (and a day, for clocks and time zones that disagree) and in which
        every 29 February of the log exists.
    """
    counter = YearCounter()
    ends: list[tuple[int, int, int]] = []
    leaps: set[int] = set()
    for year, month, day in dates:
        if year is not None and ends:
            return year - counter.step((None, month, day))
        of_date = counter.step((year, month, day))
        if year is None:
            ends = [*ends[:1], (of_date, month, day)]
            if (month, day) == (2, 29):
                leaps.add(of_date)
    return _shift(max(ends), leaps, modified or datetime.now(UTC)) if ends else 0


def _shift(last: tuple[int, int, int], leaps: set[int], modified: datetime) -> int:
    limit = modified + _SLACK
    year, month, day = last
    shift = limit.year - year - ((month, day) > (limit.month, limit.day))
    fitting = (back for back in range(8) if all(calendar.isleap(leap + shift - back) for leap in leaps))
    return shift - next(fitting, 0)


def _position(month: int, day: int) -> int:
    """Give the day's place in a leap year, so that 29 February has one of its own."""
    return datetime(_LEAP_YEAR, month, day, tzinfo=UTC).timetuple().tm_yday
