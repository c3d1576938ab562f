"""Times, intervals and counts as Zeek writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_ISO = re.compile(
    r"(?P<second>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,12}))?(?P<zone>Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_COUNT = re.compile(r"\d{1,20}", re.ASCII)
_MILLISECONDS_FROM = 100_000_000_000
"""A larger number counts milliseconds (JSON::TS_MILLIS): as seconds it would be after the year 5100."""
_MILLION = Decimal(1_000_000)


def read_time(text: str) -> int | None:
    """Microseconds since 1970 of seconds, milliseconds or ISO 8601 (UTC where it has no offset); None for neither."""
    if match := _ISO.fullmatch(text):
        return _iso(match)
    number = _number(text)
    if number is None:
        return None
    return _microseconds(number / 1000 if abs(number) >= _MILLISECONDS_FROM else number)


def read_interval(text: str) -> int | None:
    """Microseconds of a number of seconds, rounded to the nearest; None where it is none."""
    number = _number(text)
    return None if number is None else _microseconds(number)


def read_count(text: str) -> int | None:
    """A whole number that is not negative; None where it is none."""
    return int(text) if _COUNT.fullmatch(text) else None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None


def _microseconds(seconds: Decimal) -> int:
    return int((seconds * _MILLION).to_integral_value(ROUND_HALF_UP))


def _iso(match: re.Match[str]) -> int | None:
    try:
        moment = datetime.fromisoformat(match["second"] + (match["zone"] or "Z"))
        since = moment - datetime.fromtimestamp(0, UTC)
    except (ValueError, OverflowError):
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + _microseconds(Decimal(f"0.{match['fraction'] or 0}"))
