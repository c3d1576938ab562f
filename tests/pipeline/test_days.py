"""Which hosts spoke on which day, and what is said where none did."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from graphmap.model import Finding, Severity
from graphmap.pipeline.days import TAMPERING, DayState, HostDays, host_days

SEEN, SILENT, TAMPERED, UNKNOWN = DayState.SEEN, DayState.SILENT, DayState.TAMPERED, DayState.NOT_EVALUABLE


def daily(*rows: tuple[str, int, int, int]) -> pl.DataFrame:
    """Host, day of March, events, own events."""
    schema = {"host": pl.String, "day": pl.Date, "events": pl.UInt32, "own events": pl.UInt32}
    return pl.DataFrame([(h, date(2026, 3, day), n, own) for h, day, n, own in rows], schema=schema, orient="row")


def cleared(host: str, day: int, detector: str = TAMPERING) -> Finding:
    moment = datetime(2026, 3, day, 4, tzinfo=UTC)
    return Finding(
        id="f-1", detector=detector, technique="T1070", severity=Severity.HIGH, score=1.0, title="", why=(), hosts=(host,),
        users=(), first=moment, last=moment, hops=(), lines=(),
    )  # fmt: skip


def test_a_day_without_lines_is_silent_after_the_first_word_and_unknown_before_it() -> None:
    seen = daily(("a", 1, 5, 5), ("a", 3, 2, 2), ("b", 2, 4, 0), ("b", 3, 9, 1))
    days, found = host_days(seen, ["a", "b", "c"], [cleared("a", 3), cleared("b", 3, "fan-out")], last=31)
    assert days == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
    assert found == [
        HostDays("a", (SEEN, SILENT, TAMPERED), (5, 0, 2)),
        HostDays("c", (UNKNOWN, UNKNOWN, UNKNOWN), (0, 0, 0)),
        HostDays("b", (UNKNOWN, UNKNOWN, SEEN), (0, 4, 9)),
    ]


def test_only_the_last_days_are_shown_and_what_was_before_still_counts() -> None:
    days, (only,) = host_days(daily(("a", 1, 1, 1), ("b", 4, 1, 1)), ["a"], [], last=2)
    assert (days, only.states) == ([date(2026, 3, 3), date(2026, 3, 4)], (SILENT, SILENT))


def test_nothing_is_nothing() -> None:
    assert host_days(daily(), ["a"], [], last=3) == ([], [])
