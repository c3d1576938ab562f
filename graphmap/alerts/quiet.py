"""Quiet hours: when an output is left alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, tzinfo
from typing import TYPE_CHECKING

from graphmap.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Every day from `since` (inclusive) to `until` (exclusive) on the clocks of a zone, past midnight or not."""

    since: time
    until: time
    zone: tzinfo

    def __str__(self) -> str:
        return f"{self.since:%H:%M}-{self.until:%H:%M} {self.zone}"

    def hold(self, moment: datetime) -> bool:
        """Whether they hold at a moment."""
        clock = moment.astimezone(self.zone).time()
        if self.since < self.until:
            return self.since <= clock < self.until
        return clock >= self.since or clock < self.until


def parse_quiet(text: str, zone: tzinfo) -> QuietHours:
    """Read hours such as ``22:00-06:00``.

    Raises
    ------
    InputError
        They are written otherwise, or begin when they end.
    """
    found = _HOURS.fullmatch(text)
    if found is None or found[1] + found[2] == found[3] + found[4]:
        raise InputError(f"{text!r} are no hours of a day", hint='write them like "22:00-06:00"')
    hour, minute, other_hour, other_minute = map(int, found.groups())
    return QuietHours(time(hour, minute), time(other_hour, other_minute), zone)
