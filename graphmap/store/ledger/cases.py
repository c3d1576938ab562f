"""What people said of findings: triage and suppressions. Nothing of it is ever overwritten."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from graphmap.errors import OutdatedError, QueryError
from graphmap.model import Suppression, Triage, TriageState
from graphmap.store.ledger.database import METADATA, Database, Time, Words
from graphmap.store.ledger.findings import is_stored

if TYPE_CHECKING:
    from collections.abc import Iterable

_TRIAGE = sa.Table(
    "triage",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("finding", sa.String, nullable=False, index=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("assignee", Words),
    sa.Column("note", Words),
    sa.Column("marked", sa.Boolean, nullable=False),
    sa.Column("author", Words, nullable=False),
    sa.Column("at", Time, nullable=False),
)

_SUPPRESSIONS = sa.Table(
    "suppressions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("created", Time, nullable=False),
    sa.Column("expires", Time),
    *(sa.Column(name, Words) for name in ("finding", "detector", "src", "dst", "user")),
    sa.Column("ended", Time),
    sa.Column("ended_by", Words),
    sqlite_autoincrement=True,
)


class Opinion(NamedTuple):
    """What somebody says of a finding: None leaves a field of `Triage` as it is, an empty text takes it back."""

    state: TriageState | None = None
    assignee: str | None = None
    note: str | None = None
    marked: bool | None = None


class Cases(Database):
    """The part of the ledger that keeps what people said."""

    def judge(
        self, finding: str, said: Opinion, *, author: str, now: datetime | None = None, seen: int | None = None
    ) -> Triage:
        """Say something of a finding, named by its whole id. `now` is the moment to note, None the present one.

        Parameters
        ----------
        seen
            How many judgements of it the author has seen; None where that does not matter.

        Returns
        -------
        What holds from now on.

        Raises
        ------
        OutdatedError
            There are more than the author has seen; then nothing is changed.
        """
        with self.transaction(write=True) as connection:
            if seen is not None and seen != connection.scalar(
                sa.select(sa.func.count()).select_from(_of(finding).subquery())
            ):
                raise OutdatedError(f"somebody else said something of {finding} meanwhile", hint="read that first")
            return _judge(connection, finding, said, author, now or datetime.now(UTC))

    def judge_all(
        self, findings: Iterable[str], said: Opinion, *, author: str, now: datetime | None = None
    ) -> dict[str, Triage]:
        """Say the same of several findings, named by their whole ids; give what holds of those that are stored."""
        at = now or datetime.now(UTC)
        with self.transaction(write=True) as connection:
            return {
                finding: _judge(connection, finding, said, author, at)
                for finding in dict.fromkeys(findings)
                if is_stored(connection, finding)
            }

    def judgements(self, finding: str) -> list[Triage]:
        """All that was said of a finding, the first first."""
        with self.transaction() as connection:
            return [_triage(row) for row in connection.execute(_of(finding).order_by(_TRIAGE.c.id))]

    def triage(self) -> dict[str, Triage]:
        """What holds of each finding that anything was said of."""
        last = sa.select(sa.func.max(_TRIAGE.c.id)).group_by(_TRIAGE.c.finding)
        with self.transaction() as connection:
            rows = connection.execute(sa.select(_TRIAGE).where(_TRIAGE.c.id.in_(last))).all()
        return {row.finding: _triage(row) for row in rows}

    @staticmethod
    def mark(connection: sa.Connection) -> tuple[object, ...]:
        """The last thing that was said."""
        return tuple(connection.execute(sa.select(sa.func.max(_TRIAGE.c.id))).one())

    def suppress(self, wanted: Suppression) -> Suppression:
        """Keep a suppression, and give it with its number: the `id` of `wanted` means nothing."""
        values = {name: value for name, value in asdict(wanted).items() if name != "id"}
        with self.transaction(write=True) as connection:
            number = connection.scalar(sa.insert(_SUPPRESSIONS).values(**values).returning(_SUPPRESSIONS.c.id))
        return replace(wanted, id=int(number or 0))

    def suppressions(self) -> list[Suppression]:
        """All that there ever were, the first first."""
        with self.transaction() as connection:
            rows: Iterable[Any] = connection.execute(sa.select(_SUPPRESSIONS).order_by(_SUPPRESSIONS.c.id)).all()
        return [Suppression(**row._asdict()) for row in rows]

    def end_suppression(self, number: int, *, author: str, now: datetime | None = None) -> Suppression:
        """Let a suppression hide nothing from now on; it is kept.

        Raises
        ------
        QueryError
            There is none of that number, or it has been ended before.
        """
        with self.transaction(write=True) as connection:
            row = connection.execute(sa.select(_SUPPRESSIONS).where(_SUPPRESSIONS.c.id == number)).first()
            if row is None:
                raise QueryError(f"no suppression {number}", hint="graphmap suppressions shows them")
            if row.ended is not None:
                raise QueryError(f"suppression {number} was ended by {row.ended_by} before")
            ended = replace(Suppression(**row._asdict()), ended=now or datetime.now(UTC), ended_by=author)
            values = {"ended": ended.ended, "ended_by": author}
            connection.execute(sa.update(_SUPPRESSIONS).where(_SUPPRESSIONS.c.id == number).values(values))
        return ended


def _judge(connection: sa.Connection, finding: str, said: Opinion, author: str, at: datetime) -> Triage:
    row = connection.execute(_of(finding).order_by(_TRIAGE.c.id.desc()).limit(1)).first()
    before = Triage() if row is None else _triage(row)
    after = Triage(
        state=said.state or before.state,
        assignee=before.assignee if said.assignee is None else said.assignee or None,
        note=before.note if said.note is None else said.note or None,
        marked=before.marked if said.marked is None else said.marked,
        author=author,
        at=at,
    )
    connection.execute(sa.insert(_TRIAGE), {"finding": finding, **asdict(after)})
    return after


def _of(finding: str) -> sa.Select[Any]:
    return sa.select(_TRIAGE).where(_TRIAGE.c.finding == finding)


def _triage(row: Any) -> Triage:
    values = {field.name: getattr(row, field.name) for field in fields(Triage)}
    return Triage(**values | {"state": TriageState(values["state"])})
