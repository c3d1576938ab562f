"""Time fields of records, in whatever form they were written, as UTC microseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from graphmap.readers.stamps import DATED, SECOND, YEARLESS, Clock, dates
from graphmap.readers.years import infer_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmap.readers.base import ReadOptions, Source

AUTO = "auto"
RELATIVE = "relative"
UNITS = {"unix": 1_000_000_000, "unix_ms": 1_000_000, "unix_us": 1_000, "unix_ns": 1}
"""Forms of numbers since 1970, and how many nanoseconds one of it is."""
FORMS = (AUTO, *UNITS, RELATIVE)

_STAMP = re.compile(rf"(?:{DATED}|{YEARLESS})")
_NUMBER = re.compile(r"(-?\d{1,19})(?:\.(\d{1,18}))?")
_BY_DIGITS = {10: "unix", 13: "unix_ms", 16: "unix_us", 19: "unix_ns"}
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moments:
    """Reads the time fields of one log, in file order.

    Parameters
    ----------
    source, options
        Stamps without a year take it from the options, else from when the log was last written, as `sshd` lines do;
        those without an offset are of the options' zone.
    forms
        Tried in their order: ``auto`` (a stamp as syslog, RFC 3339 and SQL write it, or a number since 1970 whose
        digits tell its unit), a key of `UNITS`, ``relative`` (seconds since the options' year began, else since
        1970), or a pattern of strptime(3) with a ``%``.
    """

    def __init__(self, source: Source, options: ReadOptions, forms: Sequence[str] = (AUTO,)) -> None:
        self._source = source
        self._options = options
        self._forms = forms
        self._first = ""
        self._clock = Clock(options.zone, self._base_year)

    def read(self, text: str) -> int | None:
        """The moment that a text means; None where it means none."""
        text = text.strip()
        return next((moment for form in self._forms if (moment := self._read(form, text)) is not None), None)

    def _read(self, form: str, text: str) -> int | None:
        if form == AUTO:
            return self._auto(text)
        if form in UNITS:
            return number(text, UNITS[form])
        if form == RELATIVE:
            since = number(text, UNITS["unix"])
            return None if since is None else since + self._beginning()
        return self._patterned(form, text)

    def _auto(self, text: str) -> int | None:
        if _STAMP.fullmatch(text):
            self._first = self._first or text
            return self._clock.read(text)
        unit = _BY_DIGITS.get(len(text.partition(".")[0]))
        return number(text, UNITS[unit]) if unit else None

    def _patterned(self, pattern: str, text: str) -> int | None:
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is joined below where there is none
            aware = moment if moment.tzinfo else moment.replace(tzinfo=self._options.zone)
            return (aware - _EPOCH) // _MICROSECOND
        except (ValueError, OverflowError):
            return None

    def _beginning(self) -> int:
        year = self._options.year
        return 0 if year is None else (datetime(year, 1, 1, tzinfo=self._options.zone) - _EPOCH) // _MICROSECOND

    def _base_year(self) -> int:
        if self._options.year is not None:
            return self._options.year
        return infer_base(dates([f"{self._first} "]), self._source.modified)


def is_pattern(pattern: str) -> bool:
    """Whether strptime can read what strftime writes by a pattern."""
    try:
        datetime.strptime(_EPOCH.strftime(pattern), pattern)  # noqa: DTZ007 - whether it is read is all that matters
    except (ValueError, re.error):
        return False
    return True


def number(text: str, nanoseconds: int) -> int | None:
    """A number of so many nanoseconds each, in microseconds, cut; None where the text is none of at most 19 digits.

    Fractions count to the last of nine digits, without the rounding of floating point.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, fraction = match[1], (match[2] or "")[:9].ljust(9, "0")
    part = int(fraction) * nanoseconds // 10**9
    sign = -1 if whole.startswith("-") else 1
    return (int(whole) * nanoseconds + sign * part) // (1_000_000_000 // SECOND)


def length(text: str, nanoseconds: int) -> int | None:
    """A length of time in microseconds: a number of so many nanoseconds each, or ``HOURS:MINUTES:SECONDS``."""
    hours, colon, rest = text.strip().partition(":")
    if not colon:
        return number(text.strip(), nanoseconds)
    minutes, _, seconds = rest.partition(":")
    total = 0
    for part, unit in ((hours, 3600), (minutes, 60), (seconds, 1)):
        found = number(part, UNITS["unix"])
        if found is None or found < 0:
            return None
        total += found * unit
    return total
