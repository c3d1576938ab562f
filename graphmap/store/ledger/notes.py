"""What people noted on the map: of a node, or of a link between two. Nothing of it is ever overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from graphmap.errors import OutdatedError
from graphmap.store.ledger.database import METADATA, Database, Time, Words

_NOTES = sa.Table(
    "notes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("node", Words, nullable=False),
    sa.Column("target", Words, nullable=False),  # empty for a node: nulls are not equal to each other
    sa.Column("text", Words),
    sa.Column("marked", sa.Boolean, nullable=False),
    sa.Column("author", Words, nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Index("notes_of", "node", "target"),
)


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody noted, and what holds until somebody notes something else.

    Parameters
    ----------
    node, target
        Id of the node, such as ``host:db1``; of a link where it begins and where it arrives. `target` is None for a
        node.
    text
        None where it was taken back.
    marked
        Whether it should be seen on the map.
    author, at
        Who, and when.
    """

    node: str
    target: str | None
    text: str | None
    marked: bool
    author: str
    at: datetime


class Remark(NamedTuple):
    """What somebody notes: None leaves a field of `Note` as it is, an empty text takes it back."""

    text: str | None = None
    marked: bool | None = None


class Notes(Database):
    """The part of the ledger that keeps notes."""

    def note_down(
        self,
        node: str,
        target: str | None,
        said: Remark,
        *,
        author: str,
        seen: int | None = None,
        now: datetime | None = None,
    ) -> Note:
        """Note something of a node, or of the link from it to `target`.

        Parameters
        ----------
        seen
            How many notes of it the author has seen; None where that does not matter.
        now
            The moment to note, None for the present one.

        Returns
        -------
        What holds from now on.

        Raises
        ------
        OutdatedError
            There are more than the author has seen; then nothing is changed.
        """
        with self.transaction(write=True) as connection:
            held = _held(connection, node, target)
            if seen is not None and seen != len(held):
                raise OutdatedError(f"somebody else noted something of {node} meanwhile", hint="read that first")
            before = held[-1] if held else None
            after = Note(
                node=node,
                target=target,
                text=(before.text if before else None) if said.text is None else said.text or None,
                marked=(before.marked if before else False) if said.marked is None else said.marked,
                author=author,
                at=now or datetime.now(UTC),
            )
            values = {"text": after.text, "marked": after.marked, "author": author, "at": after.at}
            connection.execute(sa.insert(_NOTES), {"node": node, "target": target or "", **values})
        return after

    def notes_of(self, node: str, target: str | None = None) -> list[Note]:
        """All that was noted of a node or a link, the first first."""
        with self.transaction() as connection:
            return _held(connection, node, target)

    def notes(self) -> list[Note]:
        """What holds of each node and link that has a text or is marked, what was noted last first."""
        last = sa.select(sa.func.max(_NOTES.c.id)).group_by(_NOTES.c.node, _NOTES.c.target)
        says = sa.or_(_NOTES.c.text.is_not(None), _NOTES.c.marked)
        chosen = sa.select(_NOTES).where(_NOTES.c.id.in_(last), says).order_by(_NOTES.c.id.desc())
        with self.transaction() as connection:
            return [_note(row) for row in connection.execute(chosen)]


def _held(connection: sa.Connection, node: str, target: str | None) -> list[Note]:
    of = sa.select(_NOTES).where(_NOTES.c.node == node, _NOTES.c.target == (target or ""))
    return [_note(row) for row in connection.execute(of.order_by(_NOTES.c.id))]


def _note(row: Any) -> Note:
    return Note(row.node, row.target or None, row.text, row.marked, row.author, row.at)
