"""What runs by itself: who may run it now, what each run did, and when the next one is due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from graphmap.errors import QueryError
from graphmap.store.ledger.database import METADATA, Database, Time, Words, insert
from graphmap.store.ledger.owners import is_gone

LEASE = timedelta(seconds=60)
"""How long a lease holds unless it is renewed: so long a runner that died on another machine keeps others waiting."""

_LEASES = sa.Table(
    "leases",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("until", Time, nullable=False),
)

_RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job", sa.String, nullable=False, index=True),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("due", Time),
    sa.Column("since", Time),
    sa.Column("until", Time, nullable=False),
    sa.Column("started", Time, nullable=False),
    sa.Column("ended", Time),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("error", Words),
    sa.Column("cancelled_by", Words),
    sqlite_autoincrement=True,
)

_SCHEDULE = sa.Table(
    "schedule",
    METADATA,
    sa.Column("job", sa.String, primary_key=True),
    sa.Column("trigger", sa.String, nullable=False),
    sa.Column("next", Time),
)


class RunState(StrEnum):
    """What became of a run."""

    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"
    """Done, but for inputs that could not be read, or alerts that could not be sent."""
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    LOST = "lost"
    """Its process died without a word."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a job.

    Parameters
    ----------
    id, job
        Its number in this ledger, and the name of what was run.
    owner
        The process (`graphmap.store.ledger.owners`).
    due
        When it had to start by its schedule; None where somebody or another scheduler started it.
    since, until
        The window that it looked at; `since` None is everything before `until`.
    started, ended
        By the clock of its process; `ended` is None while it runs, and where it was lost.
    counts
        What it did, by name.
    error
        Why it did not come to its end, or what it could not read; None where there is nothing to say.
    cancelled_by
        Who asked that it be stopped; None where nobody did.
    """

    id: int
    job: str
    owner: str
    due: datetime | None
    since: datetime | None
    until: datetime
    started: datetime
    ended: datetime | None
    state: RunState
    counts: Mapping[str, int]
    error: str | None
    cancelled_by: str | None


class Claim(NamedTuple):
    """A claim on a run: `run` is the one to do, or where `granted` is false the one that stands in its way."""

    granted: bool
    run: Run


class Runs(Database):
    """The part of the ledger that knows what runs by itself."""

    def take_lease(self, name: str, owner: str, *, now: datetime | None = None) -> bool:
        """Take or renew the right to be the only one who does something; False where another has it."""
        at = now or datetime.now(UTC)
        with self.transaction(write=True) as connection:
            return _take(connection, name, owner, at)

    def give_lease(self, name: str, owner: str) -> None:
        """Give the right back before it ends by itself; nothing happens where it has gone to another."""
        with self.transaction(write=True) as connection:
            connection.execute(sa.delete(_LEASES).where(_LEASES.c.name == name, _LEASES.c.owner == owner))

    def holder(self, name: str, *, now: datetime | None = None) -> str | None:
        """Who has the right now; None for nobody."""
        at = now or datetime.now(UTC)
        with self.transaction() as connection:
            return connection.scalar(sa.select(_LEASES.c.owner).where(_LEASES.c.name == name, _LEASES.c.until > at))

    def begin_run(
        self,
        job: str,
        *,
        owner: str,
        window: timedelta | None,
        due: datetime | None = None,
        now: datetime | None = None,
    ) -> Claim:
        """Claim a run of a job.

        It is refused where another process runs the job, and where the run that was due at that moment has been begun
        before. Runs whose process died are noted as lost.

        Parameters
        ----------
        job, owner
            What, and who: the process.
        window
            How far to look back; None for everything. The window goes back from this moment or from where the last
            complete run ended, whichever is earlier: what was missed meanwhile, and what came late into the last
            window, is looked at.
        due
            The moment of the schedule that this run is for.
        now
            The present moment; None for that of the clock.
        """
        at = now or datetime.now(UTC)
        with self.transaction(write=True) as connection:
            mine = _take(connection, _lease(job), owner, at)
            running = connection.execute(
                sa.select(_RUNS)
                .where(_RUNS.c.job == job, _RUNS.c.state == RunState.RUNNING)
                .order_by(_RUNS.c.id.desc())
            ).first()
            if not mine and running is not None:
                return Claim(granted=False, run=_run(running))
            connection.execute(
                sa.update(_RUNS)
                .where(_RUNS.c.job == job, _RUNS.c.state == RunState.RUNNING)
                .values(state=RunState.LOST, error="its process ended without a word")
            )
            if due is not None:
                same = sa.select(_RUNS).where(_RUNS.c.job == job, _RUNS.c.due == due, _RUNS.c.state != RunState.LOST)
                if (before := connection.execute(same).first()) is not None:
                    connection.execute(sa.delete(_LEASES).where(_LEASES.c.name == _lease(job)))
                    return Claim(granted=False, run=_run(before))
            complete = sa.select(sa.func.max(_RUNS.c.until)).where(_RUNS.c.job == job, _RUNS.c.state == RunState.DONE)
            last = connection.scalar(complete)
            values = {
                "job": job,
                "owner": owner,
                "due": due,
                "since": None if window is None else min(at, last or at) - window,
                "until": at,
                "started": at,
                "state": RunState.RUNNING,
                "counts": "{}",
            }
            number = connection.scalar(sa.insert(_RUNS).values(**values).returning(_RUNS.c.id))
            return Claim(granted=True, run=_run(connection.execute(sa.select(_RUNS).where(_RUNS.c.id == number)).one()))

    def keep_run(self, run: Run, *, now: datetime | None = None) -> Run | None:
        """Renew the lease of a run that goes on; give the run as it stands, None where another process took over."""
        with self.transaction(write=True) as connection:
            mine = _take(connection, _lease(run.job), run.owner, now or datetime.now(UTC))
            return _run(connection.execute(sa.select(_RUNS).where(_RUNS.c.id == run.id)).one()) if mine else None

    def end_run(
        self,
        run: Run,
        state: RunState,
        *,
        counts: Mapping[str, int] | None = None,
        error: str | None = None,
        now: datetime | None = None,
    ) -> Run:
        """Note how a run ended, and let others run the job."""
        values = {
            "state": state,
            "ended": now or datetime.now(UTC),
            "counts": json.dumps(dict(counts or {})),
            "error": error,
        }
        with self.transaction(write=True) as connection:
            connection.execute(sa.update(_RUNS).where(_RUNS.c.id == run.id).values(**values))
            connection.execute(
                sa.delete(_LEASES).where(_LEASES.c.name == _lease(run.job), _LEASES.c.owner == run.owner)
            )
            return _run(connection.execute(sa.select(_RUNS).where(_RUNS.c.id == run.id)).one())

    def run(self, number: int) -> Run:
        """The run of a number.

        Raises
        ------
        QueryError
            There is none.
        """
        with self.transaction() as connection:
            return _run(_row(connection, number))

    def cancel_run(self, number: int, *, author: str) -> Run:
        """Ask that a run be stopped; its process looks every few seconds.

        Raises
        ------
        QueryError
            There is no such run, or it is not running.
        """
        with self.transaction(write=True) as connection:
            row = _row(connection, number)
            if row.state != RunState.RUNNING:
                raise QueryError(f"run {number} of {row.job} is not running: {row.state}")
            connection.execute(sa.update(_RUNS).where(_RUNS.c.id == number).values(cancelled_by=author))
            return _run(connection.execute(sa.select(_RUNS).where(_RUNS.c.id == number)).one())

    def runs(self, job: str | None = None, *, limit: int | None = None) -> list[Run]:
        """The runs, the last first."""
        query = sa.select(_RUNS).order_by(_RUNS.c.id.desc()).limit(limit)
        if job is not None:
            query = query.where(_RUNS.c.job == job)
        with self.transaction() as connection:
            return [_run(row) for row in connection.execute(query)]

    def last_runs(self) -> dict[str, Run]:
        """The last run of each job that ever ran."""
        last = sa.select(sa.func.max(_RUNS.c.id)).group_by(_RUNS.c.job)
        with self.transaction() as connection:
            return {row.job: _run(row) for row in connection.execute(sa.select(_RUNS).where(_RUNS.c.id.in_(last)))}

    def forget_runs(self, before: datetime) -> int:
        """Remove runs that were over before a moment, but for the last complete one of each job; give their number."""
        last = sa.select(sa.func.max(_RUNS.c.id)).where(_RUNS.c.state == RunState.DONE).group_by(_RUNS.c.job)
        with self.transaction(write=True) as connection:
            old = sa.and_(_RUNS.c.started < before, _RUNS.c.state != RunState.RUNNING, _RUNS.c.id.not_in(last))
            return connection.execute(sa.delete(_RUNS).where(old)).rowcount

    def schedule(self) -> dict[str, tuple[str, datetime | None]]:
        """For each job that was ever scheduled, how (`trigger`) and when it is due next."""
        with self.transaction() as connection:
            return {row.job: (row.trigger, row.next) for row in connection.execute(sa.select(_SCHEDULE))}

    def set_schedule(self, job: str, trigger: str, following: datetime | None) -> None:
        """Note when a job is due next."""
        with self.transaction(write=True) as connection:
            row = insert(connection, _SCHEDULE).values(job=job, trigger=trigger, next=following)
            changed = {"trigger": row.excluded.trigger, "next": row.excluded.next}
            connection.execute(row.on_conflict_do_update(index_elements=[_SCHEDULE.c.job], set_=changed))

    def unset_schedule(self, job: str) -> None:
        """Forget when a job is due next."""
        with self.transaction(write=True) as connection:
            connection.execute(sa.delete(_SCHEDULE).where(_SCHEDULE.c.job == job))


def _lease(job: str) -> str:
    return f"job:{job}"


def _take(connection: sa.Connection, name: str, owner: str, at: datetime) -> bool:
    row = connection.execute(sa.select(_LEASES).where(_LEASES.c.name == name)).first()
    if row is not None and row.owner != owner and row.until > at and not is_gone(row.owner):
        return False
    taken = insert(connection, _LEASES).values(name=name, owner=owner, until=at + LEASE)
    changed = {"owner": taken.excluded.owner, "until": taken.excluded.until}
    connection.execute(taken.on_conflict_do_update(index_elements=[_LEASES.c.name], set_=changed))
    return True


def _row(connection: sa.Connection, number: int) -> Any:
    row = connection.execute(sa.select(_RUNS).where(_RUNS.c.id == number)).first()
    if row is None:
        raise QueryError(f"no run {number}", hint="graphmap jobs history shows them")
    return row


def _run(row: Any) -> Run:
    values = {field.name: getattr(row, field.name) for field in fields(Run)}
    return Run(**values | {"state": RunState(values["state"]), "counts": json.loads(values["counts"])})
