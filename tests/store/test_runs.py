from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import QueryError
from graphmap.store.ledger import Ledger, RunState
from graphmap.store.ledger.owners import is_gone, process_name
from graphmap.store.ledger.runs import LEASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def ledger(ledger_place: Path | str) -> Iterator[Ledger]:
    with Ledger(ledger_place) as ledger:
        yield ledger


def test_one_process_runs_a_job_at_a_time(ledger: Ledger) -> None:
    mine = ledger.begin_run("hunt", owner="a:1", window=None, now=NOON)
    assert mine.granted
    assert (mine.run.job, mine.run.owner, mine.run.started, mine.run.state) == ("hunt", "a:1", NOON, RunState.RUNNING)
    assert ledger.begin_run("hunt", owner="b:2", window=None, now=NOON + SECOND) == (False, mine.run)
    assert ledger.begin_run("push", owner="b:2", window=None, now=NOON + SECOND).granted
    done = ledger.end_run(mine.run, RunState.DONE, counts={"new": 3}, now=NOON + HOUR)
    assert (done.state, done.ended, done.counts, done.error) == (RunState.DONE, NOON + HOUR, {"new": 3}, None)
    assert ledger.begin_run("hunt", owner="b:2", window=None, now=NOON + HOUR).granted


def test_a_run_that_is_kept_stays_its_own_and_one_that_is_not_is_lost(ledger: Ledger) -> None:
    mine = ledger.begin_run("hunt", owner="a:1", window=None, now=NOON).run
    assert ledger.keep_run(mine, now=NOON + LEASE - SECOND) == mine
    assert not ledger.begin_run("hunt", owner="b:2", window=None, now=NOON + LEASE + SECOND).granted
    other = ledger.begin_run("hunt", owner="b:2", window=None, now=NOON + 2 * LEASE + SECOND)
    assert other.granted
    assert [(run.owner, run.state) for run in ledger.runs()] == [("b:2", RunState.RUNNING), ("a:1", RunState.LOST)]
    assert ledger.keep_run(mine, now=NOON + 2 * LEASE + 2 * SECOND) is None
    # the one that was thought dead ends after all: it does not end the lease of the other
    ledger.end_run(mine, RunState.DONE, now=NOON + 2 * LEASE + 2 * SECOND)
    assert not ledger.begin_run("hunt", owner="c:3", window=None, now=NOON + 2 * LEASE + 3 * SECOND).granted


def test_what_was_due_at_a_moment_is_run_once_unless_it_was_lost(ledger: Ledger) -> None:
    first = ledger.begin_run("hunt", owner="a:1", window=None, due=NOON, now=NOON)
    failed = ledger.end_run(first.run, RunState.FAILED, error="no", now=NOON + SECOND)
    assert ledger.begin_run("hunt", owner="b:2", window=None, due=NOON, now=NOON + HOUR) == (False, failed)
    later = ledger.begin_run("hunt", owner="b:2", window=None, due=NOON + HOUR, now=NOON + HOUR)
    assert later.granted  # its process dies
    again = ledger.begin_run("hunt", owner="c:3", window=None, due=NOON + HOUR, now=NOON + 2 * HOUR)
    assert again.granted
    ledger.end_run(again.run, RunState.DONE, now=NOON + 2 * HOUR)
    states = [RunState.DONE, RunState.LOST, RunState.FAILED]
    assert [run.state for run in ledger.runs("hunt")] == states
    assert ledger.last_runs()["hunt"].state is RunState.DONE


def test_a_window_reaches_back_from_where_the_last_complete_run_ended(ledger: Ledger) -> None:
    def window(owner: str, now: datetime, end: RunState) -> datetime | None:
        run = ledger.begin_run("hunt", owner=owner, window=HOUR, now=now).run
        assert run.until == now
        ledger.end_run(run, end, now=now)
        return run.since

    assert window("a:1", NOON, RunState.DONE) == NOON - HOUR
    assert window("a:1", NOON + HOUR / 2, RunState.DONE) == NOON - HOUR  # what came late is looked at again
    assert window("a:1", NOON + 9 * HOUR, RunState.FAILED) == NOON - HOUR / 2  # what was missed is made good
    assert window("a:1", NOON + 10 * HOUR, RunState.DONE) == NOON - HOUR / 2
    assert window("a:1", NOON + 2 * HOUR, RunState.DONE) == NOON + HOUR  # the clock was set back
    assert ledger.begin_run("push", owner="a:1", window=None, now=NOON).run.since is None


def test_a_run_is_cancelled_by_asking(ledger: Ledger) -> None:
    run = ledger.begin_run("hunt", owner="a:1", window=None, now=NOON).run
    assert ledger.cancel_run(run.id, author="ann").cancelled_by == "ann"
    kept = ledger.keep_run(run, now=NOON + SECOND)
    assert kept is not None
    assert kept.cancelled_by == "ann"
    ledger.end_run(run, RunState.CANCELLED, error="stopped by ann", now=NOON + SECOND)
    with pytest.raises(QueryError, match=f"run {run.id} of hunt is not running: cancelled"):
        ledger.cancel_run(run.id, author="ann")
    with pytest.raises(QueryError, match="no run 99"):
        ledger.cancel_run(99, author="ann")


def test_a_lease_is_one_owners_until_it_ends_or_is_given_back(ledger: Ledger) -> None:
    assert ledger.take_lease("daemon", "a:1", now=NOON)
    assert not ledger.take_lease("daemon", "b:2", now=NOON + LEASE - SECOND)
    assert ledger.holder("daemon", now=NOON + LEASE - SECOND) == "a:1"
    assert ledger.take_lease("daemon", "b:2", now=NOON + LEASE)
    ledger.give_lease("daemon", "a:1")  # has it no more
    assert ledger.holder("daemon", now=NOON + LEASE) == "b:2"
    ledger.give_lease("daemon", "b:2")
    assert ledger.holder("daemon", now=NOON + LEASE) is None


def test_a_lease_of_a_process_that_is_known_to_be_gone_is_free(ledger: Ledger) -> None:
    with subprocess.Popen(["true"]) as process:
        pass
    place, _, world = process_name().rpartition("@")
    host = place.rpartition(":")[0]
    gone, there, elsewhere = f"{host}:{process.pid}@{world}", process_name(), f"other:{process.pid}@{world}"
    contained = f"{host}:{process.pid}@{world}0"
    assert [is_gone(name) for name in (gone, there, elsewhere, contained, "a:1")] == [True, False, False, False, False]
    assert ledger.take_lease("daemon", gone, now=NOON)
    assert ledger.take_lease("daemon", elsewhere, now=NOON)
    assert not ledger.take_lease("daemon", there, now=NOON)


def test_old_runs_are_forgotten_but_for_the_last_complete_one(ledger: Ledger) -> None:
    for hours, state in enumerate([RunState.DONE, RunState.DONE, RunState.FAILED, RunState.FAILED]):
        run = ledger.begin_run("hunt", owner="a:1", window=None, now=NOON + hours * HOUR).run
        ledger.end_run(run, state, now=NOON + hours * HOUR)
    ledger.begin_run("push", owner="a:1", window=None, now=NOON)
    assert ledger.forget_runs(NOON + 3 * HOUR) == 2
    kept = [("push", NOON), ("hunt", NOON + 3 * HOUR), ("hunt", NOON + HOUR)]
    assert [(run.job, run.started) for run in ledger.runs()] == kept


def test_the_schedule_says_how_and_when(ledger: Ledger) -> None:
    ledger.set_schedule("hunt", "every 1h", NOON)
    ledger.set_schedule("push", "every 1d", None)
    ledger.set_schedule("hunt", "every 2h", NOON + HOUR)
    assert ledger.schedule() == {"hunt": ("every 2h", NOON + HOUR), "push": ("every 1d", None)}
    ledger.unset_schedule("hunt")
    assert ledger.schedule() == {"push": ("every 1d", None)}
