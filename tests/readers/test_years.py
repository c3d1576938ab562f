"""The year of stamps that have none, and the file's order around New Year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import ReadOptions
from tests.readers.reading import Reading, read_lines

NOON = "12:00:00 srv sshd[7]: Invalid user a from 1.2.3.4"


def days(*stamps: str, modified: date | None = None, year: int | None = None) -> list[str]:
    """The days that a log of these dates has, written in `modified`."""
    reading = log(*stamps, modified=modified, year=year)
    return reading.events["time"].dt.strftime("%Y-%m-%d").to_list()


def log(*stamps: str, modified: date | None = None, year: int | None = None) -> Reading:
    lines = [f"{stamp}T12:00:00Z{NOON[8:]}" if stamp[0].isdigit() else f"{stamp} {NOON}" for stamp in stamps]
    when = datetime(modified.year, modified.month, modified.day, 13, tzinfo=UTC) if modified else None
    return read_lines(*lines, modified=when, options=ReadOptions(year=year))


def test_last_line_is_in_the_latest_year_that_is_not_after_the_file() -> None:
    assert days("Nov 30", modified=date(2025, 11, 30)) == ["2025-11-30"]
    assert days("Dec  1", modified=date(2025, 11, 30)) == ["2025-12-01"]  # a day for clocks that disagree
    assert days("Dec  2", modified=date(2025, 11, 30)) == ["2024-12-02"]
    assert days("Nov 30", modified=date(2026, 6, 1)) == ["2025-11-30"]
    assert days("Jan  1", modified=date(2025, 12, 31)) == ["2026-01-01"]


def test_new_year_in_the_middle() -> None:
    assert days("Nov 30", "Dec 31", "Jan  1", "Feb  2", modified=date(2026, 2, 2)) == [
        "2025-11-30", "2025-12-31", "2026-01-01", "2026-02-02",
    ]  # fmt: skip


def test_two_new_years() -> None:
    assert days("Nov 30", "Feb  1", "Aug  1", "Dec  1", "Feb  2", modified=date(2026, 2, 2)) == [
        "2024-11-30", "2025-02-01", "2025-08-01", "2025-12-01", "2026-02-02",
    ]  # fmt: skip


def test_newest_line_first() -> None:
    assert days("Feb  2", "Jan  1", "Dec 31", "Nov 30", modified=date(2026, 2, 3)) == [
        "2026-02-02", "2026-01-01", "2025-12-31", "2025-11-30",
    ]  # fmt: skip


def test_small_disorder_is_no_new_year() -> None:
    assert days("Mar  3", "Mar  2", "Mar  4", modified=date(2026, 3, 4)) == ["2026-03-03", "2026-03-02", "2026-03-04"]
    assert days("Dec 31", "Jan  1", "Dec 31", "Jan  1", modified=date(2026, 1, 1)) == [
        "2025-12-31", "2026-01-01", "2025-12-31", "2026-01-01",
    ]  # fmt: skip


def test_a_clock_that_starts_at_new_year_disturbs_nothing() -> None:
    assert days("Aug 15", "Jan  1", "Aug 16", modified=date(2025, 8, 16))[::2] == ["2025-08-15", "2025-08-16"]


def test_year_of_the_user_is_that_of_the_first_line() -> None:
    assert days("Dec 31", "Jan  1", modified=date(2026, 1, 1), year=2019) == ["2019-12-31", "2020-01-01"]


def test_leap_day_needs_a_leap_year() -> None:
    assert days("Feb 29", "Mar  1", modified=date(2026, 3, 1)) == ["2024-02-29", "2024-03-01"]
    assert days("Dec 31", "Feb 29", modified=date(2027, 3, 1)) == ["2023-12-31", "2024-02-29"]


def test_leap_day_in_a_year_that_has_none_is_a_reject() -> None:
    reading = log("Feb 28", "Feb 29", "Mar  1", year=2025)
    assert reading.reasons() == ["time stamp does not exist"]
    assert reading.events["time"].dt.strftime("%m-%d").to_list() == ["02-28", "03-01"]


def test_lines_with_a_year_give_it_to_their_neighbours() -> None:
    later = date(2026, 6, 1)
    assert days("2019-12-31", "Jan  1", modified=later) == ["2019-12-31", "2020-01-01"]
    assert days("Dec 31", "2020-01-01", modified=later) == ["2019-12-31", "2020-01-01"]
    assert days("Nov  1", "Dec 31", "Jan  1", "2020-01-02", "Jan  3", modified=later) == [
        "2019-11-01", "2019-12-31", "2020-01-01", "2020-01-02", "2020-01-03",
    ]  # fmt: skip


def test_without_a_time_of_the_file_no_line_is_in_the_future() -> None:
    (day,) = days("Jan  1")
    assert date.fromisoformat(day) <= datetime.now(UTC).date() + timedelta(days=1)


@given(
    start=st.dates(date(2001, 1, 1), date(2030, 1, 1)),
    steps=st.lists(st.integers(-3, 170), max_size=12),
    newest_first=st.booleans(),
    wait=st.integers(0, 300),
)
def test_any_log_with_steps_below_half_a_year(start: date, steps: list[int], newest_first: bool, wait: int) -> None:
    written = [start]
    for step in steps:
        written.append(max(written) + timedelta(days=step))
    if newest_first:
        written.reverse()
    stamps = [f"{day:%b} {day.day:2}" for day in written]
    assert days(*stamps, modified=max(written) + timedelta(days=wait)) == [day.isoformat() for day in written]
