"""Time stamps of log lines as UTC microseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from graphmap.readers.years import Date, YearCounter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SECOND = 1_000_000
_MIDNIGHTS = 4096

_MONTH_NAMES = (
    # English; German; French; Spanish; Italian; Portuguese; Russian: as strftime's %b gives them, without full stop
    ("jan", "jän", "janv", "ene", "gen", "янв"),
    ("feb", "févr", "fév", "fev", "фев"),
    ("mar", "mär", "mrz", "märz", "mars", "мар"),
    ("apr", "avril", "avr", "abr", "апр"),
    ("may", "mai", "mag", "maio", "май", "мая"),
    ("jun", "juni", "juin", "giu", "июн"),
    ("jul", "juli", "juil", "lug", "июл"),
    ("aug", "août", "aout", "ago", "авг"),
    ("sep", "sept", "set", "сен"),
    ("oct", "okt", "ott", "out", "окт"),
    ("nov", "ноя"),
    ("dec", "dez", "déc", "dic", "дек"),
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}

YEARLESS = r"[^\W\d_]{3,5}\.? {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
DATED = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d))?"

_YEARLESS = re.compile(
    r"([^\W\d_]{3,5})\.? {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?"  # Nov 20 21:01:21.5
)
_DATED = re.compile(  # 2026-11-20T21:01:21.505210+00:00
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d))?"
)
_TIME_OF_DAY = re.compile(  # 21:01:21.505210+00:00
    r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d))?$"
)
_NO_DAY = ("-", "", 0)  # "-" begins no stamp
_MINUTES = {f"{minute:02}": minute for minute in range(60)}
_HOURS = {f"{hour:02}": hour for hour in range(24)}
_DATES = re.compile(
    r"^(?:<\d{1,3}>)?(?:1 )?(?:([^\W\d_]{3,5}\.? {1,2}\d{1,2}(?: \d{4})?) |(\d{4}-\d\d-\d\d)[T ])\d\d:\d\d:\d\d",
    re.MULTILINE,
)


class Clock:
    """Reads the stamps of one log, in file order.

    Parameters
    ----------
    zone
        Of stamps without offset. In the hour that the clocks repeat in autumn the first pass is meant; a time that
        they skip in spring is read with the offset from before the change.
    base_year
        Gives the year of the first stamp without one. Called at most once, and not at all where every stamp has one.
    """

    def __init__(self, zone: tzinfo, base_year: Callable[[], int]) -> None:
        self._zone = zone
        self._base_year = base_year
        self._years = YearCounter()
        self._based = False
        self._last: tuple[str, int | None] = ("", None)
        self._day = _NO_DAY
        self._midnights: dict[tuple[tuple[int, int, int], timezone], int] = {}

    def read(self, stamp: str) -> int | None:
        """Give the time of a stamp of the shape `YEARLESS` or `DATED`, None for one that does not exist.

        Second 60 is a leap second and is read as the second after it, as POSIX time does.
        """
        if stamp == self._last[0]:
            return self._last[1]
        time = self._of_same_day(stamp)
        if time is None:
            time = self._dated(stamp) if stamp[0].isdigit() else self._yearless(stamp)
            self._keep_day(stamp, time)
        self._last = (stamp, time)
        return time

    def midnight(self, date: Date, offset: timezone | None) -> int | None:
        """Take the next date of the log, read by somebody else, and give the midnight that its times of day count from.

        Parameters
        ----------
        date
            Year (None where the stamp has none), month, day.
        offset
            Of the stamp; None where it has none.

        Returns
        -------
        int or None
            UTC microseconds; None for a day that does not exist or on which the offset changes: its stamps are for
            `read`.
        """
        self._last, self._day = ("", None), _NO_DAY
        stepped = self._step(date)
        zone = offset or self._zone
        if stepped is None or isinstance(zone, timezone):
            return self._at(stepped, 0, zone)
        hours = [_utc(stepped, hour * 3600 * SECOND, zone) for hour in range(25)]
        return hours[0] if hours[0] is not None and hours == _hours_from(hours[0]) else None

    def _of_same_day(self, stamp: str) -> int | None:
        """Read a stamp that differs from an earlier one in its time of day alone; None where it has to be parsed.

        This is for speed: a day has one midnight where the offset is fixed, and its year is known.
        """
        date, offset, midnight = self._day
        if not stamp.startswith(date):
            return None
        start = len(date)
        try:
            minutes = _HOURS[stamp[start : start + 2]] * 60 + _MINUTES[stamp[start + 3 : start + 5]]
            second = (minutes * 60 + _MINUTES[stamp[start + 6 : start + 8]]) * SECOND
        except KeyError:
            return None
        rest = stamp[start + 8 :]
        if rest == offset:
            return midnight + second
        fraction = rest[1:7]
        if len(rest) == 7 + len(offset) and rest[0] == "." and rest.endswith(offset) and fraction.isdecimal():
            return midnight + second + int(fraction)
        return None

    def _keep_day(self, stamp: str, time: int | None) -> None:
        match = _TIME_OF_DAY.search(stamp) if time is not None else None
        if time is None or match is None or not (match[5] or isinstance(self._zone, timezone)):
            self._day = _NO_DAY
            return
        of_day = _of_day(match[1], match[2], match[3], match[4])
        self._day = (stamp[: match.start()], match[5] or "", time - (of_day or 0))

    def _dated(self, stamp: str) -> int | None:
        match = _DATED.match(stamp)
        if match is None:
            return None
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        date = self._step((int(year), int(month), int(day)))
        return self._at(date, _of_day(hour, minute, second, fraction), _offset(offset) if offset else self._zone)

    def _yearless(self, stamp: str) -> int | None:
        match = _YEARLESS.match(stamp)
        month = MONTHS.get(match[1].casefold()) if match else None
        if match is None or month is None:
            return None
        _, day, year, hour, minute, second, fraction = match.groups()
        date = self._step((int(year) if year else None, month, int(day)))
        return self._at(date, _of_day(hour, minute, second, fraction), self._zone)

    def _step(self, date: Date) -> tuple[int, int, int] | None:
        if not exists(date):
            return None
        if date[0] is None and not self._based and not self._years.dated:
            self._years.year = self._base_year()
            self._based = True
        return self._years.step(date), date[1], date[2]

    def _at(self, date: tuple[int, int, int] | None, of_day: int | None, zone: tzinfo) -> int | None:
        if date is None or of_day is None:
            return None
        if not isinstance(zone, timezone):
            return _utc(date, of_day, zone)
        midnight = self._midnights.get((date, zone))
        if midnight is None and (midnight := _utc(date, 0, zone)) is not None:
            if len(self._midnights) >= _MIDNIGHTS:
                self._midnights.clear()
            self._midnights[date, zone] = midnight
        return None if midnight is None else midnight + of_day


def has_month(stamp: str) -> bool:
    """Tell whether a stamp of shape `YEARLESS` begins with the name of a month."""
    match = _YEARLESS.match(stamp)
    return match is not None and match[1].casefold() in MONTHS


def dates(texts: Iterable[str]) -> Iterator[Date]:
    """Give the dates at the beginnings of the lines of each text, those in a row that are equal only once.

    Cost: about a million lines a second.
    """
    last = ("", "")
    for text in texts:
        for found in _DATES.findall(text):
            if found != last:
                last = found
                if (date := _date(*found)) and exists(date):
                    yield date


def _date(yearless: str, dated: str) -> Date | None:
    if dated:
        return int(dated[:4]), int(dated[5:7]), int(dated[8:10])
    name, day, *year = yearless.replace(".", "").split()
    month = MONTHS.get(name.casefold())
    return None if month is None else (int(year[0]) if year else None, month, int(day))


def _hours_from(midnight: int) -> list[int | None]:
    return [midnight + hour * 3600 * SECOND for hour in range(25)]


def exists(date: Date) -> bool:
    """Tell whether a date is possible; without a year, in any year."""
    try:
        datetime(date[0] if date[0] is not None else 2000, date[1], date[2], tzinfo=UTC)
    except ValueError:
        return False
    return True


def _of_day(hour: str, minute: str, second: str, fraction: str | None) -> int | None:
    hours, minutes, seconds = int(hour), int(minute), int(second)
    if hours > 23 or minutes > 59 or seconds > 60:  # noqa: PLR2004 - the limits of a clock
        return None
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return ((hours * 60 + minutes) * 60 + seconds) * SECOND + micro


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _utc(date: tuple[int, int, int], of_day: int, zone: tzinfo) -> int | None:
    try:
        naive = datetime(*date) + timedelta(microseconds=of_day)  # noqa: DTZ001 - the zone is joined below
        moment = naive.replace(tzinfo=zone) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment // timedelta(microseconds=1)
