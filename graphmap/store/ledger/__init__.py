"""The ledger: what was read, what was found, and what people said of it. The only door to SQLAlchemy.

It is SQLite in WAL mode, or PostgreSQL. Everything here is small and transactional; the bulk is in the lake. The tables
are made when it is first opened. Several processes may use one ledger at once; with SQLite on one machine: WAL needs
shared memory, so a network folder will not do.
"""

from __future__ import annotations

from graphmap.store.ledger.access import Access, NewToken, digest_of
from graphmap.store.ledger.cases import Cases, Opinion
from graphmap.store.ledger.deliveries import Deliveries, Delivery, DeliveryState, NewDelivery
from graphmap.store.ledger.files import FileRecord, Files
from graphmap.store.ledger.findings import Findings, Saved
from graphmap.store.ledger.notes import Note, Notes, Remark
from graphmap.store.ledger.runs import Claim, Run, Runs, RunState
from graphmap.store.ledger.stories import Stories
from graphmap.store.ledger.views import View, Views

__all__ = [
    "Claim",
    "Delivery",
    "DeliveryState",
    "FileRecord",
    "Ledger",
    "NewDelivery",
    "NewToken",
    "Note",
    "Opinion",
    "Remark",
    "Run",
    "RunState",
    "Saved",
    "View",
    "digest_of",
]


class Ledger(Files, Findings, Stories, Cases, Notes, Runs, Deliveries, Access, Views):
    """An open ledger, all of it; close it, or use it in a ``with`` statement."""

    def marks(self) -> tuple[object, ...]:
        """What changes when a log was read, a finding changes, or people say something; not when a job runs."""
        with self.transaction() as connection:
            return (*Files.mark(connection), *Findings.mark(connection), *Cases.mark(connection))

    def found(self) -> tuple[object, ...]:
        """What changes when a finding does."""
        with self.transaction() as connection:
            return Findings.mark(connection)
