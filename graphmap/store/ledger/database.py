"""The database of the ledger: how it is opened, and what a transaction is."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from graphmap.config import PRIVATE
from graphmap.errors import StoreError
from graphmap.store.closing import Closing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA_VERSION = 3
"""2 added `triage` and `suppressions`; 3 what runs by itself, what was sent where, and who may ask."""
BUSY_SECONDS = 60
"""How long a process waits for another one that is writing."""

METADATA = sa.MetaData()
"""Every table of the ledger; each room of this package adds its own."""


class Time(sa.types.TypeDecorator[datetime]):
    """UTC microseconds since 1970 as an integer: it sorts, and SQLite has no zones."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002, D102 - SQLAlchemy asks for it
        if value is None:
            return None
        delta = value - datetime.fromtimestamp(0, UTC)
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy asks for it
        if value is None:
            return None
        return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)


_META = sa.Table(
    "meta",
    METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)


class Database(Closing):
    """An open database; close it, or use it in a ``with`` statement.

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

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def _prepare(self) -> None:
        version = self._version()
        if version is None or (version.isdigit() and int(version) < SCHEMA_VERSION):
            with self.transaction(write=True) as connection:
                METADATA.create_all(connection)
                row = insert(_META).values(key="schema", value=str(SCHEMA_VERSION))
                changed = {"value": row.excluded.value}
                connection.execute(row.on_conflict_do_update(index_elements=[_META.c.key], set_=changed))
            version = self._version()
        if version is None or not version.isdigit():
            raise StoreError(f"{self.path} is no ledger of graphmap", hint="choose another --home")
        if int(version) > SCHEMA_VERSION:
            raise StoreError(f"{self.path} was made by a newer graphmap (schema {version})", hint="upgrade graphmap")

    def _version(self) -> str | None:
        """The schema version as written; None in an empty file, and empty in the database of another program."""
        with self.transaction() as connection:
            tables = sa.inspect(connection).get_table_names()
            if not tables:
                return None
            if not {"meta", "files", "findings"} <= set(tables):
                return ""
            return connection.scalar(sa.select(_META.c.value).where(_META.c.key == "schema"))

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """All or nothing; to `write`, it waits for whoever writes.

        Raises
        ------
        StoreError
            The database cannot be read or written.
        """
        try:
            with self._engine.execution_options(write=write).begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise StoreError(f"{self.path}: {error.orig}", hint=_hint(str(error.orig))) from error


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
