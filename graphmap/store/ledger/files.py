"""Which files are in the lake."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from graphmap.store.ledger.database import METADATA, Database, Time, Words, insert

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILES = sa.Table(
    "files",
    METADATA,
    sa.Column("fingerprint", sa.String, primary_key=True),
    sa.Column("head", sa.String, nullable=False, index=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("reader", sa.String, nullable=False),
    *(
        sa.Column(name, sa.BigInteger, nullable=False)
        for name in ("bytes", "lines", "events", "added", "duplicates", "context", "other", "rejects")
    ),
    sa.Column("first", Time),
    sa.Column("last", Time),
    sa.Column("ingested_at", Time, nullable=False),
)

_AT_ONCE = 500
"""Values in one question: databases limit them."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A log whose every event is in the lake.

    Parameters
    ----------
    fingerprint
        Of the decompressed content and of the options that change its meaning.
    head
        The same over the first bytes only: content whose head is new need not be hashed to know that it is new.
    name, reader
        As given when it was read, and the reader that read it.
    bytes, lines
        Size of the decompressed content.
    events, added, duplicates
        Events read, and of them those new to the lake and those already there; ``events = added + duplicates``.
    context, other, rejects
        Lines that report no event, lines of other programs, and lines not understood.
    first, last
        Times of the earliest and latest event; None where there is none.
    """

    fingerprint: str
    head: str
    name: str
    reader: str
    bytes: int
    lines: int
    events: int
    added: int
    duplicates: int
    context: int
    other: int
    rejects: int
    first: datetime | None
    last: datetime | None


class Files(Database):
    """The part of the ledger that knows files."""

    @staticmethod
    def mark(connection: sa.Connection) -> tuple[object, ...]:
        """How many there are; none ever goes."""
        return tuple(connection.execute(sa.select(sa.func.count()).select_from(_FILES)).one())

    def knows_head(self, head: str) -> bool:
        """Tell whether some ingested content began like this."""
        with self.transaction() as connection:
            query = sa.select(_FILES.c.fingerprint).where(_FILES.c.head == head).limit(1)
            return connection.execute(query).first() is not None

    def known(self, heads: Iterable[str]) -> dict[str, frozenset[str]]:
        """The fingerprints of ingested content, by how it began; a beginning that nothing has is not in it."""
        found: dict[str, set[str]] = {}
        wanted = sorted(heads)
        with self.transaction() as connection:
            for begin in range(0, len(wanted), _AT_ONCE):
                some = _FILES.c.head.in_(wanted[begin : begin + _AT_ONCE])
                for head, fingerprint in connection.execute(sa.select(_FILES.c.head, _FILES.c.fingerprint).where(some)):
                    found.setdefault(head, set()).add(fingerprint)
        return {head: frozenset(fingerprints) for head, fingerprints in found.items()}

    def file(self, fingerprint: str) -> FileRecord | None:
        """Find the record of this content, whatever the file's name is now."""
        with self.transaction() as connection:
            row = connection.execute(sa.select(*_RECORD).where(_FILES.c.fingerprint == fingerprint)).first()
        return None if row is None else FileRecord(**row._asdict())

    def files(self) -> list[FileRecord]:
        """All ingested files, by name and then in the order of their first events."""
        with self.transaction() as connection:
            rows = connection.execute(sa.select(*_RECORD).order_by(_FILES.c.name, _FILES.c.first)).all()
        return [FileRecord(**row._asdict()) for row in rows]

    def record_files(self, records: Iterable[FileRecord], *, now: datetime | None = None) -> None:
        """Write down that all events of these files are in the lake; known content stays as first recorded."""
        at = now or datetime.now(UTC)
        rows = [{**asdict(record), "ingested_at": at} for record in records]
        if rows:
            with self.transaction(write=True) as connection:
                connection.execute(insert(connection, _FILES).on_conflict_do_nothing(), rows)


_RECORD = [_FILES.c[field.name] for field in fields(FileRecord)]
