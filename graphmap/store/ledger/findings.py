"""What was found."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from graphmap.documents import finding_document, finding_from_document
from graphmap.errors import QueryError
from graphmap.store.ledger.database import METADATA, Database, Time, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.model import Finding

_FINDINGS = sa.Table(
    "findings",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("detector", sa.String, nullable=False),
    sa.Column("technique", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("title", Words, nullable=False),
    sa.Column("first_seen", Time),
    sa.Column("last_seen", Time),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
)


class Saved(NamedTuple):
    """How many findings were new, changed, or known as they are; `fresh` are the ids of the new and the changed."""

    new: int
    updated: int
    unchanged: int
    fresh: frozenset[str] = frozenset()


class Findings(Database):
    """The part of the ledger that knows findings."""

    def save_findings(self, findings: Iterable[Finding], *, now: datetime | None = None) -> Saved:
        """Store findings by id. Saving the same findings again changes nothing, `updated_at` included.

        Parameters
        ----------
        findings
            Of one or several detectors; the last one of an id wins.
        now
            The moment to note; None for the present one.
        """
        at = now or datetime.now(UTC)
        rows = {finding.id: _finding_row(finding) for finding in findings}
        with self.transaction(write=True) as connection:
            became = {name: _save(connection, row, at) for name, row in rows.items()}
        count = Counter(became.values())
        fresh = frozenset(name for name, what in became.items() if what != "unchanged")
        return Saved(count["new"], count["updated"], count["unchanged"], fresh)

    def count_findings(self) -> int:
        """How many findings are stored."""
        with self.transaction() as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(_FINDINGS)) or 0)

    @staticmethod
    def mark(connection: sa.Connection) -> tuple[object, ...]:
        """The last change, and how many there are."""
        return tuple(connection.execute(sa.select(sa.func.max(_FINDINGS.c.updated_at), sa.func.count())).one())

    def findings(
        self, *, detector: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[Finding]:
        """The stored findings, the highest score first.

        Parameters
        ----------
        detector
            Only this detector's.
        since, until
            Only those with evidence in ``since <= time < until``; a finding without times is always given.
        """
        query = sa.select(_FINDINGS.c.document).order_by(_FINDINGS.c.score.desc(), _FINDINGS.c.id)
        if detector is not None:
            query = query.where(_FINDINGS.c.detector == detector)
        if since is not None:
            query = query.where(sa.func.coalesce(_FINDINGS.c.last_seen >= since, sa.true()))
        if until is not None:
            query = query.where(sa.func.coalesce(_FINDINGS.c.first_seen < until, sa.true()))
        with self.transaction() as connection:
            return [finding_from_document(json.loads(text)) for text in connection.scalars(query)]

    def finding(self, prefix: str) -> Finding:
        """The finding whose id starts with `prefix`.

        Raises
        ------
        QueryError
            No finding, or more than one, has such an id.
        """
        ids = _FINDINGS.c.id
        query = sa.select(ids, _FINDINGS.c.document).where(ids.startswith(prefix, autoescape=True)).order_by(ids)
        with self.transaction() as connection:
            rows = [row for row in connection.execute(query).all() if row.id.startswith(prefix)]
        exact = [row for row in rows if row.id == prefix] or rows
        if not exact:
            raise QueryError(f"no finding {prefix!r}", hint="graphmap findings list shows them")
        if len(exact) > 1:
            shown = ", ".join(row.id for row in exact[:5])
            raise QueryError(f"{len(exact)} findings start with {prefix!r}: {shown}", hint="give more of the id")
        return finding_from_document(json.loads(exact[0].document))


def is_stored(connection: sa.Connection, finding: str) -> bool:
    """Whether there is a finding of that id."""
    return connection.scalar(sa.select(_FINDINGS.c.id).where(_FINDINGS.c.id == finding)) is not None


def _finding_row(finding: Finding) -> dict[str, Any]:
    document = finding_document(finding)
    return {
        **{name: document[name] for name in ("id", "detector", "technique", "severity", "score", "title")},
        "first_seen": finding.first,
        "last_seen": finding.last,
        "document": json.dumps(document),
    }


def _save(connection: sa.Connection, row: dict[str, Any], at: datetime) -> str:
    same = _FINDINGS.c.id == row["id"]
    known = connection.scalar(sa.select(_FINDINGS.c.document).where(same))
    if known is None:
        connection.execute(sa.insert(_FINDINGS), {**row, "created_at": at, "updated_at": at})
        return "new"
    if known == row["document"]:
        return "unchanged"
    connection.execute(sa.update(_FINDINGS).where(same).values(**row, updated_at=at))
    return "updated"
