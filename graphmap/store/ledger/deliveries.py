"""What was told to whom: deliveries of alerts, and of each finding all that an output was ever told.

What an alert holds is text to the ledger; `graphmap.pipeline.alerting` writes and reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from graphmap.errors import QueryError
from graphmap.store.ledger.database import METADATA, Database, Time, Words, insert
from graphmap.store.ledger.owners import is_gone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("output", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("summary", Words, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("created", Time, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("due", Time, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("answer", Words),
    sa.Column("ended", Time),
    sa.Column("claimed_by", sa.String),
    sa.Column("claimed_until", Time),
    sa.Index("deliveries_in_turn", "state", "output", "attempts", "created", "place"),
)

_TOLD = sa.Table(
    "told",
    METADATA,
    sa.Column("output", sa.String, primary_key=True),
    sa.Column("finding", sa.String, primary_key=True),
    sa.Column("gist", sa.Text, nullable=False),
    sa.Column("delivery", sa.String),
)


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    """It is to be sent, at the moment that it is due."""
    SENT = "sent"
    DEAD = "dead"
    """It was given up; it is sent only where somebody asks for it."""
    DROPPED = "dropped"
    """Nobody needs to see its findings any more: they were suppressed or judged benign before it could be sent."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to an output.

    Parameters
    ----------
    id
        The idempotency key.
    output, state
        Whom it is for, and what became of it.
    summary
        One line; it holds attackers' text.
    content
        The findings, as they were written; empty once it was sent or dropped.
    created, due, ended
        When it was queued, when it is to be tried next, and when it was sent, given up or dropped: None before.
    attempts
        How many were made.
    answer
        What the receiver, or its absence, said last; None before the first attempt.
    """

    id: str
    output: str
    state: DeliveryState
    summary: str
    content: str
    created: datetime
    due: datetime
    attempts: int
    answer: str | None
    ended: datetime | None


class NewDelivery(NamedTuple):
    """A delivery to be queued; `gists` is what its output will have been told then of each of its findings."""

    id: str
    summary: str
    content: str
    gists: Mapping[str, str]


_FIELDS = [_DELIVERIES.c[field.name] for field in fields(Delivery)]
_IDLE: dict[str, Any] = {"claimed_by": None, "claimed_until": None}


class Deliveries(Database):
    """The part of the ledger that knows what was told to whom."""

    def told(self, output: str) -> dict[str, str]:
        """The gist of each finding that an output was told of, or will be."""
        query = sa.select(_TOLD.c.finding, _TOLD.c.gist).where(_TOLD.c.output == output)
        with self.transaction() as connection:
            return {row.finding: row.gist for row in connection.execute(query)}

    def queue_deliveries(
        self, output: str, before: Mapping[str, str], deliveries: Iterable[NewDelivery], *, now: datetime
    ) -> int | None:
        """Queue deliveries and note what they tell, all or nothing.

        A delivery whose id is there already is not queued again, but where it was dropped.

        Parameters
        ----------
        output
            Whom they are for.
        before
            What `told` gave when they were made.
        deliveries
            In the order in which they are to be sent. No finding is in two of them.
        now
            The moment to note.

        Returns
        -------
        How many were queued; None where another process told the output something of their findings meanwhile: make
        them anew.
        """
        wanted = list(deliveries)
        with self.transaction(write=True) as connection:
            held = {
                row.finding: row.gist for row in connection.execute(sa.select(_TOLD).where(_TOLD.c.output == output))
            }
            if any(held.get(finding) != before.get(finding) for one in wanted for finding in one.gists):
                return None
            return sum(_queue(connection, output, one, now, place) for place, one in enumerate(wanted))

    def tell(self, output: str, gists: Mapping[str, str]) -> None:
        """Note that an output need not be told of findings as they are."""
        with self.transaction(write=True) as connection:
            _note(connection, output, gists, None)

    def waiting_outputs(self) -> list[str]:
        """Outputs with pending deliveries, by name."""
        query = sa.select(_DELIVERIES.c.output).where(_DELIVERIES.c.state == DeliveryState.PENDING).distinct()
        with self.transaction() as connection:
            return sorted(connection.scalars(query))

    def pending_deliveries(self, output: str) -> int:
        """How many of an output are pending."""
        query = sa.select(sa.func.count()).where(_DELIVERIES.c.output == output, _PENDING)
        with self.transaction() as connection:
            return int(connection.scalar(query) or 0)

    def claim_delivery(
        self, output: str, *, by: str, now: datetime, until: datetime, early: bool = False
    ) -> Delivery | None:
        """Take a pending delivery of an output that is due, so that no other process sends it.

        Those that were tried least come first, then the oldest: one that always fails holds up no other.

        Parameters
        ----------
        output
            Whose.
        by
            Names the process (`graphmap.store.ledger.owners`) after something that is new for each run and a ``/``.
        now, until
            The present moment, and when the claim ends by itself: who claims is then taken for dead. It ends at once
            where the process is known to be gone.
        early
            Also one that is not due yet.
        """
        pending = sa.and_(_DELIVERIES.c.output == output, _PENDING)
        holders = sa.select(_DELIVERIES.c.claimed_by).where(pending, _DELIVERIES.c.claimed_until > now).distinct()
        with self.transaction(write=True) as connection:
            gone = [name for name in connection.scalars(holders) if is_gone(name.rpartition("/")[2])]
            ended = sa.or_(_DELIVERIES.c.claimed_until <= now, _DELIVERIES.c.claimed_by.in_(gone))
            free = sa.or_(_DELIVERIES.c.claimed_until.is_(None), ended)
            query = sa.select(*_FIELDS).where(pending, free)
            if not early:
                query = query.where(_DELIVERIES.c.due <= now)
            in_turn = (_DELIVERIES.c.attempts, _DELIVERIES.c.created, _DELIVERIES.c.place)
            row = connection.execute(query.order_by(*in_turn).limit(1)).first()
            if row is None:
                return None
            claim = {"claimed_by": by, "claimed_until": until}
            connection.execute(sa.update(_DELIVERIES).where(_DELIVERIES.c.id == row.id).values(claim))
        return _delivery(row)

    def end_delivery(self, number: str, state: DeliveryState, *, answer: str, now: datetime) -> None:
        """Note that a pending delivery was sent, is dead or dropped. A dropped one is as if it had not been queued."""
        values: dict[str, Any] = {"state": state.value, "answer": answer, "ended": now, **_IDLE}
        if state != DeliveryState.DROPPED:
            values["attempts"] = _DELIVERIES.c.attempts + 1
        if state != DeliveryState.DEAD:
            values["content"] = ""
        with self.transaction(write=True) as connection:
            connection.execute(sa.update(_DELIVERIES).where(_DELIVERIES.c.id == number, _PENDING).values(values))

    def fail_delivery(self, number: str, *, by: str, answer: str, due: datetime) -> None:
        """Note that an attempt failed, and when the next one is; the output's other deliveries wait until then, too."""
        mine = sa.update(_DELIVERIES).where(_DELIVERIES.c.id == number, _DELIVERIES.c.claimed_by == by, _PENDING)
        values = {"attempts": _DELIVERIES.c.attempts + 1, "answer": answer, "due": due, **_IDLE}
        with self.transaction(write=True) as connection:
            output = connection.scalar(mine.values(values).returning(_DELIVERIES.c.output))
            others = sa.update(_DELIVERIES).where(_DELIVERIES.c.output == output, _PENDING, _DELIVERIES.c.due < due)
            connection.execute(others.values(due=due))

    def untell(self, number: str, findings: Sequence[str]) -> None:
        """Forget that an output was to be told of findings by a delivery: it was not."""
        gone = sa.delete(_TOLD).where(_TOLD.c.delivery == number, _TOLD.c.finding.in_(findings))
        with self.transaction(write=True) as connection:
            connection.execute(gone)

    def bury_deliveries(self, output: str, *, answer: str, now: datetime) -> int:
        """Give up all pending deliveries of an output, and say how many they were."""
        values = {"state": DeliveryState.DEAD.value, "answer": answer, "ended": now, **_IDLE}
        with self.transaction(write=True) as connection:
            gone = sa.update(_DELIVERIES).where(_DELIVERIES.c.output == output, _PENDING).values(values)
            return connection.execute(gone).rowcount

    def retry_deliveries(self, numbers: Iterable[str], *, now: datetime) -> int:
        """Let dead or waiting deliveries be due at once, and dead ones have all their attempts again."""
        again = {"state": DeliveryState.PENDING.value, "due": now, "attempts": 0, "ended": None, **_IDLE}
        states = [DeliveryState.DEAD.value, DeliveryState.PENDING.value]
        query = sa.update(_DELIVERIES).where(_DELIVERIES.c.state.in_(states)).values(again)
        with self.transaction(write=True) as connection:
            return sum(connection.execute(query.where(_DELIVERIES.c.id == number)).rowcount for number in numbers)

    def deliveries(self, *, state: DeliveryState | None = None, output: str | None = None) -> list[Delivery]:
        """All that there ever were, or those of a state or an output, the newest first."""
        query = sa.select(*_FIELDS).order_by(_DELIVERIES.c.created.desc(), _DELIVERIES.c.place, _DELIVERIES.c.id)
        if state is not None:
            query = query.where(_DELIVERIES.c.state == state)
        if output is not None:
            query = query.where(_DELIVERIES.c.output == output)
        with self.transaction() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def count_deliveries(self) -> dict[tuple[str, DeliveryState], int]:
        """How many deliveries there are of each output and state."""
        groups = (_DELIVERIES.c.output, _DELIVERIES.c.state)
        query = sa.select(*groups, sa.func.count().label("number")).group_by(*groups)
        with self.transaction() as connection:
            return {(row.output, DeliveryState(row.state)): row.number for row in connection.execute(query)}

    def forget_deliveries(self, before: datetime) -> int:
        """Remove those that were sent or dropped before a moment; give their number. What was told is still known."""
        over = _DELIVERIES.c.state.in_([DeliveryState.SENT.value, DeliveryState.DROPPED.value])
        with self.transaction(write=True) as connection:
            return connection.execute(sa.delete(_DELIVERIES).where(over, _DELIVERIES.c.ended < before)).rowcount

    def delivery(self, prefix: str) -> Delivery:
        """The delivery whose id starts with `prefix`.

        Raises
        ------
        QueryError
            No delivery, or more than one, has such an id.
        """
        query = sa.select(*_FIELDS).where(_DELIVERIES.c.id.startswith(prefix, autoescape=True))
        with self.transaction() as connection:
            rows = [row for row in connection.execute(query.order_by(_DELIVERIES.c.id)) if row.id.startswith(prefix)]
        if not rows:
            raise QueryError(f"no delivery {prefix!r}", hint="graphmap alerts list shows them")
        if len(rows) > 1:
            raise QueryError(f"{len(rows)} deliveries start with {prefix!r}", hint="give more of the id")
        return _delivery(rows[0])


_PENDING = _DELIVERIES.c.state == DeliveryState.PENDING.value


def _queue(connection: sa.Connection, output: str, one: NewDelivery, now: datetime, place: int) -> int:
    row = {
        "id": one.id,
        "output": output,
        "state": DeliveryState.PENDING.value,
        "summary": one.summary,
        "content": one.content,
        "created": now,
        "place": place,
        "due": now,
        "attempts": 0,
        "answer": None,
        "ended": None,
        **_IDLE,
    }
    dropped = _DELIVERIES.c.state == DeliveryState.DROPPED.value
    added = insert(connection, _DELIVERIES).values(row)
    again = added.on_conflict_do_update(index_elements=[_DELIVERIES.c.id], set_=row, where=dropped)
    queued = connection.scalar(again.returning(_DELIVERIES.c.id)) is not None
    _note(connection, output, one.gists, one.id)
    return int(queued)


def _note(connection: sa.Connection, output: str, gists: Mapping[str, str], delivery: str | None) -> None:
    rows = [{"output": output, "finding": f, "gist": gist, "delivery": delivery} for f, gist in gists.items()]
    if rows:
        added = insert(connection, _TOLD)
        changed = {name: added.excluded[name] for name in ("gist", "delivery")}
        connection.execute(
            added.on_conflict_do_update(index_elements=[_TOLD.c.output, _TOLD.c.finding], set_=changed), rows
        )


def _delivery(row: Any) -> Delivery:
    values = row._asdict()
    return Delivery(**values | {"state": DeliveryState(values["state"])})
