"""An event of Windows as every carrier of it gives it, and the readings of single fields that they share."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_STAMP = 40
_NUMBER = re.compile(r"\s*(?:0[xX]([0-9a-fA-F]{1,16})|(-?[0-9]{1,20}))\s*")
_AUDIT_FAILURE = 1 << 52  # winmeta.xml: WINEVENT_KEYWORD_AUDIT_FAILURE


class Heading(NamedTuple):
    """Which event it is: its channel, in lower case, and its number there."""

    channel: str
    code: int


def heading_of(channel: object, code: object) -> Heading | None:
    """Give the heading of an event; None where the channel is no text or the code no number."""
    name, parsed = text_of(channel), number(text_of(code))
    return None if name is None or parsed is None else Heading(name.strip().lower(), parsed)


class Event(NamedTuple):
    """An event: who wrote it and when, and what it holds, by name.

    `time` is microseconds since 1970 UTC. `pid` is that of the process that wrote the event. `failed` is the audit's
    own word for an attempt that failed. Everything a carrier leaves out is null.
    """

    heading: Heading
    time: int | None
    data: Mapping[str, str]
    provider: str | None = None
    host: str | None = None
    pid: int | None = None
    failed: bool = False


def microseconds(stamp: object, zone: tzinfo = UTC) -> int | None:
    """Read an ISO 8601 stamp as microseconds since 1970 UTC; `zone` is that of a stamp without offset."""
    if not isinstance(stamp, str) or len(stamp) > _LONGEST_STAMP:
        return None
    try:
        moment = datetime.fromisoformat(stamp.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return (moment - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None


def number(value: object) -> int | None:
    """Read a whole number, decimal or hexadecimal with 0x, as the carriers write them; null where it is none."""
    if isinstance(value, int):
        return value
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    return int(match[1], 16) if match[1] else int(match[2])


def is_failure(keywords: object) -> bool:
    """Tell whether the Keywords of an event, as a number, mark an audit of a failure."""
    bits = number(keywords)
    return bits is not None and bool(bits & _AUDIT_FAILURE)


def text_of(value: object) -> str | None:
    """Write a value of a JSON field as XML would; null where there is none. Of a list it is the first value."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def texts_of(fields: object) -> dict[str, str]:
    """Give the scalar values of a JSON object as text; empty where it is no object."""
    if not isinstance(fields, dict):
        return {}
    found = {name: value if isinstance(value, str) else text_of(value) for name, value in fields.items()}
    return {name: text for name, text in found.items() if text is not None}
