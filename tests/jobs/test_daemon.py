"""Several daemons on one ledger, and moments that passed while there was none."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.jobs.scheduler import DAEMON, Daemon
from graphmap.store.ledger import Ledger, RunState
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


@contextmanager
def serving(settings: Settings, owner: str) -> Iterator[Daemon]:
    """A daemon at work."""
    daemon = Daemon(settings, look=0.1, owner=owner)
    thread = threading.Thread(target=daemon.serve)
    thread.start()
    try:
        yield daemon
    finally:
        daemon.stop()
        thread.join(60)
        assert not thread.is_alive()


def holder(settings: Settings) -> str | None:
    with Ledger(settings.ledger) as ledger:
        return ledger.holder(DAEMON)


def done(settings: Settings) -> list[datetime | None]:
    with Ledger(settings.ledger) as ledger:
        return [run.due for run in ledger.runs() if run.state is RunState.DONE]


def test_two_daemons_run_nothing_twice_and_one_takes_over(settings: Settings) -> None:
    (settings.home / "graphmap.toml").write_text("[jobs.compact]\nevery = '1s'\n")
    with serving(settings, "first"):
        wait_for(lambda: holder(settings) == "first", "the first one schedules")
        with serving(settings, "second"):
            wait_for(lambda: done(settings)[1:], "two runs")
            assert holder(settings) == "first"
            with Ledger(settings.ledger) as ledger:
                ledger.give_lease(DAEMON, "first")
                assert ledger.take_lease(DAEMON, "second")  # as after a minute in which the first one slept
            before = len(done(settings))
            wait_for(lambda: len(done(settings)) > before + 1, "two runs more")
            assert holder(settings) == "second"
        wait_for(lambda: holder(settings) == "first", "the first one takes over again")
    moments = done(settings)
    assert len(set(moments)) == len(moments)
    assert holder(settings) is None


@pytest.mark.parametrize(("misfire", "runs"), [("run", 1), ("skip", 0)])
def test_moments_that_were_missed_are_made_good_by_one_run(settings: Settings, misfire: str, runs: int) -> None:
    text = "[jobs.compact]\nevery = '1d'\nmisfire = '{}'\n[jobs.coverage]\nevery = '1s'\n"
    (settings.home / "graphmap.toml").write_text(text.format(misfire))
    missed = datetime.now(UTC) - timedelta(days=3, hours=1)
    with Ledger(settings.ledger) as ledger:
        ledger.set_schedule("compact", "every 1d", missed)
        ledger.set_schedule("gone", "every 1d", missed)
    with serving(settings, "first"):
        wait_for(lambda: done(settings)[2:], "runs of the other job, which come after it")
    with Ledger(settings.ledger) as ledger:
        assert [run.due for run in ledger.runs("compact")] == [missed] * runs
        schedule = ledger.schedule()
    assert set(schedule) == {"compact", "coverage"}
    following = schedule["compact"][1]
    assert following is not None
    assert datetime.now(UTC) < following <= datetime.now(UTC) + timedelta(days=1)


def test_a_job_that_is_scheduled_otherwise_forgets_its_moment(settings: Settings) -> None:
    (settings.home / "graphmap.toml").write_text("[jobs.compact]\nevery = '2d'\n[jobs.coverage]\nevery = '1s'\n")
    with Ledger(settings.ledger) as ledger:
        ledger.set_schedule("compact", "every 1d", datetime.now(UTC) - timedelta(days=3))
    with serving(settings, "first"):
        wait_for(lambda: done(settings), "a run of the other job")
    with Ledger(settings.ledger) as ledger:
        assert ledger.runs("compact") == []
