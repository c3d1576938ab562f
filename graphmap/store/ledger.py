"""The ledger: which files are in the lake, and what was found. SQLite in WAL mode; the only door to SQLAlchemy.

Everything here is small and transactional; the bulk is in the lake. The database is made when it is first opened.
Several processes may use one ledger at once, on one machine: WAL needs shared memory, so a network folder will not do.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from graphmap.config import PRIVATE
from graphmap.documents import finding_document, finding_from_document
from graphmap.errors import QueryError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from graphmap.model import Finding

SCHEMA_VERSION = 1
BUSY_SECONDS = 60
"""How long a process waits for another one that is writing."""


class _Time(sa.types.TypeDecorator[datetime]):
    """UTC microseconds since 1970 as an integer: it sorts, and SQLite has no zones."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        delta = value - datetime.fromtimestamp(0, UTC)
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)


_METADATA = sa.MetaData()

_META = sa.Table(
    "meta",
    _METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

_FILES = sa.Table(
    "files",
    _METADATA,
    sa.Column("fingerprint", sa.String, primary_key=True),
    sa.Column("head", sa.String, nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("reader", sa.String, nullable=False),
    *(
        sa.Column(name, sa.BigInteger, nullable=False)
        for name in ("bytes", "lines", "events", "added", "duplicates", "context", "other", "rejects")
    ),
    sa.Column("first", _Time),
    sa.Column("last", _Time),
    sa.Column("ingested_at", _Time, nullable=False),
)

_FINDINGS = sa.Table(
    "findings",
    _METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("detector", sa.String, nullable=False),
    sa.Column("technique", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("first_seen", _Time),
    sa.Column("last_seen", _Time),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("created_at", _Time, nullable=False),
    sa.Column("updated_at", _Time, nullable=False),
)


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


class Saved(NamedTuple):
    """How many findings were new, changed, or known as they are."""

    new: int
    updated: int
    unchanged: int


class Ledger:
    """An open ledger; close it, or use it in a ``with`` statement.

    Parameters
    ----------
    path
        The SQLite file. Its folder and itself are made where they are missing.

    Raises
    ------
    StoreError
        The file is no ledger, is damaged, cannot be written, or is of a newer graphmap.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}
        )
        sa.event.listen(self._engine, "connect", _configure)
        sa.event.listen(self._engine, "begin", _begin)
        try:
            path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path.parent} cannot be made: {error.strerror}", hint="choose another --home") from error
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def knows_head(self, head: str) -> bool:
        """Tell whether some ingested content began like this."""
        with self._transaction() as connection:
            query = sa.select(_FILES.c.fingerprint).where(_FILES.c.head == head).limit(1)
            return connection.execute(query).first() is not None

    def file(self, fingerprint: str) -> FileRecord | None:
        """Find the record of this content, whatever the file's name is now."""
        with self._transaction() as connection:
            row = connection.execute(sa.select(*_RECORD).where(_FILES.c.fingerprint == fingerprint)).first()
        return None if row is None else FileRecord(**row._asdict())

    def files(self) -> list[FileRecord]:
        """All ingested files, by name and then in the order of their first events."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(*_RECORD).order_by(_FILES.c.name, _FILES.c.first)).all()
        return [FileRecord(**row._asdict()) for row in rows]

    def record_files(self, records: Iterable[FileRecord], *, now: datetime | None = None) -> None:
        """Write down that all events of these files are in the lake; known content stays as first recorded."""
        at = now or datetime.now(UTC)
        rows = [{**asdict(record), "ingested_at": at} for record in records]
        if rows:
            with self._transaction(write=True) as connection:
                connection.execute(insert(_FILES).on_conflict_do_nothing(), rows)

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
        with self._transaction(write=True) as connection:
            count = Counter(_save(connection, row, at) for row in rows.values())
        return Saved(count["new"], count["updated"], count["unchanged"])

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
        with self._transaction() as connection:
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
        with self._transaction() as connection:
            rows = [row for row in connection.execute(query).all() if row.id.startswith(prefix)]
        exact = [row for row in rows if row.id == prefix] or rows
        if not exact:
            raise QueryError(f"no finding {prefix!r}", hint="graphmap findings list shows them")
        if len(exact) > 1:
            shown = ", ".join(row.id for row in exact[:5])
            raise QueryError(f"{len(exact)} findings start with {prefix!r}: {shown}", hint="give more of the id")
        return finding_from_document(json.loads(exact[0].document))

    def _prepare(self) -> None:
        version = self._version()
        if version is None:
            with self._transaction(write=True) as connection:
                _METADATA.create_all(connection)
                row = {"key": "schema", "value": str(SCHEMA_VERSION)}
                connection.execute(insert(_META).on_conflict_do_nothing(), row)
            version = self._version()
        if version is None or not version.isdigit():
            raise StoreError(f"{self.path} is no ledger of graphmap", hint="choose another --home")
        if int(version) > SCHEMA_VERSION:
            raise StoreError(f"{self.path} was made by a newer graphmap (schema {version})", hint="upgrade graphmap")

    def _version(self) -> str | None:
        """The schema version as written; None in an empty file, and empty in the database of another program."""
        with self._transaction() as connection:
            tables = sa.inspect(connection).get_table_names()
            if not tables:
                return None
            if not {"meta", "files", "findings"} <= set(tables):
                return ""
            return connection.scalar(sa.select(_META.c.value).where(_META.c.key == "schema"))

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        try:
            with self._engine.execution_options(write=write).begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise StoreError(f"{self.path}: {error.orig}", hint=_hint(str(error.orig))) from error


_RECORD = [_FILES.c[field.name] for field in fields(FileRecord)]


def _configure(connection: Any, _record: object) -> None:
    """Set up a new connection: WAL, durable commits, and transactions begun by SQLAlchemy instead of the driver."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: sa.Connection) -> None:
    """Begin; to write, take the lock at once: a transaction that reads and then writes would fail, not wait."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _hint(message: str) -> str:
    if "not a database" in message or "malformed" in message:
        return (
            "the file is damaged: move it away; the next ingest adds no event twice, and hunt finds the findings again"
        )
    if "locked" in message:
        return "another process has been writing for long; try again when it is done"
    if "full" in message:
        return "free some space on that disk, then run the same command again"
    return "check the permissions of that folder, or choose another --home"


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
        connection.execute(insert(_FINDINGS), {**row, "created_at": at, "updated_at": at})
        return "new"
    if known == row["document"]:
        return "unchanged"
    connection.execute(sa.update(_FINDINGS).where(same).values(**row, updated_at=at))
    return "updated"
